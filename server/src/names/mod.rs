//! Which names are this server's own, which a peer's, and which nobody's here: one answer for
//! requests, lists, bodies and other domains alike.

mod acl;

pub use acl::NotKnown;

use std::borrow::Cow;
use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;

/// Whose a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// This server's.
    Here,
    /// A peer's, by the configuration.
    Peer,
    /// Nobody's that is known here.
    Unknown,
}

/// What this server is called. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LocalNames(Arc<Names>);

#[derive(Debug)]
struct Names {
    domain: Box<str>,
    hosts: HashSet<Box<str>>,
    /// What it was called, and is not any more: it may be somebody else's by now.
    former: HashSet<Box<str>>,
    /// Names with a port that no rule gives, such as that of a port forwarding.
    exact: HashSet<Box<str>>,
    port: u16,
    peers: Box<[Box<str>]>,
}

/// Where the names of a server come from.
#[derive(Clone, Copy, Debug, Default)]
pub struct NameSources<'a> {
    /// The IM domain.
    pub domain: &'a str,
    /// Its `NetBIOS` name.
    pub nt_domain: &'a str,
    /// What the machine calls itself.
    pub host: Option<&'a str>,
    /// What it was called before. Clients may have kept that, in what they ask here for and in
    /// their lists; nobody else is told so.
    pub former: &'a [&'a str],
    /// What the configuration adds: `host` or `host:port`.
    pub more: &'a [String],
    /// The port of the RVP listener; none while no server runs.
    pub port: Option<u16>,
}

impl LocalNames {
    /// The names of a server whose peers have these domains.
    ///
    /// What follows from other names (the mail domain, the machine's name) gives way to a peer
    /// that the configuration names.
    pub fn new<'a>(from: &NameSources<'_>, peers: impl IntoIterator<Item = &'a str>) -> Self {
        let peers: Box<[Box<str>]> = peers.into_iter().map(|it| host_of(it).into()).collect();
        let domain = host_of(from.domain);
        // The domain is that of the mail addresses, or a host below it.
        let mail_domain = domain
            .split_once('.')
            .map(|(_, above)| above)
            .filter(|above| above.contains('.') && domain.parse::<IpAddr>().is_err());
        let mut former: Vec<_> = from.former.iter().map(|it| host_of(it)).collect();
        let mut derived = vec![host_of(from.nt_domain)];
        derived.extend(mail_domain.map(str::to_owned));
        if let Some(host) = from.host.map(host_of) {
            let first = host.split('.').next().unwrap_or_default();
            derived.push(first.to_owned());
            derived.extend(mail_domain.map(|above| format!("{first}.{above}")));
            derived.push(host);
        }
        // The first label of an address is no name, but a number that resolvers take for another.
        let is_number = |it: &str| it.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let is_free = |it: &str| !peers.iter().any(|peer| is_below(peer, it));
        derived.retain(|it| !is_number(it) && is_free(it));
        former.retain(|it| !is_number(it) && is_free(it));
        let mut hosts: HashSet<Box<str>> = derived.into_iter().map(Into::into).collect();
        hosts.extend([domain.as_str().into(), "localhost".into()]);
        let (exact, plain): (Vec<_>, Vec<_>) = from
            .more
            .iter()
            .map(|name| name.trim().to_ascii_lowercase())
            .partition(|name| split(name).1.is_some());
        hosts.extend(plain.iter().map(|name| host_of(name).into()));
        Self(Arc::new(Names {
            domain: domain.into(),
            hosts,
            former: former.into_iter().map(Into::into).collect(),
            exact: exact.into_iter().map(Into::into).collect(),
            port: from.port.unwrap_or(80),
            peers,
        }))
    }

    /// The names that follow from a domain alone, as of a server that nobody configured.
    #[must_use]
    pub fn of_domain(domain: &str) -> Self {
        let from = NameSources {
            domain,
            ..NameSources::default()
        };
        Self::new(&from, [])
    }

    /// The name under which users are kept.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.0.domain
    }

    /// Whose `host[:port]` is. This server answers at the usual port and at its own.
    #[must_use]
    pub fn home(&self, authority: &str) -> Home {
        match self.home_of_host(authority) {
            Home::Here if self.is_own_port(authority) || self.is_exact(authority) => Home::Here,
            Home::Here => Home::Unknown,
            Home::Unknown if self.is_exact(authority) => Home::Here,
            home => home,
        }
    }

    /// Whose `host[:port]` is in the list of a user: what this server was called when it was
    /// written means this server.
    #[must_use]
    pub fn home_in_list(&self, authority: &str) -> Home {
        match self.home(authority) {
            Home::Unknown if self.was_ours(authority) && self.is_own_port(authority) => Home::Here,
            home => home,
        }
    }

    /// Whose the host is that a request asks for. Whoever asks here under a former name means
    /// this server.
    #[must_use]
    pub fn home_of_request(&self, authority: &str) -> Home {
        match self.home_of_host(authority) {
            Home::Unknown if self.was_ours(authority) => Home::Here,
            home => home,
        }
    }

    /// Whose the host of `host[:port]` is, at whatever port.
    #[must_use]
    pub fn home_of_host(&self, authority: &str) -> Home {
        let host = host_of(authority);
        if self.0.hosts.contains(host.as_str()) || is_own_address(&host) {
            Home::Here
        } else if self.0.peers.iter().any(|peer| is_below(peer, &host)) {
            Home::Peer
        } else {
            Home::Unknown
        }
    }

    /// `host[:port]` as this server may still be called: its domain in place of a former name.
    #[must_use]
    pub fn current<'a>(&self, authority: &'a str) -> Cow<'a, str> {
        if !self.is_former(authority) {
            return authority.into();
        }
        match split(authority).1 {
            Some(port) => format!("{}:{port}", self.domain()).into(),
            None => self.domain().to_owned().into(),
        }
    }

    /// Whether the host was this server's, and is nobody's that is known now.
    #[must_use]
    pub fn is_former(&self, authority: &str) -> bool {
        self.was_ours(authority) && self.home(authority) == Home::Unknown
    }

    fn was_ours(&self, authority: &str) -> bool {
        self.0.former.contains(host_of(authority).as_str())
    }

    fn is_own_port(&self, authority: &str) -> bool {
        match split(authority).1.map(str::parse::<u16>) {
            None => true,
            Some(Ok(port)) => port == 80 || port == self.0.port,
            Some(Err(_)) => false,
        }
    }

    fn is_exact(&self, authority: &str) -> bool {
        let small = authority.to_ascii_lowercase();
        self.0.exact.contains(small.as_str())
    }
}

/// The host of `host[:port]` in one spelling: lower case, without the final dot.
#[must_use]
pub fn host_of(authority: &str) -> String {
    let (host, _) = split(authority);
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether a host, in the spelling of [`host_of`], is this domain or one below it.
#[must_use]
pub fn is_below(domain: &str, host: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// Host and port; the brackets of an IPv6 address stay.
fn split(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|b| b.is_ascii_digit())
                && (!host.contains(':') || host.ends_with(']')) =>
        {
            (host, Some(port))
        }
        _ => (authority, None),
    }
}

/// Whether this is the address of this machine: only those can be bound.
fn is_own_address(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let Ok(ip) = bare.parse::<IpAddr>() else {
        return false;
    };
    let ip = ip.to_canonical();
    let is_one_host = !ip.is_unspecified()
        && !ip.is_multicast()
        && !matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    is_one_host && UdpSocket::bind(SocketAddr::new(ip, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(domain: &str, peers: &[&str]) -> LocalNames {
        let from = NameSources {
            domain,
            nt_domain: "EXAMPLE",
            host: Some("Box7"),
            former: &["old.example.net", "OLD"],
            more: &["chat.other.test".to_owned(), "nat.test:18080".to_owned()],
            port: Some(8080),
        };
        LocalNames::new(&from, peers.iter().copied())
    }

    #[test]
    fn all_names_of_one_server() {
        let names = names("IM.example.com", &["b.test"]);
        for ours in [
            "im.example.com",
            "IM.EXAMPLE.COM.:8080",
            "im.example.com:80",
            "example.com",
            "example",
            "box7",
            "box7.example.com:8080",
            "localhost",
            "127.0.0.1:8080",
            "chat.other.test",
            "NAT.test:18080",
        ] {
            assert_eq!(names.home(ours), Home::Here, "{ours}");
        }
        for peer in ["b.test", "im.B.test.:9"] {
            assert_eq!(names.home(peer), Home::Peer, "{peer}");
        }
        for stranger in [
            "im.example.com:81",
            "evil.example.com",
            "com",
            "im.example.com.evil.test",
            "notb.test",
            "192.0.2.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "nat.test",
            "nat.test:8080",
            "127.0.0.1:9999",
            "old.example.net",
            "old",
            "",
            ":8080",
        ] {
            assert_eq!(names.home(stranger), Home::Unknown, "{stranger}");
        }
        assert_eq!(names.home_of_host("im.example.com:81"), Home::Here);
    }

    #[test]
    fn former_names_are_ours_where_somebody_may_have_kept_them() {
        let mine = names("IM.example.com", &[]);
        for former in ["old.example.net", "OLD.example.net.:8080", "old"] {
            assert_eq!(mine.home(former), Home::Unknown, "{former}");
            assert_eq!(mine.home_of_host(former), Home::Unknown, "{former}");
            assert_eq!(mine.home_in_list(former), Home::Here, "{former}");
            assert_eq!(mine.home_of_request(former), Home::Here, "{former}");
        }
        assert_eq!(mine.home_in_list("old.example.net:81"), Home::Unknown);
        assert_eq!(mine.current("Old.example.net:81"), "im.example.com:81");
        assert_eq!(mine.current("old"), "im.example.com");
        assert_eq!(mine.current("odd.test:81"), "odd.test:81");
        // Somebody else has it now.
        let theirs = names("IM.example.com", &["example.net"]);
        assert_eq!(theirs.home_in_list("old.example.net"), Home::Peer);
        assert_eq!(theirs.home_of_request("old.example.net"), Home::Peer);
        assert_eq!(theirs.home_in_list("box7.example.com"), Home::Here);
        assert_eq!(theirs.home_of_request("evil.test"), Home::Unknown);
    }

    #[test]
    fn a_peer_takes_no_name_but_one_that_only_follows() {
        let peers = ["example.com"];
        assert_eq!(
            names("im.example.com", &peers).home("example.com"),
            Home::Peer
        );
        assert_eq!(
            names("im.example.com", &peers).home("im.example.com"),
            Home::Here
        );
        assert_eq!(
            names("im.example.com", &peers).home("box7.example.com"),
            Home::Peer
        );
    }

    #[test]
    fn an_address_has_no_mail_domain() {
        assert_eq!(names("10.1.2.3", &[]).home("1.2.3"), Home::Unknown);
        assert_eq!(names("example.com", &[]).home("com"), Home::Unknown);
    }
}
