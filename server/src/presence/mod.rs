//! Live presence: the node database in memory.
//!
//! It knows who is signed on from where, in which state, until when, and who watches. It
//! answers from memory, hands every change to the batching writer under the lock that made
//! it, and never waits, connects or reads a clock itself.

mod change;
mod console;
mod event;
mod expiry;
mod group;
mod limits;
mod nodes;
mod principal;
mod quota;
mod refresh;
mod removal;
mod restore;
mod room;
mod sign_on;
mod state;
mod subscription;
mod told;
mod undo;
mod view;
mod watch;
mod who;

#[cfg(test)]
mod tests;

pub use console::{Counts, OnlineSession, OnlineUser};
pub use event::{Effects, Event, Forgotten, Watcher};
pub use expiry::run_expiry;
pub use limits::LeaseLimits;
pub use nodes::{Login, Nodes};
pub use principal::{Account, Block, MAX_BLOCK_MS, NodeProperties, PropertyValue};
pub use removal::Removed;
pub use sign_on::{CallBackRef, Left, SignOn};
pub use state::StateGranted;
pub use subscription::{Granted, ListedSubscription};
pub use told::Answered;
pub use undo::Previous;
pub use watch::Watching;
pub use who::Who;

use crate::clock::UnixMs;
use rvp::SubscriptionId;

/// Why the node database refused. The method answers with the protocol's status.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No such user.
    #[error("there is no user {0} here")]
    NoSuchNode(String),
    /// The account may not sign on.
    #[error("this account is disabled; ask your administrator")]
    Disabled,
    /// The proof that was brought is of an account that is no more what it was.
    #[error("your account was changed or deleted meanwhile; sign on again")]
    Outdated,
    /// An administrator keeps the user out for a while.
    #[error("you were signed out by an administrator and may sign on again in {minutes} min{}", reason_suffix(.reason))]
    Blocked {
        /// Whole minutes left, rounded up.
        minutes: i64,
        /// What the administrator said; may be empty.
        reason: String,
    },
    /// No such subscription, or it ended.
    #[error("subscription {0} is not known here, or has ended; sign on again")]
    NoSuchSubscription(SubscriptionId),
    /// It is somebody else's.
    #[error("subscription {0} belongs to somebody else")]
    NotYours(SubscriptionId),
    /// Presence needs a live sign-on.
    #[error("you are not signed on; sign on again")]
    NotSignedOn,
    /// The node's ACL says no.
    #[error("the user does not let you do this")]
    Denied,
    /// The database refuses, so that nothing could be saved.
    #[error("the server cannot save changes at the moment; nothing was changed, try again later")]
    Unsaved,
    /// A bound was reached.
    #[error("{0}")]
    TooMany(&'static str),
}

impl Refused {
    fn blocked(block: &Block, now: UnixMs) -> Self {
        Self::Blocked {
            minutes: (block.until - now + 59_999) / 60_000,
            reason: block.reason.to_string(),
        }
    }
}

fn reason_suffix(reason: &str) -> String {
    if reason.is_empty() {
        String::new()
    } else {
        format!(": {reason}")
    }
}
