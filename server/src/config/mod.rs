//! The configuration: flags over environment over file over defaults.

mod check;
mod hook;
mod limits;
mod peer;
mod sections;
mod syslog;

use crate::names::{LocalNames, NameSources};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use hook::{HookConfig, HookUrl};
pub use limits::{ConsoleLimits, LimitsConfig, ListenerLimits, PhaseTimeouts, Rate};
pub use peer::Peer;
pub use sections::{
    AuthConfig, ConsoleConfig, ContactsConfig, ControlConfig, DeliveryConfig, FederationConfig,
    LogConfig, PolicyConfig, PresenceConfig, RvpConfig,
};
pub use syslog::SyslogTarget;

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
    /// Other names of this server, `host` or `host:port`, that follow from nothing else: those
    /// of a router or of a port forwarding in front of it, an alias in the DNS.
    pub names: Vec<String>,
    /// The RVP listener.
    pub rvp: RvpConfig,
    /// The console's listener.
    pub console: ConsoleConfig,
    /// The command line.
    pub control: ControlConfig,
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
    /// Who is told what happens.
    pub hooks: Vec<HookConfig>,
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
    /// In place of `control.timeout_s`.
    pub control_timeout_s: Option<u64>,
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
        let timeout_s = overrides.control_timeout_s;
        config.control.timeout_s = timeout_s.unwrap_or(config.control.timeout_s);
        check::check(&config)?;
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

    /// Where the data is.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.data_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from("rollcall-data"))
    }

    /// What this server is called, and was (`former`); no `port` as long as nobody listens.
    #[must_use]
    pub fn local_names(&self, nt_domain: &str, former: &[&str], port: Option<u16>) -> LocalNames {
        let (domain, host) = (self.domain(), host_name());
        let from = NameSources {
            domain: &domain,
            nt_domain,
            host: host.as_deref(),
            former,
            more: &self.names,
            port,
        };
        LocalNames::new(
            &from,
            self.federation.peers.iter().map(|peer| &*peer.domain),
        )
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

/// What the machine is called, in lower case.
pub(crate) fn host_name() -> Option<String> {
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
        assert_eq!(config.presence.default_lease_s, 1200);
        assert_eq!(config.presence.max_lease_s, 14_400);
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        let text = "[console]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\", \"fd00::/8\"]";
        let config = load(text).unwrap();
        let read: Vec<_> = config
            .console
            .trusted_proxies
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(read, ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]);
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
            ("names = [\"http://chat\"]", "names"),
            ("names = [\"\"]", "names"),
            (
                "names = [\"chat.b.test\"]\n[[federation.peers]]\ndomain = \"b.test\"",
                "names",
            ),
            ("[limits]\nhead_s = 0", "limits.head_s"),
            ("[console.limits]\nhead_s = 0", "console.limits.head_s"),
            (
                "[console.limits]\nconnections = 0",
                "console.limits.connections",
            ),
            ("[console.limits]\nrequests = 1", "requests"),
            ("[control]\ntimeout_s = 0", "control.timeout_s"),
            (
                "[console]\ntrusted_proxies = [\"proxy.example.com\"]",
                "no address and no network",
            ),
            (
                "[rvp]\ncall_back_networks = [\"10.0.0.0/33\"]",
                "call_back_networks",
            ),
            ("[log]\nsyslog = \"tcp://logs\"", "no place of syslog"),
            ("[[hooks]]\nurl = \"https://a/\"", "TLS"),
            ("[[hooks]]\nevents = [\"act\"]", "url"),
            (
                "[[hooks]]\nurl = \"http://a\"\nevents = [\"logon\"]",
                "sign-on-failed",
            ),
            ("[[hooks]]\nurl = \"http://a\"\nsecret = \"\"", "hooks"),
            (
                "[[hooks]]\nurl = \"http://a\"\nsecret = \"x\"\nsecret_file = \"y\"",
                "not both",
            ),
            (
                "[[hooks]]\nurl = \"http://a\"\n[[hooks]]\nurl = \"http://a/\"",
                "twice",
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
