//! Whether the writer can save, and what people are told when it cannot.

use crate::clock::UnixMs;
use crate::store::trouble::Cause;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// Requests that may wait for their commit. More of them mean a disk that hangs; their memory is
/// bounded.
const MOST_WAITING: usize = 65_536;

/// Numbers of subscriptions and views set aside at a time.
const ID_BLOCK: u32 = 16_384;

/// Changes that could not be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// When the first of them was refused.
    pub since: UnixMs,
    /// Why.
    pub cause: Cause,
    /// In SQLite's words.
    pub message: String,
    /// All changes are refused until it is over; else some are, of rows that cannot be reached.
    pub refusing: bool,
}

/// The state of a writer, for those who submit and those who look.
#[derive(Debug, Default)]
pub(super) struct Health {
    failing: AtomicBool,
    waiting: AtomicUsize,
    /// Numbers below this are set aside.
    reserved: AtomicU32,
    /// Numbers below this are set aside, or on their way to be.
    asked: AtomicU32,
    trouble: Mutex<Option<Trouble>>,
}

impl Health {
    /// Whether a change would be refused.
    pub(super) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::SeqCst) || self.waiting.load(Ordering::Relaxed) >= MOST_WAITING
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.lock().clone()
    }

    pub(super) fn submitted(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn answered(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn reserved(&self) -> u32 {
        self.reserved.load(Ordering::SeqCst)
    }

    pub(super) fn reserve(&self, below: u32) {
        self.reserved.store(below, Ordering::SeqCst);
    }

    /// The number up to which numbers are to be asked for, now that `next` is given out.
    pub(super) fn ask(&self, next: u32) -> Option<u32> {
        let asked = self.asked.load(Ordering::SeqCst);
        let below = next.saturating_add(2 * ID_BLOCK);
        let is_late = asked < next.saturating_add(ID_BLOCK);
        let mine = || {
            self.asked
                .compare_exchange(asked, below, Ordering::SeqCst, Ordering::SeqCst)
        };
        (is_late && mine().is_ok()).then_some(below)
    }

    /// What was asked for is not to be had, or is not enough: it must be asked for anew.
    pub(super) fn ask_anew(&self) {
        self.asked.store(0, Ordering::SeqCst);
    }

    /// All changes are refused from now on.
    pub(super) fn refuse(&self, error: &sqlx::Error, now: UnixMs) {
        self.failing.store(true, Ordering::SeqCst);
        let cause = Cause::of(error);
        let mut trouble = self.trouble.lock();
        if let Some(known) = trouble.as_mut().filter(|it| it.refusing) {
            if known.cause != cause {
                tracing::error!(%error, "the database still refuses changes: {cause}; {}", cause.remedy());
            }
            known.cause = cause;
            known.message = error.to_string();
            return;
        }
        metrics::gauge!("rollcall_database_refuses").set(1.0);
        tracing::error!(
            %error,
            "the database refuses changes: {cause}; {}; until then nobody can sign on or change a state, and the server tries again by itself",
            cause.remedy()
        );
        *trouble = Some(Trouble {
            since: now,
            cause,
            message: error.to_string(),
            refusing: true,
        });
    }

    /// Some changes were refused: rows that cannot be reached.
    pub(super) fn refuse_some(&self, error: &sqlx::Error, now: UnixMs) {
        let cause = Cause::of(error);
        let mut trouble = self.trouble.lock();
        if trouble.is_none() {
            tracing::error!(
                %error,
                "the database refuses some changes: {cause}; {}; everything else goes on",
                cause.remedy()
            );
            *trouble = Some(Trouble {
                since: now,
                cause,
                message: error.to_string(),
                refusing: false,
            });
        }
    }

    /// Changes are taken again.
    pub(super) fn recover(&self, now: UnixMs) {
        metrics::gauge!("rollcall_database_refuses").set(0.0);
        let over = self.trouble.lock().take();
        if let Some(over) = over {
            let lasted_s = (now - over.since) / 1000;
            tracing::warn!(lasted_s, "the database takes changes again");
        }
        self.failing.store(false, Ordering::SeqCst);
    }
}
