//! The configuration: flags over environment over file over defaults.

use crate::auth::NtlmMinimum;
use crate::dns::is_fqdn;
use crate::federation::{Peer, host_of};
use crate::methods::{Allowance, Rate, Scheme, Times};
use crate::presence::LeaseLimits;
use crate::timeouts::Timeouts;
use ipnet::IpNet;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why there is no configuration. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}; check the name given with --config", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not right.
    #[error("the configuration {} is not right: {message}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Key, line and reason.
        message: String,
    },
    /// A value makes no sense.
    #[error("the setting {key} is not right: {reason}")]
    Value {
        /// Its key.
        key: &'static str,
        /// Why, and what to write.
        reason: String,
    },
}

/// The whole configuration, as the file has it. Every key may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where database, keys and control socket are.
    pub data_dir: Option<PathBuf>,
    /// DNS name of the IM domain; the host's name if it is left out.
    pub domain: Option<String>,
    /// NetBIOS name of the Windows domain that clients sign on with; made from `domain` if it
    /// is left out.
    pub nt_domain: Option<String>,
    /// The RVP listener.
    pub rvp: RvpConfig,
    /// The console's listener.
    pub console: ConsoleConfig,
    /// Leases.
    pub presence: PresenceConfig,
    /// Signing on.
    pub auth: AuthConfig,
    /// Outgoing NOTIFY.
    pub delivery: DeliveryConfig,
    /// Other domains.
    pub federation: FederationConfig,
    /// What one client may take.
    pub limits: LimitsConfig,
    /// Policies on the wire.
    pub policy: PolicyConfig,
    /// The log.
    pub log: LogConfig,
    /// Contact lists of clients.
    pub contacts: ContactsConfig,
}

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
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            secure_cookies: false,
        }
    }
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

impl PresenceConfig {
    /// The bounds that the node database keeps.
    #[must_use]
    pub fn limits(&self, numbers: &LimitsConfig) -> LeaseLimits {
        LeaseLimits {
            default: self.default_lease_s.min(self.max_lease_s),
            floor: self.min_lease_s.min(self.max_lease_s),
            ceiling: self.max_lease_s,
            grace: self.grace_s,
            sign_ons: numbers.sign_ons_per_user.max(1),
            subscriptions: numbers.subscriptions_per_user,
            watchers: numbers.watchers_per_user,
            properties: numbers.properties_per_user,
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

/// Other domains. Without peers there is no federation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FederationConfig {
    /// Name servers to ask for the servers of peers; none: those of the system.
    pub dns: Vec<SocketAddr>,
    /// The domains that we talk with.
    pub peers: Vec<Peer>,
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
    /// Subscriptions of others to one user.
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
    pub fn allowance(&self) -> Allowance {
        Allowance {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            times: Times {
                idle: Duration::from_secs(self.idle_s),
                head: Duration::from_secs(self.head_s),
                body: Duration::from_secs(self.body_s),
                answer: Duration::from_secs(self.answer_s),
            },
        }
    }

    /// The key of a value with which nobody could be served.
    fn useless(&self) -> Option<&'static str> {
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
        ]
        .into_iter()
        .find_map(|(key, useless)| useless.then_some(key))
    }
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
    /// What is logged, such as `info` or `info,server::delivery=debug`.
    pub filter: String,
    /// One JSON object a line.
    pub json: bool,
    /// Also note every RVP request, in W3C extended format, in `logs` in the data directory.
    pub access: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            json: false,
            access: false,
        }
    }
}

/// What the command line and the environment say of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The file to read.
    pub config: Option<PathBuf>,
    /// In place of `data_dir`.
    pub data_dir: Option<PathBuf>,
    /// In place of `domain`.
    pub domain: Option<String>,
    /// In place of `rvp.listen`.
    pub rvp_listen: Option<SocketAddr>,
    /// In place of `console.listen`.
    pub console_listen: Option<SocketAddr>,
}

impl Config {
    /// Reads the file, if there is one, and puts the overrides in.
    pub fn load(overrides: Overrides) -> Result<Self, ConfigError> {
        let mut config = overrides
            .config
            .as_deref()
            .map(Self::read)
            .transpose()?
            .unwrap_or_default();
        config.data_dir = overrides.data_dir.or(config.data_dir);
        config.domain = overrides.domain.or(config.domain);
        config.rvp.listen = overrides.rvp_listen.unwrap_or(config.rvp.listen);
        config.console.listen = overrides.console_listen.unwrap_or(config.console.listen);
        config.check()?;
        Ok(config)
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let place = line.map_or(String::new(), |line| format!("line {line}: "));
            let message = format!("{place}{}", error.message());
            ConfigError::Parse {
                path: path.to_owned(),
                message,
            }
        })
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, reason: &str| {
            Err(ConfigError::Value {
                key,
                reason: reason.to_owned(),
            })
        };
        if self.auth.schemes.is_empty() {
            return wrong(
                "auth.schemes",
                "name at least one of \"digest\" and \"ntlm\", or nobody can sign on",
            );
        }
        if self.presence.max_lease_s == 0 || self.presence.max_lease_s > 86_400 {
            return wrong(
                "presence.max_lease_s",
                "a lease lasts from 1 second to a day (86400)",
            );
        }
        if self.delivery.connect_timeout_ms + self.delivery.answer_timeout_ms > 20_000 {
            return wrong(
                "delivery.answer_timeout_ms",
                "both time-outs together must stay below 20000 ms: senders give up after 30 s",
            );
        }
        let own = host_of(&self.domain());
        if let Some(home) = &self.rvp.home {
            let host = host_of(home);
            let port = home
                .rsplit_once(':')
                .map_or(Ok(80), |(_, port)| port.parse::<u16>());
            if rvp::LogicalUrl::compose(home, "x").authority() != home || port.is_err() {
                return wrong(
                    "rvp.home",
                    &format!(
                        "{home:?} is no server; write its name, such as \"imhome1.example.com\", and :port if that is not 80"
                    ),
                );
            }
            if host == own {
                return wrong(
                    "rvp.home",
                    "a router and its home server need different names: clients stay on a connection to the same name",
                );
            }
        }
        for (place, peer) in self.federation.peers.iter().enumerate() {
            let domain = host_of(&peer.domain);
            if !is_fqdn(&domain) {
                return wrong(
                    "federation.peers",
                    &format!(
                        "{:?} is no domain; write the mail domain of the peer, such as \"example.net\"",
                        peer.domain
                    ),
                );
            }
            if domain == own {
                return wrong(
                    "federation.peers",
                    &format!("{domain} is this server's own domain; name others only"),
                );
            }
            let before = &self.federation.peers[..place];
            if before.iter().any(|other| host_of(&other.domain) == domain) {
                return wrong(
                    "federation.peers",
                    &format!(
                        "{domain} is there twice; name each domain once, with all its networks"
                    ),
                );
            }
        }
        if let Some(key) = self.limits.useless() {
            return wrong(
                key,
                "with 0 nobody could be served; leave it out for the default",
            );
        }
        Ok(())
    }

    /// Where the data is.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.data_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from("rollcall-data"))
    }

    /// The domain, or the host's name.
    #[must_use]
    pub fn domain(&self) -> String {
        self.domain
            .clone()
            .or_else(host_name)
            .unwrap_or_else(|| "localhost".to_owned())
    }
}

fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"));
    name.ok()
        .map(|n| n.trim().to_lowercase())
        .filter(|n| !n.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rollcall.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(Overrides {
            config: Some(path),
            ..Overrides::default()
        })
        .map_err(|e| e.to_string())
    }

    #[test]
    fn the_defaults_are_those_of_the_documentation() {
        let config = load("").unwrap();
        assert_eq!(config.rvp.listen.to_string(), "0.0.0.0:8080");
        assert_eq!(config.console.listen.to_string(), "127.0.0.1:8081");
        let limits = config.presence.limits(&config.limits);
        assert_eq!(limits.grant(None), 1200);
        assert_eq!(limits.grant(Some(99_999)), 14_400);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error =
            load("domain = \"im.example.com\"\n\n[rvp]\nlisten_on = \"0.0.0.0:80\"\n").unwrap_err();
        assert!(error.contains("line 4"), "{error}");
        assert!(error.contains("listen_on"), "{error}");
    }

    #[test]
    fn values_that_make_no_sense_are_refused_by_name() {
        for (text, key) in [
            ("[auth]\nschemes = []", "auth.schemes"),
            ("[auth]\nschemes = [\"basic\"]", "basic"),
            ("[auth]\nntlm_minimum = \"lm\"", "lm"),
            ("[presence]\nmax_lease_s = 0", "presence.max_lease_s"),
            ("[rvp]\nhome = \"http://home1\"", "rvp.home"),
            (
                "domain = \"im.a.test\"\n[rvp]\nhome = \"im.a.test:8080\"",
                "different names",
            ),
            ("[[federation.peers]]\ndomain = \"192.0.2.1\"", "192.0.2.1"),
            ("[[federation.peers]]\ndomain = \"b\"", "federation.peers"),
            (
                "domain = \"im.a.test\"\n[[federation.peers]]\ndomain = \"IM.a.test\"",
                "own domain",
            ),
            ("[limits]\nhead_s = 0", "limits.head_s"),
            (
                "[rvp]\ncall_back_networks = [\"10.0.0.0/33\"]",
                "call_back_networks",
            ),
        ] {
            let error = load(text).unwrap_err();
            assert!(
                error.contains(key) || error.contains("line"),
                "{text}: {error}"
            );
        }
    }
}
