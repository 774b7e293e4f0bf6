//! Asking the DNS, and nothing else: clients do not have this machine's hosts file, and what
//! other domains say of themselves stands in the DNS alone.

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::lookup::Lookup as Records;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// One SRV record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Srv {
    /// Lowest first, as clients try them.
    pub(crate) priority: u16,
    /// Where the server listens.
    pub(crate) port: u16,
    /// Its name, lower case, without the final dot.
    pub(crate) target: String,
}

/// What came of a question to the DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lookup<T> {
    /// These records.
    Found(Vec<T>),
    /// The DNS answered that there are none.
    NoRecords,
    /// The DNS did not answer: why.
    Failed(String),
    /// It was not asked, because the domain is no name that it could hold.
    Skipped,
}

/// Whom to ask.
#[derive(Clone, Debug, Default)]
pub struct Dns {
    /// Empty: the name servers that the system is configured with.
    servers: Arc<[SocketAddr]>,
}

impl Dns {
    /// Asks these name servers; none: those of the system.
    #[must_use]
    pub fn new(servers: &[SocketAddr]) -> Self {
        Self {
            servers: servers.into(),
        }
    }

    /// The SRV records under this name.
    pub(crate) async fn srv(&self, name: &str) -> Lookup<Srv> {
        self.ask(name, RecordType::SRV, |data| match data {
            RData::SRV(srv) => Some(Srv {
                priority: srv.priority,
                port: srv.port,
                target: srv
                    .target
                    .to_ascii()
                    .trim_end_matches('.')
                    .to_ascii_lowercase(),
            }),
            _ => None,
        })
        .await
    }

    /// The A records of this name: clients of the time know no other.
    pub(crate) async fn addresses(&self, name: &str) -> Lookup<IpAddr> {
        self.ask(name, RecordType::A, |data| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            _ => None,
        })
        .await
    }

    async fn ask<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Lookup<T> {
        // The final dot keeps the system's search domains out.
        let question = self.look_up(format!("{}.", name.trim_end_matches('.')), kind);
        let answer = match tokio::time::timeout(PATIENCE, question).await {
            Ok(Ok(lookup)) => lookup,
            Ok(Err(error)) if error.is_no_records_found() || error.is_nx_domain() => {
                return Lookup::NoRecords;
            }
            Ok(Err(error)) => return Lookup::Failed(error.to_string()),
            Err(_) => {
                let waited = PATIENCE.as_secs();
                return Lookup::Failed(format!("no answer within {waited} s"));
            }
        };
        let records: Vec<T> = answer
            .answers()
            .iter()
            .filter_map(|record| read(&record.data))
            .collect();
        if records.is_empty() {
            Lookup::NoRecords
        } else {
            Lookup::Found(records)
        }
    }

    async fn look_up(&self, name: String, kind: RecordType) -> Result<Records, NetError> {
        let mut builder = if self.servers.is_empty() {
            TokioResolver::builder_tokio()?
        } else {
            let servers = self.servers.iter().map(name_server).collect();
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            Resolver::builder_with_config(config, TokioRuntimeProvider::default())
        };
        let options = builder.options_mut();
        options.use_hosts_file = ResolveHosts::Never;
        options.timeout = PATIENCE / 2;
        options.attempts = 1;
        builder.build()?.lookup(name, kind).await
    }
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

/// A name of at least two labels that DNS can hold, and no IP address.
pub(crate) fn is_fqdn(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.contains('.')
        && name.len() <= 253
        && name.split('.').all(label)
        && name.parse::<IpAddr>().is_err()
}
