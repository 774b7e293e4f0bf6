//! DNS records, ready to paste.

use crate::dns::is_fqdn;
use api::DnsRecords;
use std::net::IpAddr;

/// The SRV record of `mail_domain` and the A records of `domain`, for a server that listens on
/// `port` and is reached under `addresses`; only IPv4 ones count, as clients know no others.
/// Without an address, or where the domain is no DNS name, a comment stands in its place.
#[must_use]
pub fn dns_records(domain: &str, mail_domain: &str, port: u16, addresses: &[IpAddr]) -> DnsRecords {
    if !is_fqdn(domain) || !is_fqdn(mail_domain) {
        let say = "Choose a DNS name for the server first: there is no record for ";
        return DnsRecords {
            bind: format!("; {say}{domain}\n"),
            windows: format!("rem {say}{domain}\n"),
        };
    }
    let addresses: Vec<_> = addresses.iter().filter(|ip| ip.is_ipv4()).collect();
    DnsRecords {
        bind: bind(domain, mail_domain, port, &addresses),
        windows: windows(domain, mail_domain, port, &addresses),
    }
}

fn bind(domain: &str, mail_domain: &str, port: u16, addresses: &[&IpAddr]) -> String {
    let service = format!("_rvp._tcp.{mail_domain}.");
    let host = format!("{domain}.");
    let width = service.len().max(host.len());
    let mut text = format!("{service:width$}  3600  IN  SRV  0 0 {port} {host}\n");
    for address in addresses {
        text += &format!("{host:width$}  3600  IN  A    {address}\n");
    }
    if addresses.is_empty() {
        text += &format!("; {host}  3600  IN  A  <address of this server>\n");
    }
    text
}

fn windows(domain: &str, mail_domain: &str, port: u16, addresses: &[&IpAddr]) -> String {
    let (zone, node) = zone_and_node(domain, mail_domain);
    let mut text =
        format!("dnscmd . /RecordAdd {mail_domain} _rvp._tcp 3600 SRV 0 0 {port} {domain}.\n");
    for address in addresses {
        text += &format!("dnscmd . /RecordAdd {zone} {node} 3600 A {address}\n");
    }
    if addresses.is_empty() {
        text += &format!("rem dnscmd . /RecordAdd {zone} {node} 3600 A <address of this server>\n");
    }
    text
}

/// The zone that most likely holds the host, and the host's name in it.
fn zone_and_node<'a>(domain: &'a str, mail_domain: &'a str) -> (&'a str, &'a str) {
    if domain == mail_domain {
        return (mail_domain, "@");
    }
    let inside = domain
        .strip_suffix(mail_domain)
        .and_then(|rest| rest.strip_suffix('.'));
    match (inside, domain.split_once('.')) {
        (Some(node), _) => (mail_domain, node),
        (None, Some((node, zone))) => (zone, node),
        (None, None) => (domain, "@"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn both_kinds_of_server_get_the_same_records() {
        let records = dns_records(
            "im.example.com",
            "example.com",
            80,
            &[ip("192.0.2.10"), ip("2001:db8::1")],
        );
        assert_eq!(
            records.bind,
            "_rvp._tcp.example.com.  3600  IN  SRV  0 0 80 im.example.com.\n\
             im.example.com.         3600  IN  A    192.0.2.10\n"
        );
        assert_eq!(
            records.windows,
            "dnscmd . /RecordAdd example.com _rvp._tcp 3600 SRV 0 0 80 im.example.com.\n\
             dnscmd . /RecordAdd example.com im 3600 A 192.0.2.10\n"
        );
    }

    #[test]
    fn the_host_is_named_as_its_zone_knows_it() {
        let node = zone_and_node;
        assert_eq!(node("example.com", "example.com"), ("example.com", "@"));
        assert_eq!(
            node("a.b.example.com", "example.com"),
            ("example.com", "a.b")
        );
        assert_eq!(node("im.example.net", "example.com"), ("example.net", "im"));
        assert_eq!(
            node("im.badexample.com", "example.com"),
            ("badexample.com", "im")
        );
    }

    #[test]
    fn what_is_not_known_is_a_comment_and_harmless_to_paste() {
        let records = dns_records("im.example.com", "example.com", 80, &[]);
        assert!(records.bind.lines().last().unwrap().starts_with("; "));
        assert!(records.windows.lines().last().unwrap().starts_with("rem "));
        let records = dns_records("127.0.0.1", "127.0.0.1", 80, &[]);
        assert!(records.bind.lines().all(|line| line.starts_with("; ")));
        assert!(records.windows.lines().all(|line| line.starts_with("rem ")));
    }
}
