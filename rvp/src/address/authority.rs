//! The `host[:port]` of an address.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{AddressError, MAX_LENGTH};

/// A host and the port written behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
}

/// The parts of an absolute address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absolute<'a> {
    pub(super) https: bool,
    pub(super) authority: &'a str,
    pub(super) parsed: Authority<'a>,
    /// From the first slash on; empty if there is none.
    pub(super) path: &'a str,
}

/// Splits an absolute http or https address that has no white space around it.
pub(super) fn split(text: &str) -> Result<Absolute<'_>, AddressError> {
    check(text)?;
    let (scheme, rest) = text.split_once("://").ok_or(AddressError::Scheme)?;
    let https = scheme.eq_ignore_ascii_case("https");
    if !https && !scheme.eq_ignore_ascii_case("http") {
        return Err(AddressError::Scheme);
    }
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    Ok(Absolute {
        https,
        authority,
        parsed: parse(authority)?,
        path,
    })
}

/// Refuses what no address may hold anywhere.
pub(super) fn check(text: &str) -> Result<(), AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if text.len() > MAX_LENGTH {
        return Err(AddressError::TooLong);
    }
    let refused = |c: char| {
        c.is_control() || c.is_whitespace() || matches!(c, '\\' | '"' | '<' | '>' | '^' | '`')
    };
    if text.contains(refused) {
        return Err(AddressError::Character);
    }
    Ok(())
}

/// Reads `host[:port]`.
pub(super) fn parse(text: &str) -> Result<Authority<'_>, AddressError> {
    if text.contains('@') {
        return Err(AddressError::UserInfo);
    }
    let (host, port) = if let Some(inner) = text.strip_prefix('[') {
        let (address, rest) = inner.split_once(']').ok_or(AddressError::Host)?;
        Ipv6Addr::from_str(address).map_err(|_| AddressError::Host)?;
        let port = match rest.strip_prefix(':') {
            Some(port) => Some(port),
            None if rest.is_empty() => None,
            None => return Err(AddressError::Host),
        };
        // The brackets and the address between them.
        (&text[..address.len() + 2], port)
    } else {
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        };
        check_name(host)?;
        (host, port)
    };
    Ok(Authority {
        host,
        port: port.map(parse_port).transpose()?,
    })
}

fn parse_port(text: &str) -> Result<u16, AddressError> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AddressError::Port);
    }
    match text.parse() {
        Ok(0) | Err(_) => Err(AddressError::Port),
        Ok(port) => Ok(port),
    }
}

/// A DNS name or a dotted IPv4 address. Spellings of IPv4 which resolvers accept but readers do not
/// recognise (2130706433, 0177.0.0.1, 0x7f.1) are refused.
fn check_name(host: &str) -> Result<(), AddressError> {
    let name = host.strip_suffix('.').unwrap_or(host);
    let well_formed = name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        });
    if !well_formed {
        return Err(AddressError::Host);
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let numeric = last.bytes().all(|b| b.is_ascii_digit())
        || last
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("0x"))
            && last[2..].bytes().all(|b| b.is_ascii_hexdigit());
    if numeric && Ipv4Addr::from_str(host).is_err() {
        return Err(AddressError::NumericHost);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        let parsed = |text| parse(text).map(|a| (a.host, a.port));
        assert_eq!(parsed("im.example.com"), Ok(("im.example.com", None)));
        assert_eq!(parsed("127.0.0.1:8080"), Ok(("127.0.0.1", Some(8080))));
        assert_eq!(parsed("[::1]:80"), Ok(("[::1]", Some(80))));
        assert_eq!(parsed("IMHOME_1."), Ok(("IMHOME_1.", None)));
        for text in ["a:", "a:0", "a:65536", "a:+1", "a:1:2"] {
            assert_eq!(parsed(text), Err(AddressError::Port), "{text}");
        }
        for text in [
            "",
            ":80",
            "a..b",
            "a b",
            "[::1",
            "[::1]x",
            "[fe80::1%eth0]",
            "é.example",
            ".",
        ] {
            assert_eq!(parsed(text), Err(AddressError::Host), "{text}");
        }
        assert_eq!(parsed("user@host"), Err(AddressError::UserInfo));
    }

    #[test]
    fn disguised_ipv4_addresses() {
        for text in [
            "2130706433",
            "0177.0.0.1",
            "0x7f.1",
            "127.1",
            "0x7f000001",
            "127.0.0.01",
            "1.2.3.4.5",
            "127.0.0.1.",
            "foo.0X1",
            "0x",
        ] {
            assert_eq!(parse(text), Err(AddressError::NumericHost), "{text}");
        }
        assert!(parse("1x.example.0xyz").is_ok());
    }
}
