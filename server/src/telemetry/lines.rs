//! Lines that are written by a thread of their own. Whoever has something to say never waits for
//! whoever reads it: where nobody does, lines are lost and counted, and the reader is told how
//! many as soon as one reads again.

use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

/// Bytes that may wait to be written.
const WAITING: usize = 4 * 1024 * 1024;

/// The pause where whoever shares the other end has made it one that never waits.
const FULL_PAUSE: Duration = Duration::from_millis(20);

/// What is told once lines get through again; gets their number.
type Remark = fn(u64) -> String;

/// Where lines are handed in. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// There is something to write, or all is written.
    changed: Condvar,
    /// Counts what is lost.
    counter: Option<&'static str>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<Box<[u8]>>,
    bytes: usize,
    lost: u64,
    /// The thread has taken something and is not done with it.
    writing: bool,
    closed: bool,
}

impl Lines {
    /// Starts the thread that writes to `end`, such as standard error.
    ///
    /// # Errors
    /// The system gives no thread or no file handle.
    pub(super) fn start(
        name: &str,
        end: impl AsFd,
        counter: Option<&'static str>,
        remark: Remark,
    ) -> io::Result<Self> {
        // Of its own, so that nobody is kept waiting for the lock of `std::io::stderr`.
        let end = end.as_fd().try_clone_to_owned()?;
        let lines = Self(Arc::new(Shared {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            counter,
        }));
        let of_thread = lines.clone();
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || of_thread.write_all(end, remark))?;
        Ok(lines)
    }

    /// Hands a line in, or loses it. Never waits.
    pub(super) fn push(&self, line: &[u8]) {
        let mut waiting = self.0.waiting.lock();
        if waiting.closed || waiting.bytes + line.len() > WAITING {
            self.lose(&mut waiting);
            return;
        }
        waiting.bytes += line.len();
        waiting.lines.push_back(line.into());
        drop(waiting);
        self.0.changed.notify_all();
    }

    /// Takes no more, and waits until all is written, but not longer than this.
    pub(super) fn finish(&self, within: Duration) {
        let mut waiting = self.0.waiting.lock();
        waiting.closed = true;
        self.0.changed.notify_all();
        let open = |waiting: &mut Waiting| waiting.writing || !waiting.lines.is_empty();
        self.0.changed.wait_while_for(&mut waiting, open, within);
    }

    fn lose(&self, waiting: &mut Waiting) {
        waiting.lost += 1;
        if let Some(counter) = self.0.counter {
            metrics::counter!(counter).increment(1);
        }
    }

    /// The thread.
    fn write_all(&self, end: OwnedFd, remark: Remark) {
        let mut end = File::from(end);
        while let Some(line) = self.next() {
            let written = write(&mut end, &line);
            let mut waiting = self.0.waiting.lock();
            waiting.writing = false;
            match written {
                Ok(()) if waiting.lost > 0 => {
                    let remark = remark(std::mem::take(&mut waiting.lost)).into_bytes();
                    waiting.bytes += remark.len();
                    waiting.lines.push_front(remark.into());
                }
                Ok(()) => {}
                Err(_) => self.lose(&mut waiting),
            }
            drop(waiting);
            self.0.changed.notify_all();
        }
    }

    /// The next line, when there is one; `None`: there will be none.
    fn next(&self) -> Option<Box<[u8]>> {
        let mut waiting = self.0.waiting.lock();
        loop {
            if let Some(line) = waiting.lines.pop_front() {
                waiting.bytes -= line.len();
                waiting.writing = true;
                return Some(line);
            }
            if waiting.closed {
                return None;
            }
            self.0.changed.wait(&mut waiting);
        }
    }
}

fn write(end: &mut File, mut line: &[u8]) -> io::Result<()> {
    while !line.is_empty() {
        match end.write(line) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => line = &line[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(FULL_PAUSE),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// One line of the log, handed in when it is complete.
#[derive(Debug)]
pub(super) struct LineWriter<'a> {
    lines: &'a Lines,
    line: Vec<u8>,
}

impl Lines {
    /// Something to write one line to.
    #[must_use]
    pub(super) fn writer(&self) -> LineWriter<'_> {
        LineWriter {
            lines: self,
            line: Vec::new(),
        }
    }
}

impl Write for LineWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LineWriter<'_> {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            self.lines.push(&self.line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    fn remark(lost: u64) -> String {
        format!("{lost} lost\n")
    }

    #[test]
    fn lines_come_in_their_order_and_all_are_written_at_the_end() {
        let (mut reader, writer) = io::pipe().unwrap();
        let lines = Lines::start("test", &writer, None, remark).unwrap();
        drop(writer);
        for number in 0..100 {
            writeln!(lines.writer(), "{number}").unwrap();
        }
        lines.finish(Duration::from_secs(5));
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        let expected: String = (0..100).map(|number| format!("{number}\n")).collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn nobody_waits_for_a_reader_who_does_not_read_and_who_is_told_later() {
        let (mut reader, writer) = io::pipe().unwrap();
        let lines = Lines::start("test", &writer, None, remark).unwrap();
        drop(writer);
        let line = vec![b'x'; 64 * 1024];
        // What the pipe holds, what may wait, and more.
        let more = 200;
        for _ in 0..more {
            lines.push(&line);
        }
        let lost = lines.0.waiting.lock().lost;
        assert!(lost > 100 && lost < more, "{lost}");
        assert!(lines.0.waiting.lock().bytes <= WAITING);
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).map(|_| text)
        });
        lines.finish(Duration::from_secs(10));
        let text = reader.join().unwrap().unwrap();
        assert!(text.contains(&remark(lost)), "not told of {lost}");
        assert_eq!(
            text.matches('x').count(),
            line.len() * usize::try_from(more - lost).unwrap()
        );
    }

    #[test]
    fn a_reader_who_is_gone_costs_lines_and_nothing_else() {
        let (reader, writer) = io::pipe().unwrap();
        let lines = Lines::start("test", &writer, None, remark).unwrap();
        drop((reader, writer));
        for _ in 0..100 {
            lines.push(b"nobody reads this\n");
        }
        lines.finish(Duration::from_secs(5));
        assert_eq!(lines.0.waiting.lock().lost, 100);
    }
}
