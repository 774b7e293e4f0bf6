//! Whether the servers of other domains can be found.

use crate::config::Peer;
use crate::dns::Dns;
use crate::federation::{FederationError, find};
use api::{Finding, Level};
use std::time::Duration;

/// How long one domain may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Looks up each peer, all at once.
pub(super) async fn peers(dns: &Dns, peers: &[Peer]) -> Vec<Finding> {
    let finding = |peer| async move {
        let found = tokio::time::timeout(PATIENCE, find(dns, peer)).await;
        let silent = |_| FederationError::DnsSilent {
            domain: peer.domain.to_string(),
            why: format!("no answer within {} s", PATIENCE.as_secs()),
        };
        judge(
            peer,
            found.map_err(silent).and_then(|found| found).as_deref(),
        )
    };
    futures::future::join_all(peers.iter().map(finding)).await
}

fn judge(peer: &Peer, found: Result<&[std::net::SocketAddr], &FederationError>) -> Finding {
    const WHY: &str = "Users of a peer are reached through the server that its SRV record names, \
        and its requests are believed if they come from there.";
    let finding = |level, text: String| Finding::new(level, "Other domain", text, WHY);
    match found {
        Ok(servers) => {
            let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
            finding(
                Level::Ok,
                format!("The server of {} is {}.", peer.domain, servers.join(", ")),
            )
        }
        Err(error) => {
            let level = match error {
                FederationError::DnsSilent { .. } => Level::Warning,
                _ => Level::Problem,
            };
            let remedy = match error {
                FederationError::Private { address, .. } => format!(
                    "If the server of {} really stands there, add {address} to networks of that \
                     peer under [[federation.peers]].",
                    peer.domain
                ),
                FederationError::DnsSilent { .. } => {
                    "See that the name servers answer, then look again.".to_owned()
                }
                _ => format!(
                    "Ask the administrator of {0} for the record _rvp._tcp.{0}, or take the peer \
                     out of the configuration.",
                    peer.domain
                ),
            };
            finding(level, format!("{error}.")).remedy(remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_says_what_to_do() {
        let peer = Peer {
            domain: "b.test".into(),
            networks: Vec::new(),
        };
        let address = "10.0.0.1".parse().unwrap();
        let domain = || "b.test".to_owned();
        let good = judge(&peer, Ok(&["192.0.2.1:80".parse().unwrap()]));
        assert_eq!(good.level, Level::Ok);
        assert!(good.found.contains("192.0.2.1:80"), "{}", good.found);
        for (error, level, remedy) in [
            (
                FederationError::Private {
                    domain: domain(),
                    address,
                },
                Level::Problem,
                "add 10.0.0.1 to networks",
            ),
            (
                FederationError::NoServer(domain()),
                Level::Problem,
                "_rvp._tcp.b.test",
            ),
            (
                FederationError::DnsSilent {
                    domain: domain(),
                    why: "no route".to_owned(),
                },
                Level::Warning,
                "look again",
            ),
        ] {
            let finding = judge(&peer, Err(&error));
            assert_eq!(finding.level, level, "{error}");
            assert!(finding.remedy.contains(remedy), "{}", finding.remedy);
        }
    }
}
