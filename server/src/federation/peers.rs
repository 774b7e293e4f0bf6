//! The domains that we talk with.

use ipnet::IpNet;
use serde::Deserialize;
use std::net::IpAddr;

/// A domain whose server we believe and talk to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its mail domain or IM host; hosts below it are its own, too. Its SRV record is
    /// `_rvp._tcp.` and this name.
    pub domain: Box<str>,
    /// Where its servers may be although that is no public address, and where its requests may
    /// come from although no SRV record says so.
    #[serde(default)]
    pub networks: Vec<IpNet>,
}

impl Peer {
    /// Whether a host, in the spelling of [`host_of`], is one of this domain.
    pub(super) fn covers(&self, host: &str) -> bool {
        let domain = host_of(&self.domain);
        host.strip_suffix(&*domain)
            .is_some_and(|below| below.is_empty() || below.ends_with('.'))
    }

    /// Whether the configuration says that its servers may be there.
    pub(super) fn stands_in(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// The host of `host[:port]` in one spelling: lower case, without the final dot.
#[must_use]
pub fn host_of(authority: &str) -> String {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}
