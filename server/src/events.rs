//! What happens, as it happens: the last of it is kept in memory, for whoever follows and for whoever
//! comes back after a broken connection.

use crate::clock::{Clock, UnixMs};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::watch;

/// How much is kept.
const KEPT: usize = 10_000;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A user who was not signed on is.
    SignedOn {
        /// Who.
        alias: String,
        /// What the client calls itself; may be empty.
        client: String,
        /// From where.
        address: IpAddr,
    },
    /// A user is signed on no more.
    SignedOff {
        /// Who.
        alias: String,
    },
    /// A user's state, as watchers see it, is another.
    State {
        /// Whose.
        alias: String,
        /// By its name on the wire.
        state: String,
    },
    /// A policy refused an invitation.
    InvitationRefused {
        /// Who invited.
        sender: String,
        /// Whom.
        recipient: String,
        /// To what.
        feature: String,
        /// By which policy.
        policy: String,
    },
    /// Somebody could not prove to be who they say.
    SignOnFailed {
        /// The name as it was given.
        name: String,
        /// From where.
        address: IpAddr,
    },
    /// An administrator did something that is in the audit.
    Act {
        /// Who.
        actor: String,
        /// From where.
        came_from: String,
        /// What.
        action: String,
        /// On whom or what.
        target: String,
        /// Why, or what changed.
        detail: String,
    },
}

impl Happening {
    /// As it is told.
    #[must_use]
    pub fn told(&self) -> api::Happening {
        match self.clone() {
            Self::SignedOn {
                alias,
                client,
                address,
            } => api::Happening::SignOn {
                alias,
                client,
                address: address.to_string(),
            },
            Self::SignedOff { alias } => api::Happening::SignOff { alias },
            Self::State { alias, state } => api::Happening::State { alias, state },
            Self::InvitationRefused {
                sender,
                recipient,
                feature,
                policy,
            } => api::Happening::InvitationRefused {
                sender,
                recipient,
                feature,
                policy,
            },
            Self::SignOnFailed { name, address } => api::Happening::SignOnFailed {
                name,
                address: address.to_string(),
            },
            Self::Act {
                actor,
                came_from,
                action,
                target,
                detail,
            } => api::Happening::Act {
                actor,
                from: came_from,
                action,
                target,
                detail,
            },
        }
    }
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Grows, also over restarts.
    pub id: u64,
    /// The time of day.
    pub at: UnixMs,
    /// What.
    pub what: Happening,
}

/// What happened lately.
#[derive(Clone, Debug)]
pub struct EventLog(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kept: Mutex<VecDeque<Arc<Recorded>>>,
    /// The number before the first one that this server recorded.
    start: u64,
    newest: watch::Sender<u64>,
    clock: Clock,
}

/// What came after a number.
#[derive(Debug)]
pub struct After {
    /// Oldest first.
    pub events: Vec<Arc<Recorded>>,
    /// Others came before these, and are not kept any more.
    pub lost: bool,
}

impl EventLog {
    /// An empty one. Its numbers follow those of an earlier server, as it starts later.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        // A server records fewer than a thousand in each millisecond of its life.
        let start = u64::try_from(clock.wall_ms())
            .unwrap_or(0)
            .saturating_mul(1000);
        Self(Arc::new(Inner {
            kept: Mutex::default(),
            start,
            newest: watch::Sender::new(start),
            clock,
        }))
    }

    /// Records something; never waits.
    pub fn record(&self, what: Happening) {
        let at = self.0.clock.wall_ms();
        let mut kept = self.0.kept.lock();
        let id = *self.0.newest.borrow() + 1;
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::new(Recorded { id, at, what }));
        self.0.newest.send_replace(id);
    }

    /// The number of the newest one.
    #[must_use]
    pub fn newest(&self) -> u64 {
        *self.0.newest.borrow()
    }

    /// Changes with each that is recorded.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.newest.subscribe()
    }

    /// Those after this number.
    #[must_use]
    pub fn after(&self, id: u64) -> After {
        let kept = self.0.kept.lock();
        let from = kept.partition_point(|it| it.id <= id);
        let first = kept.front().map_or(self.0.start + 1, |it| it.id);
        After {
            events: kept.range(from..).cloned().collect(),
            // A number of the future is none of ours.
            lost: id + 1 < first || id > self.newest(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off(alias: &str) -> Happening {
        Happening::SignedOff {
            alias: alias.to_owned(),
        }
    }

    #[test]
    fn whoever_comes_back_misses_nothing_or_is_told() {
        let log = EventLog::new(Clock::manual(1_700_000_000_000));
        let start = log.newest();
        assert!(!log.after(start).lost);
        for number in 0..KEPT + 5 {
            log.record(off(&number.to_string()));
        }
        let all = log.after(start);
        assert!(all.lost);
        assert_eq!(all.events.len(), KEPT);
        let last = all.events[KEPT - 1].id;
        assert_eq!(last, log.newest());
        let few = log.after(last - 3);
        assert!(!few.lost);
        let names: Vec<_> = few.events.iter().map(|it| it.what.clone()).collect();
        assert_eq!(names, [off("10002"), off("10003"), off("10004")]);
        assert!(log.after(last + 1000).lost);
    }

    #[test]
    fn numbers_grow_over_a_restart() {
        let before = EventLog::new(Clock::manual(1_700_000_000_000));
        for _ in 0..100 {
            before.record(off("a"));
        }
        let after = EventLog::new(Clock::manual(1_700_000_001_000));
        assert!(after.newest() > before.newest());
        // What happened in between is not known.
        assert!(after.after(before.newest()).lost);
    }
}
