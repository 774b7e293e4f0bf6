//! The access log: W3C extended format, the fields that administrators know from IIS, a file
//! a day. It never makes a request wait: where the disk does not follow, lines are lost, and
//! the file says how many.

mod file;
mod line;

use crate::clock::{Clock, UnixMs};
use file::{DailyFile, Unwritten};
use line::LONGEST;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;

/// How many lines may wait for the disk.
const WAITING: usize = 4096;

/// How many are written at once.
const BATCH: usize = 64;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When it was answered.
    pub at_ms: UnixMs,
    /// Address of the client.
    pub client: std::net::IpAddr,
    /// Who it was; empty for nobody that was proved.
    pub user: String,
    /// Method.
    pub method: String,
    /// What was asked for, without the query.
    pub target: String,
    /// Status of the answer.
    pub status: u16,
    /// Bytes of the answer's body.
    pub sent: u64,
    /// Bytes of the request's body.
    pub received: u64,
    /// Milliseconds from the request's head to its answer.
    pub took_ms: i64,
    /// What the client calls itself; empty if it does not say.
    pub agent: String,
}

/// Where requests are noted. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct AccessLog(Option<Open>);

#[derive(Clone, Debug)]
struct Open {
    lines: Sender<Access>,
    lost: Arc<AtomicU64>,
}

impl AccessLog {
    /// Writes to `directory`, which is made if it is missing. The task ends, with all written,
    /// when the last clone of the log is gone.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn start(directory: &Path, clock: Clock) -> std::io::Result<(Self, JoinHandle<()>)> {
        let file = DailyFile::new(directory)?;
        let (lines, receiver) = mpsc::channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(write(receiver, file, lost.clone(), clock));
        Ok((Self(Some(Open { lines, lost })), task))
    }

    /// A log that notes nothing.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// Whether requests are noted at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Notes a request. Never waits.
    pub fn note(&self, access: Access) {
        if let Some(open) = &self.0
            && open.lines.try_send(access.bounded()).is_err()
        {
            lose(&open.lost, 1);
        }
    }
}

impl Access {
    /// With nothing in it that is longer than what is written: many of these wait in memory.
    fn bounded(mut self) -> Self {
        let texts = [
            &mut self.user,
            &mut self.method,
            &mut self.target,
            &mut self.agent,
        ];
        for text in texts {
            if text.len() > LONGEST {
                text.truncate(text.floor_char_boundary(LONGEST));
                text.shrink_to_fit();
            }
        }
        self
    }
}

fn lose(lost: &AtomicU64, lines: u64) {
    lost.fetch_add(lines, Ordering::Relaxed);
    metrics::counter!("rollcall_access_log_lines_lost_total").increment(lines);
}

async fn write(
    mut lines: Receiver<Access>,
    mut file: DailyFile,
    lost: Arc<AtomicU64>,
    clock: Clock,
) {
    let mut broken = false;
    let mut batch = Vec::with_capacity(BATCH);
    while lines.recv_many(&mut batch, BATCH).await > 0 {
        let missing = lost.swap(0, Ordering::Relaxed);
        let now = clock.wall_ms();
        let noted = std::mem::take(&mut batch);
        // The disk may be slow; the runtime's threads answer requests.
        let written = tokio::task::spawn_blocking(move || {
            let result = file.append(&noted, missing, now);
            (file, result)
        });
        let Ok((back, written)) = written.await else {
            return;
        };
        file = back;
        if let Err(Unwritten {
            lines,
            remark,
            error,
        }) = &written
        {
            lose(&lost, *lines);
            if *remark {
                // Counted already, and still to be said.
                lost.fetch_add(missing, Ordering::Relaxed);
            }
            if !broken {
                tracing::warn!(%error, "the access log cannot be written; see that the disk has room and that this user may write to the directory logs");
            }
        } else if broken {
            tracing::info!("the access log can be written again");
        }
        broken = written.is_err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use line::tests::access;

    #[tokio::test]
    async fn what_is_noted_is_in_the_file_once_the_log_is_closed() {
        let place = tempfile::tempdir().unwrap();
        let (log, task) =
            AccessLog::start(&place.path().join("logs"), Clock::manual(access().at_ms)).unwrap();
        for _ in 0..200 {
            log.note(access());
        }
        drop(log);
        task.await.unwrap();
        let text = std::fs::read_to_string(place.path().join("logs/ex021122.log")).unwrap();
        assert_eq!(
            text.lines().filter(|line| !line.starts_with('#')).count(),
            200
        );
    }

    #[test]
    fn a_full_channel_loses_lines_and_counts_them() {
        let (lines, _receiver) = mpsc::channel(2);
        let lost = Arc::new(AtomicU64::new(0));
        let log = AccessLog(Some(Open {
            lines,
            lost: lost.clone(),
        }));
        for _ in 0..5 {
            log.note(access());
        }
        assert_eq!(lost.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn lines_that_the_disk_does_not_take_are_counted_and_the_file_says_so_later() {
        let place = tempfile::tempdir().unwrap();
        let logs = place.path().join("logs");
        let (log, task) = AccessLog::start(&logs, Clock::manual(access().at_ms)).unwrap();
        let lost = log.0.as_ref().unwrap().lost.clone();
        // No file can be made there.
        std::fs::remove_dir(&logs).unwrap();
        for number in 1..=100 {
            log.note(access());
            while lost.load(Ordering::Relaxed) < number {
                tokio::task::yield_now().await;
            }
        }
        std::fs::create_dir(&logs).unwrap();
        log.note(access());
        drop(log);
        task.await.unwrap();
        let text = std::fs::read_to_string(logs.join("ex021122.log")).unwrap();
        assert!(text.contains("#Remark: 100 lines were lost"), "{text}");
        assert_eq!(lost.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_strangers_send_does_not_wait_in_memory_whole() {
        let long = Access {
            target: "é".repeat(20_000),
            ..access()
        };
        assert!(long.bounded().target.len() <= LONGEST);
    }
}
