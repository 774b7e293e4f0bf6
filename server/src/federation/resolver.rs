//! Where the servers of other domains are, remembered for a while.

use super::{FederationError, Peer};
use crate::clock::{Clock, UnixMs};
use crate::dns::{Dns, Lookup, Srv};
use crate::names::host_of;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// How long an answer of the DNS counts, in milliseconds.
const KNOWN_FOR: i64 = 60_000;
/// How long it counts that there was no answer.
const UNKNOWN_FOR: i64 = 5_000;
/// Hosts that are remembered at once. Beyond that all are asked for anew.
const REMEMBERED: usize = 1024;
/// SRV records that are followed.
const SERVERS: usize = 4;

type Found = Result<Arc<[SocketAddr]>, FederationError>;

#[derive(Debug)]
pub(super) struct ServerResolver {
    dns: Dns,
    clock: Clock,
    known: Mutex<HashMap<String, (UnixMs, Found)>>,
}

impl ServerResolver {
    pub(super) fn new(dns: Dns, clock: Clock) -> Self {
        Self {
            dns,
            clock,
            known: Mutex::default(),
        }
    }

    /// The servers of `host` (`host[:port]` in the address of a user), which belongs to `peer`.
    pub(super) async fn servers(&self, peer: &Peer, host: &str) -> Found {
        let now = self.clock.now_ms();
        let key = host.to_ascii_lowercase();
        if let Some((until, found)) = self.known.lock().get(&key)
            && *until > now
        {
            return found.clone();
        }
        let found = look_up(&self.dns, peer, host).await;
        let lasts = if found.is_ok() {
            KNOWN_FOR
        } else {
            UNKNOWN_FOR
        };
        let mut known = self.known.lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key, (now + lasts, found.clone()));
        found
    }
}

/// The SRV record of the domain, else the address of the host itself (RVP document 4.1.1).
pub(super) async fn look_up(dns: &Dns, peer: &Peer, host: &str) -> Found {
    let silent = |why: &str| FederationError::DnsSilent {
        domain: peer.domain.to_string(),
        why: why.to_owned(),
    };
    let service = format!("_rvp._tcp.{}", host_of(&peer.domain));
    let mut records = match dns.srv(&service).await {
        Lookup::Found(records) => records,
        Lookup::Failed(why) => return Err(silent(&why)),
        Lookup::NoRecords | Lookup::Skipped => vec![Srv {
            priority: 0,
            port: port_of(host),
            target: host_of(host),
        }],
    };
    records.sort();
    let mut servers = Vec::new();
    let mut why_not = None;
    for record in records.into_iter().take(SERVERS) {
        match dns.addresses(&record.target).await {
            Lookup::Found(addresses) => {
                servers.extend(
                    addresses
                        .into_iter()
                        .map(|ip| SocketAddr::new(ip, record.port)),
                );
            }
            Lookup::Failed(why) => why_not = Some(why),
            Lookup::NoRecords | Lookup::Skipped => {}
        }
    }
    match why_not {
        _ if !servers.is_empty() => Ok(servers.into()),
        Some(why) => Err(silent(&why)),
        None => Err(FederationError::NoServer(peer.domain.to_string())),
    }
}

fn port_of(authority: &str) -> u16 {
    authority
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok())
        .unwrap_or(80)
}
