//! How often one client may ask. (Connections and time are bounded for every listener, in `net`.)
//!
//! Who asks too often is answered later and not refused. Of the statuses that say "too busy",
//! librvp hangs on 503 while it signs on (observed), and Microsoft's clients log their user off
//! (KB 318158). Only who would have to wait too long is let down: a message is not delivered (412,
//! which senders are shown), any other connection ends, which every client knows from bad networks.

mod rate_limiter;

pub(super) use rate_limiter::RateLimited;
pub use rate_limiter::RateLimiter;
