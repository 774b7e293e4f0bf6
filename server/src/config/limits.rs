//! What one client may take, with the defaults: far above what clients of the time ask for.

use serde::Deserialize;
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
pub struct PhaseTimeouts {
    /// Without a request. Clients open connections that they never use, and keep others for
    /// the next request.
    pub idle: Duration,
    /// From the first byte of a request to the end of its head.
    pub head: Duration,
    /// For its body, and more for what is large.
    pub body: Duration,
    /// To take its answer, and more for what is large.
    pub answer: Duration,
}

/// What a listener allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerLimits {
    /// Connections in all; more wait to be accepted.
    pub connections: usize,
    /// Connections from one address; more are closed.
    pub connections_per_address: usize,
    /// How long each part may take.
    pub times: PhaseTimeouts,
}

/// What one client may take. The defaults are far above what a classroom behind one address
/// needs, and far below what would keep others from being served.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Requests a second from one address, lastingly; 0: no limit.
    pub requests_per_address: u32,
    /// Requests that may come from one address at once.
    pub burst_per_address: u32,
    /// Requests a second of one user, lastingly; 0: no limit.
    pub requests_per_user: u32,
    /// Requests that may come from one user at once.
    pub burst_per_user: u32,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_address: usize,
    /// Seconds that a connection may stand without a request.
    pub idle_s: u64,
    /// Seconds that the head of a request may take.
    pub head_s: u64,
    /// Seconds that its body may take.
    pub body_s: u64,
    /// Seconds that a client may take to read its answer.
    pub answer_s: u64,
    /// Sign-ons of one user; the oldest makes room.
    pub sign_ons_per_user: usize,
    /// Subscriptions of one user to others.
    pub subscriptions_per_user: u32,
    /// Subscriptions of one user to one other; the oldest makes room.
    pub subscriptions_per_node: usize,
    /// Those of them whose call-back is an address; the oldest makes room.
    pub addresses_per_node: usize,
    /// Subscriptions of one user to others whose call-back is an address.
    pub addresses_per_user: u32,
    /// Subscriptions of others to one user; a quarter is kept for those whom the user knows.
    pub watchers_per_user: usize,
    /// Properties of one user other than the usual ones.
    pub properties_per_user: usize,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            requests_per_address: 1000,
            burst_per_address: 20_000,
            requests_per_user: 100,
            burst_per_user: 2000,
            connections: 16_384,
            connections_per_address: 4096,
            idle_s: 180,
            head_s: 20,
            body_s: 20,
            answer_s: 60,
            sign_ons_per_user: 16,
            subscriptions_per_user: 4000,
            subscriptions_per_node: 16,
            addresses_per_node: 8,
            addresses_per_user: 64,
            watchers_per_user: 20_000,
            properties_per_user: 64,
        }
    }
}

impl LimitsConfig {
    /// Requests from one address.
    #[must_use]
    pub fn address_rate(&self) -> Rate {
        Rate {
            per_second: self.requests_per_address,
            burst: self.burst_per_address,
        }
    }

    /// Requests of one user.
    #[must_use]
    pub fn user_rate(&self) -> Rate {
        Rate {
            per_second: self.requests_per_user,
            burst: self.burst_per_user,
        }
    }

    /// What the RVP listener allows.
    #[must_use]
    pub fn listener(&self) -> ListenerLimits {
        ListenerLimits {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            times: PhaseTimeouts {
                idle: Duration::from_secs(self.idle_s),
                head: Duration::from_secs(self.head_s),
                body: Duration::from_secs(self.body_s),
                answer: Duration::from_secs(self.answer_s),
            },
        }
    }

    /// The key of a value with which nobody could be served.
    pub(super) fn useless(&self) -> Option<&'static str> {
        [
            ("limits.connections", self.connections == 0),
            (
                "limits.connections_per_address",
                self.connections_per_address == 0,
            ),
            ("limits.idle_s", self.idle_s == 0),
            ("limits.head_s", self.head_s == 0),
            ("limits.body_s", self.body_s == 0),
            ("limits.answer_s", self.answer_s == 0),
            ("limits.sign_ons_per_user", self.sign_ons_per_user == 0),
            (
                "limits.subscriptions_per_node",
                self.subscriptions_per_node == 0,
            ),
            ("limits.addresses_per_node", self.addresses_per_node == 0),
        ]
        .into_iter()
        .find_map(|(key, useless)| useless.then_some(key))
    }
}

/// What browsers may take of the console. Times that are left out are those of [`LimitsConfig`].
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleLimits {
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address. Behind a proxy everybody has the same.
    pub connections_per_address: usize,
    /// Live pages of one session that are open at once.
    pub live_pages_per_session: usize,
    /// Requests a second of one API token, lastingly; 0: no limit.
    pub requests_per_token: u32,
    /// Requests that may come with one API token at once.
    pub burst_per_token: u32,
    /// Seconds that a connection may stand without a request.
    pub idle_s: Option<u64>,
    /// Seconds that the head of a request may take.
    pub head_s: Option<u64>,
    /// Seconds that its body may take.
    pub body_s: Option<u64>,
    /// Seconds that a browser may take to read its answer.
    pub answer_s: Option<u64>,
}

impl Default for ConsoleLimits {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_address: 384,
            live_pages_per_session: 16,
            requests_per_token: 50,
            burst_per_token: 500,
            idle_s: None,
            head_s: None,
            body_s: None,
            answer_s: None,
        }
    }
}

impl ConsoleLimits {
    /// What the console's listener allows, where RVP's has these times.
    #[must_use]
    pub fn listener(&self, rvp: &LimitsConfig) -> ListenerLimits {
        let time = |own: Option<u64>, of_rvp| Duration::from_secs(own.unwrap_or(of_rvp));
        ListenerLimits {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            times: PhaseTimeouts {
                idle: time(self.idle_s, rvp.idle_s),
                head: time(self.head_s, rvp.head_s),
                body: time(self.body_s, rvp.body_s),
                answer: time(self.answer_s, rvp.answer_s),
            },
        }
    }

    /// How often one API token may ask.
    #[must_use]
    pub fn token_rate(&self) -> Rate {
        Rate {
            per_second: self.requests_per_token,
            burst: self.burst_per_token,
        }
    }

    /// The key of a value with which nobody could be served.
    pub(super) fn useless(&self) -> Option<&'static str> {
        [
            ("console.limits.connections", self.connections == 0),
            (
                "console.limits.connections_per_address",
                self.connections_per_address == 0,
            ),
            (
                "console.limits.live_pages_per_session",
                self.live_pages_per_session == 0,
            ),
            ("console.limits.idle_s", self.idle_s == Some(0)),
            ("console.limits.head_s", self.head_s == Some(0)),
            ("console.limits.body_s", self.body_s == Some(0)),
            ("console.limits.answer_s", self.answer_s == Some(0)),
        ]
        .into_iter()
        .find_map(|(key, useless)| useless.then_some(key))
    }
}
