//! Other domains: which ones we talk with, where their servers are, and one request to them.
//!
//! Off unless the configuration names peers. A peer's servers are those that its own SRV record
//! names, and private addresses count only if the configuration says that the peer stands there:
//! neither a client nor another domain can have this server connect anywhere else.

mod address;
mod client;
mod resolver;

pub use client::{Request, Response};

use crate::clock::Clock;
use crate::config::Peer;
use crate::dns::Dns;
use crate::names::{Home, LocalNames, host_of};
use crate::timeouts::Timeouts;
use resolver::ServerResolver;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Why another domain's server was not reached, or not believed. The text goes to whoever asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FederationError {
    /// The DNS names no server.
    #[error(
        "the DNS names no server for {0}: it has neither an SRV record _rvp._tcp nor an address"
    )]
    NoServer(String),
    /// The DNS did not answer.
    #[error("the server of {domain} cannot be looked up now: {why}")]
    DnsSilent {
        /// The peer.
        domain: String,
        /// What the resolver said.
        why: String,
    },
    /// The DNS names an address that is none of the public network.
    #[error(
        "the DNS says that the server of {domain} is {address}, which is a private address; an administrator can add it to the networks of that peer"
    )]
    Private {
        /// The peer.
        domain: String,
        /// The address.
        address: IpAddr,
    },
    /// Nobody answers there.
    #[error("the server of {0} does not answer")]
    Silent(String),
    /// So many requests are waiting for its answer that another one would not help.
    #[error("the server of {0} is slow to answer, and many wait for it already; try again later")]
    Busy(String),
    /// What came back was no answer.
    #[error("the server of {0} answered with what is no HTTP")]
    Broken(String),
    /// A request in the name of a domain, from an address that is not its server's.
    #[error(
        "{address} is not a server of {domain}: neither its SRV record nor the configuration names it"
    )]
    NotTheirs {
        /// The peer.
        domain: String,
        /// Where the request came from.
        address: IpAddr,
    },
}

/// What is known of other domains. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Federation(Arc<Inner>);

/// Requests that may wait for the servers of one peer at a time: one that hangs takes connections
/// of nobody else. Less where there are few file handles.
const AT_ONCE: usize = 64;

#[derive(Debug)]
struct Inner {
    peers: Box<[Peer]>,
    /// What is free of [`AT_ONCE`], peer by peer.
    free: Box<[Semaphore]>,
    /// `host[:port]` of this server in the addresses of its users.
    own: Box<str>,
    names: LocalNames,
    resolver: ServerResolver,
    limits: Timeouts,
}

impl Federation {
    /// Talks with `peers` for the users of `own`, this server's `host[:port]`, which has these
    /// names, over so many connections at once.
    #[must_use]
    pub fn new(
        peers: Vec<Peer>,
        own: &str,
        names: LocalNames,
        dns: Dns,
        clock: Clock,
        limits: Timeouts,
        at_once: usize,
    ) -> Self {
        let each = AT_ONCE.min((at_once / peers.len().max(1)).max(1));
        Self(Arc::new(Inner {
            free: peers.iter().map(|_| Semaphore::new(each)).collect(),
            peers: peers.into(),
            own: own.into(),
            names,
            resolver: ServerResolver::new(dns, clock),
            limits,
        }))
    }

    /// The peer that a host belongs to; `None`: this server, or a stranger.
    #[must_use]
    pub fn peer(&self, host: &str) -> Option<&Peer> {
        // With federation off this costs a comparison.
        if self.0.peers.is_empty() {
            return None;
        }
        if self.0.names.home_of_host(host) != Home::Peer {
            return None;
        }
        let host = host_of(host);
        let covering = self.0.peers.iter().filter(|peer| peer.covers(&host));
        covering.max_by_key(|peer| peer.domain.len())
    }

    /// Whether any peer is configured.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.0.peers.is_empty()
    }

    /// `host[:port]` of this server, as other domains are to name its users.
    #[must_use]
    pub fn own(&self) -> &str {
        &self.0.own
    }

    /// Believes that a request from `address` comes from a server of `peer`, or says why not.
    pub async fn vouch(
        &self,
        peer: &Peer,
        host: &str,
        address: IpAddr,
    ) -> Result<(), FederationError> {
        if peer.allows(address) {
            return Ok(());
        }
        let not_theirs = || FederationError::NotTheirs {
            domain: peer.domain.to_string(),
            address,
        };
        let servers = self.0.resolver.servers(peer, host).await?;
        let named = servers.iter().any(|server| server.ip() == address);
        if named && address::is_public(address) {
            Ok(())
        } else {
            Err(not_theirs())
        }
    }

    /// Where the servers of `peer` are, in the order in which they are to be tried.
    pub async fn servers(
        &self,
        peer: &Peer,
        host: &str,
    ) -> Result<Arc<[SocketAddr]>, FederationError> {
        let servers = self.0.resolver.servers(peer, host).await?;
        allowed(peer, &servers)?;
        Ok(servers)
    }

    /// Sends one request to a server of `peer`, and reads its answer whole.
    pub async fn send(&self, peer: &Peer, request: Request) -> Result<Response, FederationError> {
        let place = self.0.peers.iter().position(|it| it.domain == peer.domain);
        let free = place.and_then(|place| self.0.free.get(place));
        let turn = async { free?.acquire().await.ok() };
        let Ok(Some(_turn)) = timeout(self.0.limits.connect, turn).await else {
            return Err(FederationError::Busy(peer.domain.to_string()));
        };
        let servers = self.servers(peer, &request.host).await?;
        client::send(peer, &servers, request, self.0.limits).await
    }
}

/// Where the servers of `peer` are, asked for now, and whether they may be connected.
pub async fn find(dns: &Dns, peer: &Peer) -> Result<Arc<[SocketAddr]>, FederationError> {
    let servers = resolver::look_up(dns, peer, &peer.domain).await?;
    allowed(peer, &servers)?;
    Ok(servers)
}

/// Refuses private addresses, unless the configuration says that the peer stands there.
fn allowed(peer: &Peer, servers: &[SocketAddr]) -> Result<(), FederationError> {
    let private = servers
        .iter()
        .find(|server| !address::is_public(server.ip()) && !peer.allows(server.ip()));
    match private {
        Some(server) => Err(FederationError::Private {
            domain: peer.domain.to_string(),
            address: server.ip(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::NameSources;

    fn federation(domains: &[&str], own: &str) -> Federation {
        let peers = domains.iter().map(|domain| Peer {
            domain: (*domain).into(),
            networks: Vec::new(),
        });
        let from = NameSources {
            domain: own,
            ..NameSources::default()
        };
        Federation::new(
            peers.collect(),
            own,
            LocalNames::new(&from, domains.iter().copied()),
            Dns::default(),
            Clock::system(),
            Timeouts::default(),
            1,
        )
    }

    #[test]
    fn a_peer_has_its_domain_and_what_is_below_it() {
        let federation = federation(&["b.test", "east.b.test"], "im.a.test:8080");
        let peer = |host| federation.peer(host).map(|peer| peer.domain.to_string());
        assert_eq!(peer("IM.B.test:8080").as_deref(), Some("b.test"));
        assert_eq!(peer("b.test.").as_deref(), Some("b.test"));
        assert_eq!(peer("im.east.b.test").as_deref(), Some("east.b.test"));
        for stranger in [
            "notb.test",
            "b.test.evil",
            "im.a.test",
            "127.0.0.1",
            "",
            "test",
        ] {
            assert_eq!(peer(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn this_server_is_nobody_s_peer() {
        let federation = federation(&["example.com"], "im.example.com");
        assert!(federation.peer("im.example.com").is_none());
        assert!(federation.peer("other.example.com").is_some());
    }
}
