//! What stands between clients and this server: names, DNS, the listener, the clock, the files.
//!
//! A check is a small function that takes what it looks at and gives a finding; only
//! the DNS, `reach` and `files` ask the outside, each within a time that is set. Nothing
//! here changes anything.

mod clock;
mod database;
mod dns;
mod files;
mod names;
mod peers;
mod proxy;
mod reach;
mod records;
mod sign_on;

use crate::auth::{NtlmMinimum, Scheme};
use crate::config::{Config, Peer};
use crate::dns::{Dns, Lookup, is_fqdn};
use crate::store::{Inspection, database_path, inspect};
use api::Deployment;
use std::cmp::Reverse;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use clock::{ClockReading, file_stamp, newest_stamp};
pub use records::dns_records;

/// How long the database may take to be read through.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is looked at: the part of the configuration that clients run into.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The IM domain.
    pub domain: String,
    /// It was configured, and not taken from the host's name.
    pub domain_is_set: bool,
    /// Where the RVP listener really listens.
    pub listen: SocketAddr,
    /// What is offered to sign on with.
    pub schemes: Vec<Scheme>,
    /// The weakest NTLM that is accepted.
    pub ntlm_minimum: NtlmMinimum,
    /// The data directory.
    pub data_dir: PathBuf,
    /// Other domains.
    pub peers: Vec<Peer>,
    /// Whom to ask for them.
    pub peers_dns: Dns,
    /// The RVP listener hands contact lists out.
    pub serves_contacts: bool,
}

impl Settings {
    /// The server as clients name it: with its port, unless that is the usual one.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.listen.port() {
            80 => self.domain.clone(),
            port => format!("{}:{port}", self.domain),
        }
    }

    /// The settings of a server with this configuration that listens there.
    #[must_use]
    pub fn new(config: &Config, listen: SocketAddr) -> Self {
        Self {
            domain: config.domain().to_ascii_lowercase(),
            domain_is_set: config.domain.is_some(),
            listen,
            schemes: config.auth.schemes.clone(),
            ntlm_minimum: config.auth.ntlm_minimum,
            data_dir: std::path::absolute(config.data_dir()).unwrap_or_else(|_| config.data_dir()),
            peers: config.federation.peers.clone(),
            peers_dns: Dns::new(&config.federation.dns),
            serves_contacts: config.contacts.serve,
        }
    }

    /// The addresses to ask where the DNS gives none, or where those of the DNS fail: the
    /// listener's own, or loopback.
    fn own_address(&self) -> IpAddr {
        match self.listen.ip() {
            ip if !ip.is_unspecified() => ip,
            _ => IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }
}

/// Looks at everything. `mail_domain` is what stands after the `@` of the users' addresses; the
/// domain without its first label if it is left out. Takes 10 s at the most.
pub async fn diagnose(
    settings: &Settings,
    mail_domain: Option<&str>,
    reading: ClockReading,
) -> Deployment {
    let domain = settings.domain.as_str();
    let mail_domain = mail_domain.map_or_else(
        || names::mail_domain(domain).to_owned(),
        |it| it.trim_end_matches('.').to_ascii_lowercase(),
    );
    let port = settings.listen.port();
    let service = format!("_rvp._tcp.{mail_domain}");

    let (srv, addresses) = if is_fqdn(domain) {
        let dns = Dns::default();
        tokio::join!(dns.srv(&service), dns.addresses(domain))
    } else {
        (Lookup::Skipped, Lookup::Skipped)
    };
    let known = match &addresses {
        Lookup::Found(addresses) => addresses.clone(),
        _ => Vec::new(),
    };
    let path = database_path(&settings.data_dir);
    let (tried, peers, looked) = tokio::join!(
        reach::ask_all(&known, settings.own_address(), domain, port),
        peers::peers(&settings.peers_dns, &settings.peers),
        tokio::time::timeout(PATIENCE, inspect(&path)),
    );
    let looked = looked.unwrap_or_else(|_| Inspection {
        faults: vec![format!("it could not be read through within {PATIENCE:?}")],
        ..Inspection::default()
    });
    let directory = &settings.data_dir;

    let mut findings = vec![
        names::domain(domain),
        names::host_name(domain, settings.domain_is_set),
        dns::srv(&service, &srv, domain, &mail_domain, port),
        dns::addresses(domain, &addresses),
        reach::judge(domain, port, &tried, &settings.schemes),
        clock::clock(&reading),
        sign_on::schemes(&settings.schemes),
        files::directory(directory),
        files::key(directory),
        database::integrity(directory, &looked),
        proxy::exceptions(domain),
    ];
    if settings.schemes.contains(&Scheme::Ntlm) {
        findings.push(sign_on::ntlm(settings.ntlm_minimum));
    }
    findings.extend(database::key(directory, &looked));
    findings.extend(database::names(directory, domain, &looked));
    findings.extend(database::room(directory));
    findings.extend(peers);
    // Stable: within a level they stay in the order in which a client meets them.
    findings.sort_by_key(|finding| Reverse(finding.level));

    let mut addresses = known;
    if addresses.is_empty() && !settings.own_address().is_loopback() {
        addresses.push(settings.own_address());
    }
    Deployment {
        rvp_url: format!("http://{domain}:{port}"),
        records: dns_records(domain, &mail_domain, port, &addresses),
        proxy_exception: domain.to_owned(),
        domain: domain.to_owned(),
        mail_domain,
        findings,
    }
}
