//! The body of a request, which has to come within its time.

use super::slow_client::Progress;
use super::time_for;
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Why a body did not come whole.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It took too long.
    #[error("the body did not come within {} s", .0.as_secs())]
    TooSlow(Duration),
    /// The connection broke, or what came was no HTTP.
    #[error("the body broke off")]
    Broken(#[from] hyper::Error),
}

/// A body that ends in an error when its client dawdles.
#[derive(Debug)]
pub struct ClientBody<B = Incoming> {
    body: B,
    progress: Progress,
    within: Duration,
    received: u64,
    ended: bool,
    /// Since it had to be waited for.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<B: Body> ClientBody<B> {
    pub(super) fn new(body: B, within: Duration, progress: Progress) -> Self {
        Self {
            ended: body.is_end_stream(),
            body,
            progress,
            within,
            received: 0,
            waiting: None,
        }
    }

    /// Whether it takes too long. What is large gets its time.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let within = self.within;
        let (since, timer) = self.waiting.get_or_insert_with(|| {
            let now = Instant::now();
            (now, Box::pin(sleep_until(now + within)))
        });
        let end = *since + within + time_for(self.received);
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        timer.as_mut().poll(cx)
    }
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> Body for ClientBody<B> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                self.received += bytes as u64;
                self.ended = self.body.is_end_stream();
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => {
                self.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => self.poll_late(cx).map(|()| {
                metrics::counter!("rollcall_connections_cut_total", "over" => "body").increment(1);
                Some(Err(BodyError::TooSlow(self.within)))
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for ClientBody<B> {
    fn drop(&mut self) {
        if !self.ended {
            self.progress.leave_unread();
        }
    }
}
