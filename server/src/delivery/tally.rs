//! What became of outgoing NOTIFY, counted for whoever keeps figures.

use super::client::Outcome;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many NOTIFYs ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotifyCounts {
    /// The client took it.
    pub delivered: u32,
    /// The client answered that it did not.
    pub refused: u32,
    /// Nobody listened there.
    pub unreachable: u32,
    /// No answer came in time.
    pub timed_out: u32,
    /// The connection broke, or what came was no HTTP.
    pub broken: u32,
}

/// Counts since they were last taken.
#[derive(Debug, Default)]
pub struct NotifyTally {
    delivered: AtomicU32,
    refused: AtomicU32,
    unreachable: AtomicU32,
    timed_out: AtomicU32,
    broken: AtomicU32,
}

impl NotifyTally {
    pub(super) fn count(&self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Answered(_) if outcome.is_success() => &self.delivered,
            Outcome::Answered(_) => &self.refused,
            Outcome::Unreachable => &self.unreachable,
            Outcome::TimedOut => &self.timed_out,
            Outcome::Broken | Outcome::NoRoom => &self.broken,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes what was counted since the last time.
    pub fn take(&self) -> NotifyCounts {
        let take = |counter: &AtomicU32| counter.swap(0, Ordering::Relaxed);
        NotifyCounts {
            delivered: take(&self.delivered),
            refused: take(&self.refused),
            unreachable: take(&self.unreachable),
            timed_out: take(&self.timed_out),
            broken: take(&self.broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_is_counted_where_it_belongs_and_taken_once() {
        let tally = NotifyTally::default();
        for outcome in [
            Outcome::Answered(200),
            Outcome::Answered(204),
            Outcome::Answered(500),
            Outcome::Unreachable,
            Outcome::TimedOut,
            Outcome::Broken,
        ] {
            tally.count(outcome);
        }
        let counted = NotifyCounts {
            delivered: 2,
            refused: 1,
            unreachable: 1,
            timed_out: 1,
            broken: 1,
        };
        assert_eq!(tally.take(), counted);
        assert_eq!(tally.take(), NotifyCounts::default());
    }
}
