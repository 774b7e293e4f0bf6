//! How long whoever is connected to may take: clients and the servers of other domains alike.

use std::time::Duration;

/// How long a client or another server may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until it is connected.
    pub connect: Duration,
    /// From then until it has answered. With the other it must stay well below the 30 s after
    /// which a sender gives up (observed: librvp).
    pub answer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(10),
        }
    }
}
