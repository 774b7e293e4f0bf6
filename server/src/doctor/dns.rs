//! What the DNS says to clients that look for the server.

use crate::dns::{Lookup, Srv};
use api::{Finding, Level};
use std::net::IpAddr;

const NOT_ASKED: &str = "was not looked up, because the domain is no DNS name.";
const SILENT_REMEDY: &str = "See that the name servers in /etc/resolv.conf answer, then look \
    again. Until then nothing is known about the records.";

/// The SRV record that clients look up first.
pub(super) fn srv(
    service: &str,
    asked: &Lookup<Srv>,
    domain: &str,
    mail_domain: &str,
    port: u16,
) -> Finding {
    const CHECK: &str = "SRV record";
    const WHY: &str = "Clients look this record up to find the server of an address (RVP \
        document 4.1.1). Without it they try port 80 of the mail domain itself.";
    const REMEDY: &str = "Put the records that are shown under DNS records into the zone, and \
        remove those that point elsewhere.";
    let finding = |level, found: String| Finding::new(level, CHECK, found, WHY);
    let records = match asked {
        Lookup::Skipped => {
            return finding(Level::Warning, format!("{service} {NOT_ASKED}"))
                .remedy("Give the server a DNS name first.");
        }
        Lookup::Failed(reason) => {
            return finding(
                Level::Warning,
                format!("{service} could not be looked up: {reason}."),
            )
            .remedy(SILENT_REMEDY);
        }
        Lookup::NoRecords if mail_domain == domain && port == 80 => {
            return finding(
                Level::Warning,
                format!("There is no record {service}; clients fall back to {domain}, port 80, which is this server."),
            )
            .remedy(REMEDY);
        }
        Lookup::NoRecords => {
            return finding(Level::Problem, format!("There is no record {service}."))
                .remedy(REMEDY);
        }
        Lookup::Found(records) => records,
    };
    let Some(first) = records.iter().min() else {
        return finding(Level::Problem, format!("There is no record {service}.")).remedy(REMEDY);
    };
    let says = format!("{service} points to {}, port {}", first.target, first.port);
    if first.port != port {
        return finding(
            Level::Problem,
            format!("{says}, but the server listens on port {port}."),
        )
        .remedy(format!(
            "Change the record's port to {port}, or let the server listen on {} (rvp.listen).",
            first.port
        ));
    }
    if first.target != domain {
        return finding(
            Level::Warning,
            format!("{says}, but the server's domain is {domain}."),
        )
        .remedy(format!(
            "Clients take the record's name into the addresses they write. Let the record point to {domain}, or set domain = \"{}\".",
            first.target
        ));
    }
    if records.len() > 1 {
        return finding(
            Level::Warning,
            format!("{says}, and {} more stand beside it.", records.len() - 1),
        )
        .remedy("Remove the records of servers that do not know the same users.");
    }
    finding(Level::Ok, format!("{says}: this server."))
}

/// The A records of the domain.
pub(super) fn addresses(domain: &str, asked: &Lookup<IpAddr>) -> Finding {
    const CHECK: &str = "A record";
    const WHY: &str = "Clients connect to the address that the DNS gives for the server's name.";
    let finding = |level, found: String| Finding::new(level, CHECK, found, WHY);
    match asked {
        Lookup::Skipped => finding(Level::Warning, format!("{domain} {NOT_ASKED}"))
            .remedy("Give the server a DNS name first."),
        Lookup::Failed(reason) => finding(
            Level::Warning,
            format!("{domain} could not be looked up: {reason}."),
        )
        .remedy(SILENT_REMEDY),
        Lookup::NoRecords => finding(
            Level::Problem,
            format!("The DNS has no address for {domain}."),
        )
        .remedy("Put the A record that is shown under DNS records into the zone."),
        Lookup::Found(addresses) => {
            let list: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            let found = format!("{domain} has the address {}.", list.join(", "));
            if addresses.iter().all(IpAddr::is_loopback) {
                return finding(Level::Problem, found).remedy(
                    "A loopback address leads every client to itself. Enter the address that \
                     clients reach this machine under.",
                );
            }
            finding(Level::Ok, found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(priority: u16, port: u16, target: &str) -> Srv {
        Srv {
            priority,
            port,
            target: target.to_owned(),
        }
    }

    fn srv_of(asked: &Lookup<Srv>) -> Finding {
        srv(
            "_rvp._tcp.example.com",
            asked,
            "im.example.com",
            "example.com",
            8080,
        )
    }

    #[test]
    fn a_record_that_leads_here_is_right_and_any_other_is_not() {
        let good = record(0, 8080, "im.example.com");
        for (records, level, word) in [
            (vec![good.clone()], Level::Ok, "this server"),
            (
                vec![record(0, 80, "im.example.com")],
                Level::Problem,
                "listens on port 8080",
            ),
            (
                vec![record(0, 8080, "old.example.com")],
                Level::Warning,
                "old.example.com",
            ),
            (
                vec![good.clone(), record(5, 80, "old.example.com")],
                Level::Warning,
                "1 more",
            ),
            (
                vec![
                    record(10, 8080, "im.example.com"),
                    record(1, 80, "b.example.com"),
                ],
                Level::Problem,
                "b.example.com",
            ),
        ] {
            let finding = srv_of(&Lookup::Found(records));
            assert_eq!(finding.level, level, "{}", finding.found);
            assert!(finding.found.contains(word), "{}", finding.found);
            assert_eq!(finding.remedy.is_empty(), level == Level::Ok);
        }
    }

    #[test]
    fn a_record_that_is_missing_is_told_from_a_dns_that_is_silent() {
        assert_eq!(srv_of(&Lookup::NoRecords).level, Level::Problem);
        let silent = srv_of(&Lookup::Failed("no answer within 3 s".to_owned()));
        assert_eq!(silent.level, Level::Warning);
        assert!(silent.found.contains("no answer within 3 s"));
        assert!(silent.remedy.contains("/etc/resolv.conf"));
        let fallback = srv(
            "_rvp._tcp.im.example.com",
            &Lookup::NoRecords,
            "im.example.com",
            "im.example.com",
            80,
        );
        assert_eq!(fallback.level, Level::Warning);
    }

    #[test]
    fn an_address_that_leads_clients_to_themselves_is_a_problem() {
        let of = |text: &str| {
            addresses(
                "im.example.com",
                &Lookup::Found(vec![text.parse().unwrap()]),
            )
        };
        assert_eq!(of("127.0.1.1").level, Level::Problem);
        assert_eq!(of("192.0.2.10").level, Level::Ok);
        assert_eq!(
            addresses("im.example.com", &Lookup::NoRecords).level,
            Level::Problem
        );
    }
}
