//! Sockets: what all listeners and all outgoing connections have in common.
//!
//! Nothing a stranger does with one listener may take from another what it needs: each has its
//! own share of the system's file handles ([`Handles`]), its own bounds in number and in time
//! ([`ListenerLimits`](crate::config::ListenerLimits)), and accepts with a back-off, so that a shortage is waited out and not
//! spun upon.

mod accept;
mod body;
mod connect;
mod handles;
mod http;
mod limiter;
mod shortage;
mod slow_client;
mod token_buckets;

pub(crate) use accept::Acceptor;
pub use body::{BodyError, ClientBody};
pub(crate) use connect::connect;
pub use handles::{Handles, TooFewHandles, Wanted};
pub(crate) use http::{Listener, serve};
pub(crate) use limiter::ConnectionLimiter;
pub(crate) use token_buckets::{Decision, TokenBuckets};

use std::time::Duration;

/// Bytes a second of the slowest line that is waited for: what is large gets its time, and
/// what drips does not.
const SLOWEST: u64 = 8 * 1024;

/// The time that so many bytes may take over the slowest line.
fn time_for(bytes: u64) -> Duration {
    Duration::from_millis(bytes.saturating_mul(1000) / SLOWEST)
}
