//! A client's connection that ends when the client dawdles: over the head of a request, or over
//! taking its answer. (A body is timed where it is read, silence by the HTTP library.)

use super::Times;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How far a connection's requests have got: odd while one is being answered.
#[derive(Clone, Debug, Default)]
pub(in crate::methods) struct Progress(Arc<AtomicU64>);

/// While it lives, a request is being answered.
#[derive(Debug)]
pub(in crate::methods) struct Answering(Progress);

impl Progress {
    /// The head of a request is complete.
    pub(in crate::methods) fn answering(&self) -> Answering {
        self.0.fetch_add(1, Ordering::Relaxed);
        Answering(self.clone())
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stream with an end to the patience with its other side.
#[derive(Debug)]
pub(in crate::methods) struct Patience<S> {
    stream: S,
    progress: Progress,
    times: Times,
    /// Since the first byte of a head, and the progress at that time.
    head: Option<(u64, Pin<Box<Sleep>>)>,
    /// Since an answer could not be written on.
    answer: Option<Pin<Box<Sleep>>>,
}

impl<S> Patience<S> {
    pub(in crate::methods) fn new(stream: S, progress: Progress, times: Times) -> Self {
        Self {
            stream,
            progress,
            times,
            head: None,
            answer: None,
        }
    }

    /// Whether the other side takes too long over what it does not take.
    fn stuck(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let limit = self.times.answer;
        let timer = self.answer.get_or_insert_with(|| Box::pin(sleep(limit)));
        timer
            .as_mut()
            .poll(cx)
            .map(|()| too_slow("its answer", limit))
    }
}

fn too_slow(what: &str, limit: Duration) -> io::Error {
    metrics::counter!("rollcall_connections_cut_total", "over" => if what == "its answer" { "answer" } else { "head" })
        .increment(1);
    let text = format!(
        "the client took more than {} s over {what}",
        limit.as_secs()
    );
    io::Error::new(io::ErrorKind::TimedOut, text)
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let now = self.progress.now();
        if self.head.as_ref().is_some_and(|(begun, _)| *begun != now) {
            self.head = None;
        }
        if now % 2 == 1 {
            return polled;
        }
        let limit = self.times.head;
        if polled.is_ready() && buffer.filled().len() > before {
            self.head
                .get_or_insert_with(|| (now, Box::pin(sleep(limit))));
        }
        if polled.is_pending()
            && let Some((_, timer)) = &mut self.head
            && timer.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(too_slow("the head of a request", limit)));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Pending => self.stuck(cx).map(Err),
            ready @ Poll::Ready(_) => ready,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, parts) {
            Poll::Pending => self.stuck(cx).map(Err),
            ready @ Poll::Ready(_) => ready,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for when all of an answer has been written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.answer = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::time::Instant;

    const TIMES: Times = Times {
        idle: Duration::from_millis(300),
        head: Duration::from_millis(100),
        body: Duration::from_millis(100),
        answer: Duration::from_millis(200),
    };
    /// Well below each of them.
    const NOW_AND_THEN: Duration = Duration::from_millis(10);

    fn pair() -> (DuplexStream, Patience<DuplexStream>, Progress) {
        let (client, server) = tokio::io::duplex(64);
        let progress = Progress::default();
        let patience = Patience::new(server, progress.clone(), TIMES);
        (client, patience, progress)
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
}
