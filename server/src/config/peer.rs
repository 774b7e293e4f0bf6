//! A domain that we talk with.

use crate::names::{host_of, is_below};
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
    pub(crate) fn covers(&self, host: &str) -> bool {
        is_below(&host_of(&self.domain), host)
    }

    /// Whether the configuration says that its servers may be there.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }
}
