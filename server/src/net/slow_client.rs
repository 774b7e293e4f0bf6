//! A client's connection that ends when the client dawdles: over the head of a request, or over
//! taking its answer. (A body is timed where it is read, silence by the HTTP library.)

use super::time_for;
use crate::config::PhaseTimeouts;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What is read and thrown away of a body that was refused, and how long: who is still sending
/// would not get to see the answer otherwise.
const LINGER_BYTES: usize = 16 * 1024 * 1024;
const LINGER: Duration = Duration::from_secs(2);

/// How far a connection's requests have got.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<Steps>);

#[derive(Debug, Default)]
struct Steps {
    /// Odd while a request is being answered.
    answers: AtomicU64,
    /// A head has begun and is not complete.
    in_head: AtomicBool,
    /// An answer has been begun and is not written whole.
    in_answer: AtomicBool,
    /// The answer was made without reading all of the body.
    unread: AtomicBool,
}

/// While it lives, a request is being answered.
#[derive(Debug)]
pub(super) struct Answering(Progress);

impl Progress {
    /// The head of a request is complete.
    pub(super) fn answering(&self) -> Answering {
        self.0.answers.fetch_add(1, Ordering::Relaxed);
        self.0.in_head.store(false, Ordering::Relaxed);
        Answering(self.clone())
    }

    /// The rest of a body will not be read.
    pub(super) fn leave_unread(&self) {
        self.0.unread.store(true, Ordering::Relaxed);
    }

    /// Whether nothing is under way on this connection.
    pub(super) fn is_idle(&self) -> bool {
        !self.is_answering() && !self.0.in_head.load(Ordering::Relaxed)
    }

    /// Whether a request is under way that was read so far that it deserves an answer.
    pub(super) fn is_answering(&self) -> bool {
        self.answers() % 2 == 1 || self.0.in_answer.load(Ordering::Relaxed)
    }

    fn answers(&self) -> u64 {
        self.0.answers.load(Ordering::Relaxed)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.answers.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stream with an end to the patience with its other side.
#[derive(Debug)]
pub(super) struct SlowClientTimeout<S> {
    stream: S,
    progress: Progress,
    times: PhaseTimeouts,
    /// Since the first byte of a head, and the progress at that time.
    head: Option<(u64, Pin<Box<Sleep>>)>,
    /// Since an answer could not be written on.
    answer: Option<Pin<Box<Sleep>>>,
    /// What was read since the end was near, and until when.
    lingering: Option<(usize, Pin<Box<Sleep>>)>,
}

impl<S> SlowClientTimeout<S> {
    pub(super) fn new(stream: S, progress: Progress, times: PhaseTimeouts) -> Self {
        Self {
            stream,
            progress,
            times,
            head: None,
            answer: None,
            lingering: None,
        }
    }

    /// After a try to write: whether the other side takes too long over what it does not take.
    fn written(
        &mut self,
        cx: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.progress.0.in_answer.store(true, Ordering::Relaxed);
        let limit = self.times.answer;
        match &polled {
            Poll::Pending => {
                let timer = self.answer.get_or_insert_with(|| Box::pin(sleep(limit)));
                ready!(timer.as_mut().poll(cx));
                Poll::Ready(Err(too_slow("answer", "its answer", limit)))
            }
            Poll::Ready(Ok(bytes)) => {
                if let Some(timer) = &mut self.answer {
                    let later = timer.deadline() + time_for(*bytes as u64);
                    timer.as_mut().reset(later);
                }
                polled
            }
            Poll::Ready(Err(_)) => polled,
        }
    }
}

fn too_slow(over: &'static str, what: &str, limit: Duration) -> io::Error {
    metrics::counter!("rollcall_connections_cut_total", "over" => over).increment(1);
    let text = format!(
        "the client took more than {} s over {what}",
        limit.as_secs()
    );
    io::Error::new(io::ErrorKind::TimedOut, text)
}

impl<S: AsyncRead + Unpin> AsyncRead for SlowClientTimeout<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let now = self.progress.answers();
        if self.head.as_ref().is_some_and(|(begun, _)| *begun != now) {
            self.head = None;
        }
        if now % 2 == 1 {
            return polled;
        }
        let limit = self.times.head;
        if polled.is_ready() && buffer.filled().len() > before && self.head.is_none() {
            self.head = Some((now, Box::pin(sleep(limit))));
            self.progress.0.in_head.store(true, Ordering::Relaxed);
        }
        if polled.is_pending()
            && let Some((_, timer)) = &mut self.head
            && timer.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(too_slow("head", "the head of a request", limit)));
        }
        polled
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> SlowClientTimeout<S> {
    /// Reads on, for who is still sending what was refused: an end before that would take the
    /// answer from them.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (read, timer) = self
            .lingering
            .get_or_insert_with(|| (0, Box::pin(sleep(LINGER))));
        let mut scratch = [0; 8192];
        while *read < LINGER_BYTES {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    *read += buffer.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return timer.as_mut().poll(cx),
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for SlowClientTimeout<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.written(cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for when all of an answer has been written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.answer = None;
        self.progress.0.in_answer.store(false, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        if self.progress.0.unread.load(Ordering::Relaxed) {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::time::Instant;

    const TIMES: PhaseTimeouts = PhaseTimeouts {
        idle: Duration::from_millis(300),
        head: Duration::from_millis(100),
        body: Duration::from_millis(100),
        answer: Duration::from_millis(200),
    };
    /// Well below each of them.
    const NOW_AND_THEN: Duration = Duration::from_millis(10);

    fn pair() -> (DuplexStream, SlowClientTimeout<DuplexStream>, Progress) {
        let (client, server) = tokio::io::duplex(64);
        let progress = Progress::default();
        let stream = SlowClientTimeout::new(server, progress.clone(), TIMES);
        (client, stream, progress)
    }

    #[tokio::test]
    async fn a_head_that_drips_is_cut_off() {
        let (mut client, mut server, _progress) = pair();
        tokio::spawn(async move {
            while client.write_all(b"x").await.is_ok() {
                sleep(NOW_AND_THEN).await;
            }
        });
        let begun = Instant::now();
        let error = server.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        assert!(begun.elapsed() >= TIMES.head);
    }

    #[tokio::test]
    async fn silence_and_a_long_answer_are_not_the_head_of_a_request() {
        let (mut client, mut server, progress) = pair();
        let mut byte = [0];
        let quiet = tokio::time::timeout(TIMES.idle, server.read(&mut byte));
        assert!(quiet.await.is_err(), "nothing was said, and nothing cut");
        client.write_all(b"xy").await.unwrap();
        server.read_exact(&mut byte).await.unwrap();
        let answering = progress.answering();
        server.read_exact(&mut byte).await.unwrap();
        let busy = tokio::time::timeout(TIMES.idle, server.read(&mut byte));
        assert!(busy.await.is_err(), "cut while it was answered");
        drop(answering);
        let quiet = tokio::time::timeout(TIMES.idle, server.read(&mut byte));
        assert!(quiet.await.is_err(), "cut between two requests");
    }

    #[tokio::test]
    async fn an_answer_that_is_not_taken_is_cut_off() {
        let (client, mut server, _progress) = pair();
        let begun = Instant::now();
        let error = server.write_all(&[b'x'; 1000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        assert!(begun.elapsed() >= TIMES.answer);
        drop(client);
    }

    #[tokio::test]
    async fn an_answer_taken_byte_by_byte_is_cut_off_too() {
        let (mut client, mut server, _progress) = pair();
        tokio::spawn(async move {
            while client.read_u8().await.is_ok() {
                sleep(NOW_AND_THEN).await;
            }
        });
        assert!(server.write_all(&[b'x'; 10_000]).await.is_err());
    }

    #[tokio::test]
    async fn each_answer_has_its_own_time() {
        let (mut client, mut server, _progress) = pair();
        for _ in 0..3 {
            let slow = async {
                sleep(TIMES.answer / 2).await;
                client.read_exact(&mut [0; 100]).await
            };
            let answer = async {
                server.write_all(&[b'x'; 100]).await?;
                server.flush().await
            };
            let (read, written) = tokio::join!(slow, answer);
            assert!(read.is_ok() && written.is_ok(), "{read:?} {written:?}");
        }
    }

    #[tokio::test]
    async fn who_is_refused_in_the_middle_of_sending_gets_to_read_the_answer() {
        let (mut client, mut server, progress) = pair();
        let sender = tokio::spawn(async move {
            client.write_all(&[b'x'; 10_000]).await?;
            client.shutdown().await?;
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.map(|_| answer)
        });
        progress.leave_unread();
        server.write_all(b"too large").await.unwrap();
        server.flush().await.unwrap();
        server.shutdown().await.unwrap();
        drop(server);
        assert_eq!(sender.await.unwrap().unwrap(), "too large");
    }

    #[tokio::test]
    async fn a_connection_knows_whether_something_is_under_way() {
        let (mut client, mut server, progress) = pair();
        assert!(progress.is_idle());
        client.write_all(b"ACL").await.unwrap();
        server.read_exact(&mut [0; 3]).await.unwrap();
        assert!(!progress.is_idle() && !progress.is_answering());
        let answering = progress.answering();
        assert!(progress.is_answering());
        server.write_all(b"401").await.unwrap();
        drop(answering);
        assert!(progress.is_answering(), "it is not written whole");
        server.flush().await.unwrap();
        assert!(progress.is_idle());
    }
}
