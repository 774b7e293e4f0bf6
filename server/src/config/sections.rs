//! The sections of the configuration, each with its defaults.

use super::{ConsoleLimits, Peer, SyslogTarget};
use crate::auth::{NtlmMinimum, Scheme};
use crate::timeouts::Timeouts;
use ipnet::IpNet;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Contact lists of clients.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactsConfig {
    /// Hand each user's own list out on the RVP listener, and take it back, at
    /// `/rollcall/contacts`.
    pub serve: bool,
}

/// The RVP listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RvpConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Networks in which clients may have their call-backs elsewhere than where they connect
    /// from.
    pub call_back_networks: Vec<IpNet>,
    /// `host[:port]` of the home server of all users: this server is a router only.
    pub home: Option<String>,
}

impl Default for RvpConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8080)),
            call_back_networks: Vec::new(),
            home: None,
        }
    }
}

/// The console's listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Set it where browsers reach the console over TLS.
    pub secure_cookies: bool,
    /// What browsers may take.
    pub limits: ConsoleLimits,
    /// Addresses or networks of proxies that say who speaks through them.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            secure_cookies: false,
            limits: ConsoleLimits::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Networks, of which a single address is the smallest.
fn networks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let read = |text: String| {
        let network = text.parse::<IpNet>().ok();
        let address = || {
            text.parse::<IpAddr>()
                .ok()
                .map(|it| it.to_canonical().into())
        };
        network.or_else(address).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "{text:?} is no address and no network; write for example \"127.0.0.1\" or \"10.0.0.0/8\""
            ))
        })
    };
    texts.into_iter().map(read).collect()
}

/// Leases.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PresenceConfig {
    /// Seconds of a lease where the client names none.
    pub default_lease_s: u32,
    /// The shortest lease, in seconds.
    pub min_lease_s: u32,
    /// The longest lease, in seconds. `Net::RVP` never refreshes its state, so the default is
    /// what it asks for.
    pub max_lease_s: u32,
    /// Seconds that a session whose call-back is dead may still live.
    pub grace_s: u32,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self {
            default_lease_s: 1200,
            min_lease_s: 30,
            max_lease_s: 14_400,
            grace_s: 60,
        }
    }
}

/// Signing on.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// What is offered: `digest`, `ntlm`, or both.
    pub schemes: Vec<Scheme>,
    /// The weakest NTLM response that is accepted: `v1`, `ntlm2-session` or `v2`.
    #[serde(deserialize_with = "ntlm_minimum")]
    pub ntlm_minimum: NtlmMinimum,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            schemes: vec![Scheme::Digest, Scheme::Ntlm],
            ntlm_minimum: NtlmMinimum::V1,
        }
    }
}

fn ntlm_minimum<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<NtlmMinimum, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "{text:?} is none of \"v1\", \"ntlm2-session\", \"v2\""
        ))
    })
}

/// Outgoing NOTIFY.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeliveryConfig {
    /// Milliseconds until a call-back must be connected.
    pub connect_timeout_ms: u64,
    /// Milliseconds from then until it must have answered. With the other at most 20000: senders
    /// give up after 30 s.
    pub answer_timeout_ms: u64,
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 3000,
            answer_timeout_ms: 10_000,
        }
    }
}

impl DeliveryConfig {
    /// The same as durations.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        Timeouts {
            connect: Duration::from_millis(self.connect_timeout_ms),
            answer: Duration::from_millis(self.answer_timeout_ms),
        }
    }
}

/// The command line, where it speaks with a server that runs.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ControlConfig {
    /// Seconds until it gives up on a server that does not answer.
    pub timeout_s: u64,
}

impl ControlConfig {
    /// The same as a duration.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s)
    }
}

impl Default for ControlConfig {
    fn default() -> Self {
        Self { timeout_s: 30 }
    }
}

/// Other domains. Without peers there is no federation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FederationConfig {
    /// Name servers to ask for the servers of peers; none: those of the system.
    pub dns: Vec<SocketAddr>,
    /// The domains that we talk with.
    pub peers: Vec<Peer>,
}

/// Policies on the wire.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyConfig {
    /// Tell the sender of an invitation that a policy forbids why it did not arrive.
    pub tell_sender: bool,
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self { tell_sender: true }
    }
}

/// The log, on standard error.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// What is logged, such as `info` or `info,rollcall::delivery=debug`.
    pub filter: String,
    /// One JSON object a line.
    pub json: bool,
    /// Also note every RVP request, in W3C extended format, in `logs` in the data directory.
    pub access: bool,
    /// Where the audit and failed sign-ons go besides.
    pub syslog: Option<SyslogTarget>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            json: false,
            access: false,
            syslog: None,
        }
    }
}
