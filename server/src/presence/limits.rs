//! How long leases may be, and how many of each thing there may be.

use crate::config::{LimitsConfig, PresenceConfig};

/// Bounds on leases and numbers of things.
#[derive(Clone, Copy, Debug)]
pub struct LeaseLimits {
    /// Seconds of a lease where the client names none.
    pub default: u32,
    /// The shortest, in seconds.
    pub floor: u32,
    /// The longest, in seconds.
    pub ceiling: u32,
    /// Seconds that a session whose call-back is dead may still live.
    pub grace: u32,
    /// Sign-ons of one principal; the oldest makes room.
    pub sign_ons: usize,
    /// Watches that one principal has on others.
    pub subscriptions: u32,
    /// Watches that one principal has of another, and of itself; the oldest makes room.
    pub watches_per_node: usize,
    /// Those of them that name an address of their own; the oldest makes room.
    pub address_watches_per_node: usize,
    /// Watches that name an address of their own, of one principal on all others.
    pub address_watches: u32,
    /// Watchers of one principal; a quarter is kept for those whom it knows.
    pub watchers: usize,
    /// Other properties of one principal.
    pub properties: usize,
}

impl LeaseLimits {
    /// What the configuration says, made to fit together.
    #[must_use]
    pub fn new(leases: &PresenceConfig, numbers: &LimitsConfig) -> Self {
        Self {
            default: leases.default_lease_s.min(leases.max_lease_s),
            floor: leases.min_lease_s.min(leases.max_lease_s),
            ceiling: leases.max_lease_s,
            grace: leases.grace_s,
            sign_ons: numbers.sign_ons_per_user.max(1),
            subscriptions: numbers.subscriptions_per_user,
            watches_per_node: numbers.subscriptions_per_node.max(1),
            address_watches_per_node: numbers.addresses_per_node.max(1),
            address_watches: numbers.addresses_per_user,
            watchers: numbers.watchers_per_user,
            properties: numbers.properties_per_user,
        }
    }

    /// What is granted, in seconds, to who asked for `asked`.
    #[must_use]
    pub fn grant(&self, asked: Option<u32>) -> u32 {
        asked
            .unwrap_or(self.default)
            .clamp(self.floor, self.ceiling)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_are_those_of_the_documentation_if_nothing_is_configured() {
        let limits = LeaseLimits::new(&PresenceConfig::default(), &LimitsConfig::default());
        assert_eq!(limits.grant(None), 1200);
        assert_eq!(limits.grant(Some(1)), 30);
        assert_eq!(limits.grant(Some(99_999)), 14_400);
    }

    #[test]
    fn no_lease_is_longer_than_the_longest() {
        let leases = PresenceConfig {
            max_lease_s: 10,
            ..PresenceConfig::default()
        };
        let limits = LeaseLimits::new(&leases, &LimitsConfig::default());
        assert_eq!(limits.grant(None), 10);
        assert_eq!(limits.grant(Some(1)), 10);
    }
}
