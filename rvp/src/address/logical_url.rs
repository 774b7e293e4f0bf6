//! The logical URL: a user's identity on the wire.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use super::path::{Located, locate};
use super::{AddressError, Alias, MAX_LENGTH, Node, authority, percent};

/// `http://host[:port]/instmsg/aliases/name`, exactly as a client spells it.
///
/// Clients compare these texts byte for byte (observed: librvp), so two spellings of one user are
/// different values; [`LogicalUrl::same_node`] tells whether they mean the same user.
#[derive(Clone)]
pub struct LogicalUrl {
    text: Arc<str>,
    /// Where in the text the instant-messaging host stands.
    authority: (u16, u16),
    /// Where in the text the alias stands.
    spelled: (u16, u16),
    alias: Alias,
    https: bool,
}

impl LogicalUrl {
    /// Reads a URL that names a user; https and physical URLs are accepted too. White space around
    /// it is dropped.
    ///
    /// # Errors
    /// When it is no absolute URL of a user, or its host is written in a misleading way.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let absolute = authority::split(text)?;
        let Located {
            node,
            spelled,
            physical,
        } = locate(absolute.path)?;
        let Node::Alias(alias) = node else {
            return Err(AddressError::NotAUser);
        };
        let range = |part: &str| {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            let short = |n| u16::try_from(n).expect("addresses are at most 1024 bytes long");
            (short(start), short(start + part.len()))
        };
        Ok(Self {
            authority: range(physical.unwrap_or(absolute.authority)),
            spelled: range(spelled),
            alias,
            https: absolute.https,
            text: text.into(),
        })
    }

    /// The http URL with this `host[:port]` and this alias as it stands in a request line.
    ///
    /// Parts of a parsed address go in unchanged. A part that cannot stand in a URL does not fail:
    /// what is wrong in it is replaced by `_`.
    #[must_use]
    pub fn compose(authority: &str, spelled_alias: &str) -> Self {
        let plain = format!("http://{authority}/instmsg/aliases/{spelled_alias}");
        Self::parse(&plain).unwrap_or_else(|_| {
            let host = match authority::parse(authority) {
                Ok(_) if authority.len() < MAX_LENGTH / 2 => authority,
                Ok(_) | Err(_) => "_",
            };
            let decoded = percent::decode(spelled_alias);
            let alias = Alias::nearest(decoded.as_deref().unwrap_or(spelled_alias));
            let text = format!("http://{host}/instmsg/aliases/{}", alias.encoded());
            Self::parse(&text).expect("every part was made to fit")
        })
    }

    /// The whole URL as spelled.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The routing key.
    #[must_use]
    pub fn alias(&self) -> Alias {
        self.alias.clone()
    }

    /// The alias as spelled, still percent-encoded.
    #[must_use]
    pub fn spelled_alias(&self) -> &str {
        self.slice(self.spelled)
    }

    /// `host[:port]` as spelled; of a physical URL the instant-messaging host in its path.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.slice(self.authority)
    }

    /// The host as spelled, an IPv6 address in its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        authority::parse(self.authority()).map_or("", |authority| authority.host)
    }

    /// The port: as written, else 80 (443 for https).
    #[must_use]
    pub fn port(&self) -> u16 {
        authority::parse(self.authority())
            .ok()
            .and_then(|authority| authority.port)
            .unwrap_or(if self.https { 443 } else { 80 })
    }

    /// Whether it leads to the host that it names: http, and no physical URL, which clients take
    /// for one of the home server (observed: librvp).
    #[must_use]
    pub fn is_direct(&self) -> bool {
        !self.https && usize::from(self.authority.0) == "http://".len()
    }

    /// Whether both name the same user on the same service: host in any case, port 80 if none is
    /// written, the alias by its routing key.
    #[must_use]
    pub fn same_node(&self, other: &Self) -> bool {
        fn host(url: &LogicalUrl) -> &str {
            url.host().strip_suffix('.').unwrap_or_else(|| url.host())
        }
        self.alias == other.alias
            && self.port() == other.port()
            && host(self).eq_ignore_ascii_case(host(other))
    }

    fn slice(&self, (start, end): (u16, u16)) -> &str {
        &self.text[usize::from(start)..usize::from(end)]
    }
}

impl PartialEq for LogicalUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for LogicalUrl {}

impl Hash for LogicalUrl {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for LogicalUrl {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LogicalUrl {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl fmt::Debug for LogicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogicalUrl({:?})", self.text)
    }
}

impl fmt::Display for LogicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl AsRef<str> for LogicalUrl {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl FromStr for LogicalUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> LogicalUrl {
        LogicalUrl::parse(text).unwrap()
    }

    #[test]
    fn keeps_the_spelling() {
        let bob = url(" http://IM.example.com:8080/InstMsg/aliases/B%6Fb/ \r\n");
        assert_eq!(
            bob.as_str(),
            "http://IM.example.com:8080/InstMsg/aliases/B%6Fb/"
        );
        assert_eq!(bob.authority(), "IM.example.com:8080");
        assert_eq!(bob.host(), "IM.example.com");
        assert_eq!(bob.port(), 8080);
        assert_eq!(bob.spelled_alias(), "B%6Fb");
        assert_eq!(bob.alias().as_str(), "bob");
    }

    #[test]
    fn the_same_node_in_other_words() {
        let bob = url("http://im.example.com/instmsg/aliases/bob");
        for text in [
            "http://IM.EXAMPLE.COM:80/instmsg/aliases/BOB/",
            "http://im.example.com./INSTMSG/aliases/%62ob",
            "http://home1.example.com/instmsg/local/im.example.com/instmsg/aliases/bob",
        ] {
            assert!(bob.same_node(&url(text)), "{text}");
            assert_ne!(bob, url(text));
        }
        for text in [
            "http://im.example.com:8080/instmsg/aliases/bob",
            "http://im.example.com/instmsg/aliases/bobby",
            "http://example.com/instmsg/aliases/bob",
            "https://im.example.com/instmsg/aliases/bob",
        ] {
            assert!(!bob.same_node(&url(text)), "{text}");
        }
    }

    #[test]
    fn a_physical_url_leads_elsewhere() {
        assert!(url("HTTP://h:81/instmsg/aliases/x").is_direct());
        assert!(!url("https://h/instmsg/aliases/x").is_direct());
        assert!(!url("http://h/instmsg/local/h/instmsg/aliases/x").is_direct());
    }

    #[test]
    fn refuses_what_names_no_user() {
        use AddressError::*;
        for (text, why) in [
            ("", Empty),
            ("im.example.com", Scheme),
            ("http://h", Path),
            ("http://h/", NotAUser),
            ("http://h/instmsg/groups/x", NotAUser),
            ("http://u@h/instmsg/aliases/x", UserInfo),
            ("http:///instmsg/aliases/x", Host),
            ("http://h/instmsg/aliases/x y", Character),
            ("http://h/instmsg/aliases/x\r\nY: z", Character),
        ] {
            assert_eq!(LogicalUrl::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn composes_without_failing() {
        assert_eq!(
            LogicalUrl::compose("127.0.0.1:8080", "Bob").as_str(),
            "http://127.0.0.1:8080/instmsg/aliases/Bob"
        );
        assert_eq!(
            LogicalUrl::compose("a b\r\n", "x/y z").as_str(),
            "http://_/instmsg/aliases/x_y_z"
        );
        assert_eq!(
            LogicalUrl::compose("h", "").as_str(),
            "http://h/instmsg/aliases/_"
        );
        assert_eq!(
            LogicalUrl::compose("h", "a?b").as_str(),
            "http://h/instmsg/aliases/a%3Fb"
        );
        let long = LogicalUrl::compose(&"h.".repeat(600), &"é".repeat(600));
        assert_eq!(long.alias().as_str().chars().count(), 64);
    }
}
