//! Slows down who guesses passwords, and others as little as that can be.
//!
//! Who is guessed at is found out before anything is counted ([`Name`]), so no spelling of a name
//! has failures of its own. Then three things count:
//!
//! - failures of a name **from one address**: five in a row close that pair for 30 seconds, each
//!   further one for twice as long, up to 15 minutes ([`failures`]). Nobody else is held up;
//! - failures of a name **from anywhere**: after 20 the next attempt is looked at a second later,
//!   and with more failures up to a minute later ([`pacing`]). An address from which this name
//!   has proved its password is exempt, so nobody keeps an account's holder out by guessing;
//! - failures **of an address**, whatever the name: its attempts are spaced out by some seconds
//!   and never closed. An account that has proved its password there is exempt.
//!
//! Attempts are counted before they are looked at ([`Throttle::enter`]): many at once are as many as
//! one after the other. Whoever's turn comes within 4 s waits for it; the number that may wait is
//! bounded, as is the memory for names and addresses ([`ledger`]).

mod book;
mod failures;
mod held;
mod ledger;
mod name;
mod pacing;
mod rules;
mod throttle;

pub use held::Held;
pub use name::{Name, exact_account, meant_account};
pub use rules::Rules;
pub use throttle::{Attempt, Throttle};

/// Not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed sign-ons: try again in {seconds} seconds")]
pub struct LockedOut {
    /// After how long, rounded up; for `Retry-After`.
    pub seconds: u32,
}

impl LockedOut {
    fn of(ms: i64) -> Self {
        let seconds = u32::try_from((ms + 999) / 1000).unwrap_or(u32::MAX);
        Self {
            seconds: seconds.max(1),
        }
    }
}
