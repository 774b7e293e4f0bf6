//! `Call-Back`: where a subscriber wants to be told (RVP document 5.1.4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::path::is_word;
use super::{AddressError, LogicalUrl, authority};

/// Where notifications of a subscription go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CallBack {
    /// A user's logical URL: through his home server, to wherever he is signed on.
    Principal(LogicalUrl),
    /// A client's own listener.
    Address {
        /// A name, an IPv4 address or an IPv6 address in brackets, as spelled.
        host: Box<str>,
        /// 80 if none was written.
        port: u16,
        /// The request target for the NOTIFY, `/` if none was written.
        path: Box<str>,
    },
}

impl CallBack {
    /// Reads the header value. Any path that begins with `/instmsg` has to name a user.
    ///
    /// # Errors
    /// When it is no http URL, holds a user name, or its host is written in a misleading way.
    pub fn parse(value: &str) -> Result<Self, AddressError> {
        let text = value.trim();
        let absolute = authority::split(text)?;
        if absolute.https {
            return Err(AddressError::Scheme);
        }
        if absolute.path.contains('#') {
            return Err(AddressError::Fragment);
        }
        let first = absolute.path.trim_start_matches('/');
        let first = first.split(['/', '?']).next().unwrap_or_default();
        if is_word(first, "instmsg") {
            return LogicalUrl::parse(text).map(Self::Principal);
        }
        if !absolute.path.is_ascii() {
            return Err(AddressError::Character);
        }
        let path = match absolute.path {
            "" => "/",
            path if path.starts_with('/') => path,
            _ => return Err(AddressError::Query),
        };
        Ok(Self::Address {
            host: absolute.parsed.host.into(),
            port: absolute.parsed.port.unwrap_or(80),
            path: path.into(),
        })
    }

    /// The IP address the host is written as, an IPv4-mapped IPv6 address as IPv4; `None` for a
    /// name or a principal.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        let Self::Address { host, .. } = self else {
            return None;
        };
        if let Some(inner) = host.strip_prefix('[') {
            let address = Ipv6Addr::from_str(inner.strip_suffix(']')?).ok()?;
            return Some(IpAddr::V6(address).to_canonical());
        }
        Ipv4Addr::from_str(host).ok().map(IpAddr::V4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str, port: u16, path: &str) -> CallBack {
        CallBack::Address {
            host: host.into(),
            port,
            path: path.into(),
        }
    }

    #[test]
    fn a_clients_listener() {
        for (text, expected) in [
            ("http://127.0.0.1:34223", address("127.0.0.1", 34223, "/")),
            (
                " HTTP://127.0.0.1:34223/ ",
                address("127.0.0.1", 34223, "/"),
            ),
            ("http://pc1", address("pc1", 80, "/")),
            ("http://[::1]:5150/x?y", address("[::1]", 5150, "/x?y")),
        ] {
            assert_eq!(CallBack::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_principal() {
        let parsed = CallBack::parse("http://im/INSTMSG/aliases/Alice").unwrap();
        let CallBack::Principal(url) = parsed else {
            panic!("{parsed:?}")
        };
        assert_eq!(url.as_str(), "http://im/INSTMSG/aliases/Alice");
    }

    #[test]
    fn refusals() {
        use AddressError::*;
        for (text, why) in [
            ("", Empty),
            ("https://h:1", Scheme),
            ("ftp://h", Scheme),
            ("127.0.0.1:80", Scheme),
            ("http://a@b", UserInfo),
            ("http://2130706433/", NumericHost),
            ("http://0177.0.0.1/", NumericHost),
            ("http://0x7f.1/", NumericHost),
            ("http:// 198.176.154.132:1234", Character),
            ("http://h:1/x\r\nHost: y", Character),
            ("http://h\\@evil/", Character),
            ("http://h?x", Query),
            ("http://h/#x", Fragment),
            ("http://h/instmsg/groups/x", NotAUser),
            ("http://h/instmsg/", NotAUser),
            ("http://h//instmsg/aliases/x", Path),
            ("http://h/inst%6Dsg/x", Path),
        ] {
            assert_eq!(CallBack::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn ip_addresses_are_told_from_names() {
        let ip = |text: &str| CallBack::parse(text).unwrap().ip().map(|ip| ip.to_string());
        assert_eq!(ip("http://10.0.0.1").as_deref(), Some("10.0.0.1"));
        assert_eq!(
            ip("http://[::ffff:127.0.0.1]").as_deref(),
            Some("127.0.0.1")
        );
        assert_eq!(ip("http://[2001:db8::1]").as_deref(), Some("2001:db8::1"));
        assert_eq!(ip("http://pc1"), None);
        assert_eq!(ip("http://h/instmsg/aliases/a"), None);
    }
}
