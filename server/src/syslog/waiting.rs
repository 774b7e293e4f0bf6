//! Messages that wait to be sent.

use super::message::Origin;
use crate::clock::Clock;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Notify;

/// How many may wait.
const MOST: usize = 4096;

#[derive(Debug)]
pub(super) struct Waiting {
    inner: Mutex<Inner>,
    changed: Notify,
    origin: Origin,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Inner {
    messages: VecDeque<Arc<str>>,
    lost: u64,
    closed: bool,
}

impl Waiting {
    pub(super) fn new(origin: Origin, clock: Clock) -> Self {
        Self {
            inner: Mutex::default(),
            changed: Notify::new(),
            origin,
            clock,
        }
    }

    /// Takes one; if there is no room it is counted and gone.
    pub(super) fn push(&self, message: String) {
        let mut inner = self.inner.lock();
        self.tell_lost(&mut inner);
        if inner.messages.len() < MOST {
            inner.messages.push_back(message.into());
            drop(inner);
            self.changed.notify_one();
        } else {
            drop(inner);
            self.missed(1);
        }
    }

    /// Counts messages that are gone.
    pub(super) fn missed(&self, count: u64) {
        metrics::counter!("rollcall_syslog_lost_total").increment(count);
        self.inner.lock().lost += count;
        self.changed.notify_one();
    }

    /// The oldest one, which stays until it is [`Waiting::sent`]; none: the end.
    pub(super) async fn next(&self) -> Option<Arc<str>> {
        loop {
            {
                let mut inner = self.inner.lock();
                self.tell_lost(&mut inner);
                if let Some(message) = inner.messages.front() {
                    return Some(message.clone());
                }
                if inner.closed {
                    return None;
                }
            }
            self.changed.notified().await;
        }
    }

    /// The oldest one was taken.
    pub(super) fn sent(&self) {
        let mut inner = self.inner.lock();
        inner.messages.pop_front();
        self.tell_lost(&mut inner);
    }

    /// No more come.
    pub(super) fn close(&self) {
        self.inner.lock().closed = true;
        self.changed.notify_one();
    }

    pub(super) fn len(&self) -> usize {
        self.inner.lock().messages.len()
    }

    /// Says once, in their place, how many are missing.
    fn tell_lost(&self, inner: &mut Inner) {
        if inner.lost > 0 && inner.messages.len() < MOST {
            let lost = std::mem::take(&mut inner.lost);
            tracing::warn!(
                lost,
                "messages to syslog were lost: it did not take them in time"
            );
            let message = self.origin.lost(lost, self.clock.wall_ms());
            inner.messages.push_back(message.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_finds_no_room_is_counted_and_said_once_in_its_place() {
        let waiting = Waiting::new(Origin::new(None, 1), Clock::manual(0));
        for number in 0..MOST + 7 {
            waiting.push(number.to_string());
        }
        assert_eq!(waiting.len(), MOST);
        waiting.close();
        let mut all = Vec::new();
        while let Some(message) = waiting.next().await {
            all.push(message);
            waiting.sent();
        }
        assert_eq!(all.len(), MOST + 1);
        let last = all.last().unwrap();
        assert!(last.contains("lost=\"7\""), "{last}");
    }
}
