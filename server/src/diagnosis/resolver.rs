//! Asking the DNS, as the system is configured to ask it, and nothing else: clients do not
//! have this machine's hosts file.

use super::dns::{Asked, Srv};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::ResolveHosts;
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::NetError;
use hickory_resolver::proto::rr::{RData, RecordType};
use std::net::IpAddr;
use std::time::Duration;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// The SRV records under this name.
pub(super) async fn srv(name: &str) -> Asked<Srv> {
    ask(name, RecordType::SRV, |data| match data {
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
pub(super) async fn addresses(name: &str) -> Asked<IpAddr> {
    ask(name, RecordType::A, |data| match data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        _ => None,
    })
    .await
}

async fn ask<T>(name: &str, kind: RecordType, read: impl Fn(&RData) -> Option<T>) -> Asked<T> {
    // The final dot keeps the system's search domains out.
    let question = look_up(format!("{name}."), kind);
    let answer = match tokio::time::timeout(PATIENCE, question).await {
        Ok(Ok(lookup)) => lookup,
        Ok(Err(error)) if error.is_no_records_found() || error.is_nx_domain() => {
            return Asked::Nothing;
        }
        Ok(Err(error)) => return Asked::Silent(error.to_string()),
        Err(_) => {
            let waited = PATIENCE.as_secs();
            return Asked::Silent(format!("no answer within {waited} s"));
        }
    };
    let records: Vec<T> = answer
        .answers()
        .iter()
        .filter_map(|record| read(&record.data))
        .collect();
    if records.is_empty() {
        Asked::Nothing
    } else {
        Asked::Found(records)
    }
}

async fn look_up(name: String, kind: RecordType) -> Result<Lookup, NetError> {
    let mut builder = TokioResolver::builder_tokio()?;
    let options = builder.options_mut();
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = PATIENCE / 2;
    options.attempts = 1;
    builder.build()?.lookup(name, kind).await
}
