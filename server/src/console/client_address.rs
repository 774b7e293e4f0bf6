//! The address of a browser behind proxies that the configuration trusts.
//!
//! Each proxy adds the address that spoke to it at the end of `X-Forwarded-For` or `Forwarded`
//! (RFC 7239), so the list is believed from its end, as far as trusted proxies go on; what stands
//! before the first address that is none of theirs may be made up.

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub(super) struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    pub(super) fn new(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who speaks through `peer`. Where the two headers differ somebody made one of them up, and
    /// neither is believed.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        let all = |name: &str| {
            let lines = headers.get_all(name).iter();
            let lines: Vec<_> = lines
                .map(|line| String::from_utf8_lossy(line.as_bytes()))
                .collect();
            lines.join(",")
        };
        let through = |list: &str, read: fn(&str) -> Option<IpAddr>| {
            let mut nearest = peer;
            for hop in elements(list).into_iter().rev() {
                match read(hop) {
                    Some(hop) if self.trusts(hop) => nearest = hop,
                    Some(hop) => return hop,
                    None => break,
                }
            }
            nearest
        };
        let (plain, standard) = (all("x-forwarded-for"), all("forwarded"));
        match (plain.is_empty(), standard.is_empty()) {
            (_, true) => through(&plain, address),
            (true, false) => through(&standard, forwarded_for),
            (false, false) => {
                let said = through(&plain, address);
                if said == through(&standard, forwarded_for) {
                    said
                } else {
                    peer
                }
            }
        }
    }
}

/// Puts the address of the browser in the place of the proxy's.
pub(super) async fn note(
    State(proxies): State<TrustedProxies>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(ConnectInfo(peer)) = peer.copied() {
        let client = proxies.client(peer.ip(), request.headers());
        let client = SocketAddr::new(client, peer.port());
        request.extensions_mut().insert(ConnectInfo(client));
    }
    next.run(request).await
}

/// The elements of a list, commas in quotes left alone; empty ones count for nothing.
fn elements(list: &str) -> Vec<&str> {
    let mut quoted = false;
    let split = list.split(|letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    });
    split.map(str::trim).filter(|it| !it.is_empty()).collect()
}

/// The `for` of an element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(node.trim().trim_matches('"'))
}

/// An address, with or without a port; an address of IPv6 also in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.parse().ok();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|it| it.ip());
    let found: Option<IpAddr> = bare.or_else(bracketed).or_else(with_port);
    found.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let trusted = ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"].map(|it| it.parse().unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).unwrap();
            map.append(HeaderName::from_static(name), value);
        }
        let proxies = TrustedProxies::new(&trusted);
        proxies.client(peer.parse().unwrap(), &map).to_string()
    }

    const XFF: &str = "x-forwarded-for";
    const FORWARDED: &str = "forwarded";

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(client("192.0.2.9", &[(XFF, "198.51.100.7")]), "192.0.2.9");
        assert_eq!(
            client("127.0.0.1", &[(XFF, "198.51.100.7")]),
            "198.51.100.7"
        );
        let mapped = client("::ffff:127.0.0.1", &[(XFF, "198.51.100.7")]);
        assert_eq!(mapped, "198.51.100.7");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        for (list, from) in [
            ("203.0.113.1, 198.51.100.7", "198.51.100.7"),
            ("198.51.100.7, 10.1.2.3, 10.9.9.9", "198.51.100.7"),
            ("10.1.2.3", "10.1.2.3"),
            ("198.51.100.7:4711", "198.51.100.7"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("198.51.100.7,, ,10.1.2.3,", "198.51.100.7"),
            // What no proxy can have written ends the belief.
            ("203.0.113.1, nonsense", "127.0.0.1"),
            ("203.0.113.1, nonsense, 10.1.2.3", "10.1.2.3"),
            ("", "127.0.0.1"),
        ] {
            assert_eq!(client("127.0.0.1", &[(XFF, list)]), from, "{list}");
        }
        let lines = [(XFF, "203.0.113.1"), (XFF, "198.51.100.7")];
        assert_eq!(client("127.0.0.1", &lines), "198.51.100.7");
    }

    #[test]
    fn the_standard_header_says_the_same() {
        for (list, from) in [
            ("for=198.51.100.7", "198.51.100.7"),
            (
                "for=203.0.113.1, For=\"198.51.100.7:80\";proto=https;by=10.0.0.1",
                "198.51.100.7",
            ),
            (
                "proto=https;for=\"[2001:db8::1]:4711\", for=10.0.0.2",
                "2001:db8::1",
            ),
            ("for=203.0.113.1, for=unknown", "127.0.0.1"),
            ("for=203.0.113.1, for=_hidden, for=10.1.1.1", "10.1.1.1"),
            ("by=203.0.113.1", "127.0.0.1"),
            ("for=\"203.0.113.1, for=198.51.100.7", "127.0.0.1"),
        ] {
            assert_eq!(client("127.0.0.1", &[(FORWARDED, list)]), from, "{list}");
        }
    }

    #[test]
    fn of_two_that_differ_neither_is_believed() {
        let differ = [(XFF, "198.51.100.7"), (FORWARDED, "for=203.0.113.1")];
        assert_eq!(client("127.0.0.1", &differ), "127.0.0.1");
        let same = [(XFF, "198.51.100.7"), (FORWARDED, "for=198.51.100.7")];
        assert_eq!(client("127.0.0.1", &same), "198.51.100.7");
    }
}
