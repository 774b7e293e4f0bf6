//! The name that clients know the server by.

use crate::dns::is_fqdn;
use api::{Finding, Level};
use std::net::IpAddr;

/// What most likely stands after the `@` of the users' addresses: `example.com` for
/// `im.example.com`, a name of two labels itself.
pub(super) fn mail_domain(domain: &str) -> &str {
    match domain.split_once('.') {
        Some((_, parent)) if is_fqdn(domain) && parent.contains('.') => parent,
        _ => domain,
    }
}

/// The domain is a fully qualified name (KB 319758).
pub(super) fn domain(domain: &str) -> Finding {
    const CHECK: &str = "Domain name";
    const REMEDY: &str = "Choose a DNS name such as im.example.com, set it as `domain` (or \
        with --domain), restart, and remove DNS records that name the old one. Accounts, \
        passwords and lists are kept.";
    if domain.parse::<IpAddr>().is_ok() {
        return Finding::new(
            Level::Problem,
            CHECK,
            format!("The domain is the IP address {domain}."),
            "Clients find a server by the SRV record of a domain, and an SRV record cannot \
             point at an address. People would have to write the address as theirs.",
        )
        .remedy(REMEDY);
    }
    if !domain.contains('.') {
        return Finding::new(
            Level::Problem,
            CHECK,
            format!("The domain {domain} is a single label, like a NetBIOS name."),
            "Clients sign on at the fully qualified name. With a NetBIOS name they are turned \
             away with the misleading message that they have no permission (KB 319758).",
        )
        .remedy(REMEDY);
    }
    if !is_fqdn(domain) {
        return Finding::new(
            Level::Problem,
            CHECK,
            format!("The domain {domain} is not a name that DNS can hold."),
            "Clients look the name up before they connect.",
        )
        .remedy(REMEDY);
    }
    Finding::new(
        Level::Ok,
        CHECK,
        format!("The domain {domain} is a fully qualified name."),
        "Clients turn away from NetBIOS names and addresses (KB 319758).",
    )
}

/// The domain does not hang on what the machine is called.
pub(super) fn host_name(domain: &str, is_set: bool) -> Finding {
    const CHECK: &str = "Host name";
    const WHY: &str = "The domain is part of every user's address: a machine that is renamed \
        would be another server to all clients.";
    if is_set {
        return Finding::new(
            Level::Ok,
            CHECK,
            format!(
                "The domain {domain} is set in the configuration, whatever the machine is called."
            ),
            WHY,
        );
    }
    Finding::new(
        Level::Warning,
        CHECK,
        format!("No domain is set, so the machine's name {domain} is used."),
        WHY,
    )
    .remedy("Write domain = \"im.example.com\", with your name, into the configuration.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_netbios_name_and_an_address_are_problems_with_a_way_out() {
        for (name, word) in [
            ("imserver", "KB 319758"),
            ("localhost", "KB 319758"),
            ("127.0.0.1", "SRV record cannot point at an address"),
            ("im..example.com", "look the name up"),
        ] {
            let finding = domain(name);
            assert_eq!(finding.level, Level::Problem, "{name}");
            assert!(finding.why.contains(word), "{name}: {}", finding.why);
            assert!(finding.remedy.contains("im.example.com"), "{name}");
        }
        assert_eq!(domain("im.example.com").level, Level::Ok);
    }

    #[test]
    fn the_mail_domain_is_guessed_where_a_label_can_go() {
        assert_eq!(mail_domain("im.example.com"), "example.com");
        assert_eq!(mail_domain("example.com"), "example.com");
        assert_eq!(mail_domain("10.0.0.1"), "10.0.0.1");
        assert_eq!(mail_domain("server"), "server");
    }

    #[test]
    fn a_domain_that_hangs_on_the_machine_is_warned_of() {
        assert_eq!(host_name("im.example.com", true).level, Level::Ok);
        assert_eq!(host_name("build7", false).level, Level::Warning);
    }
}
