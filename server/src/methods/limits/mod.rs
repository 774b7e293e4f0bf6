//! What one client may take of the listener: requests, connections, time.
//!
//! Who asks too often is answered later and not refused. Of the statuses that say "too busy",
//! librvp hangs on 503 while it signs on (observed), and Microsoft's clients log their user off
//! (KB 318158). Only who would have to wait too long is let down: a message is not delivered (412,
//! which senders are shown), any other connection ends, which every client knows from bad networks.

mod descriptors;
mod gate;
mod pace;
mod pacer;
mod patience;

pub use descriptors::connections;
pub(super) use gate::Gate;
pub use pace::Pace;
pub(super) use pace::TooFast;
pub(super) use patience::{Patience, Progress};

use std::time::Duration;

/// Requests a second, lastingly, and how many may come at once. A rate of 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// A second, for ever.
    pub per_second: u32,
    /// At once, after a quiet time.
    pub burst: u32,
}

/// How long a client may take for each part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Without a request. Clients open connections that they never use, and keep others for
    /// the next request.
    pub idle: Duration,
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// For its body.
    pub body: Duration,
    /// To take its answer.
    pub answer: Duration,
}

/// What the listener allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Connections in all; more wait to be accepted.
    pub connections: usize,
    /// Connections from one address; more are closed.
    pub connections_per_address: usize,
    /// How long each part may take.
    pub times: Times,
}
