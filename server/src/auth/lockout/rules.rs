//! How the attempts of each listener are paced.

use super::pacing::Rule;

/// How the attempts of a listener are paced.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub(super) name: Rule,
    pub(super) pair: Rule,
    pub(super) address: Rule,
}

impl Rules {
    /// Of one name from anywhere: 20, then one a second, and at last one a minute.
    const NAME: Rule = Rule {
        free: 20,
        drain_ms: 60_000,
        most: 120,
        first_ms: 1000,
        doubles_every: 10,
        longest_ms: 60_000,
    };

    /// Of one name from an address that it is known at, where right passwords come between the
    /// wrong ones: 20, then six a minute.
    const PAIR: Rule = Rule {
        free: 20,
        drain_ms: 10_000,
        most: 60,
        first_ms: 1000,
        doubles_every: 10,
        longest_ms: 16_000,
    };

    /// For clients. Behind one address there may be a school, with some passwords that are out of
    /// date and tried again every half a minute.
    pub const CLIENTS: Self = Self {
        name: Self::NAME,
        pair: Self::PAIR,
        address: Rule {
            free: 100,
            drain_ms: 1000,
            most: 200,
            first_ms: 100,
            doubles_every: 25,
            longest_ms: 1000,
        },
    };

    /// For the console: behind a proxy that it does not trust everybody is one address, so an
    /// address is slowed down and never closed.
    pub const CONSOLE: Self = Self {
        name: Self::NAME,
        pair: Self::PAIR,
        address: Rule {
            free: 20,
            drain_ms: 10_000,
            most: 60,
            first_ms: 1000,
            doubles_every: 10,
            longest_ms: 4000,
        },
    };
}
