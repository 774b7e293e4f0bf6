//! Somebody who asks for something: a user of this server, or of another domain.

use rvp::{Alias, LogicalUrl};
use std::fmt;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A user of this server, who proved it.
    Here(Alias),
    /// A user of another domain, for whom that domain's server vouches: the URL in one spelling,
    /// whatever the other server writes.
    Elsewhere(Box<LogicalUrl>),
}

impl Who {
    /// The user of another domain that a URL names.
    #[must_use]
    pub fn elsewhere(url: &LogicalUrl) -> Self {
        let host = url.host().to_ascii_lowercase();
        let host = host.trim_end_matches('.');
        let authority = match url.port() {
            80 => host.to_owned(),
            port => format!("{host}:{port}"),
        };
        Self::Elsewhere(Box::new(LogicalUrl::compose(
            &authority,
            &url.alias().encoded(),
        )))
    }

    /// Whether this is the user of that alias here.
    #[must_use]
    pub fn is(&self, alias: &Alias) -> bool {
        matches!(self, Self::Here(here) if here == alias)
    }

    /// The inverse of [`fmt::Display`]: an alias, or the URL of somebody elsewhere.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.contains("://") {
            Some(Self::elsewhere(&LogicalUrl::parse(text).ok()?))
        } else {
            Alias::new(text).ok().map(Self::Here)
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(alias) => fmt::Display::fmt(alias, f),
            Self::Elsewhere(url) => f.write_str(url.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_of_another_domain_has_one_spelling() {
        let who = |url| Who::elsewhere(&LogicalUrl::parse(url).unwrap());
        let bob = who("http://IM.b.test:80/instmsg/aliases/Bob");
        assert_eq!(bob, who("http://im.b.test./INSTMSG/aliases/b%6fb/"));
        assert_eq!(bob.to_string(), "http://im.b.test/instmsg/aliases/bob");
        assert_eq!(Who::read(&bob.to_string()), Some(bob.clone()));
        assert_ne!(bob, who("http://im.b.test:8080/instmsg/aliases/bob"));
        assert!(!bob.is(&Alias::new("bob").unwrap()));
    }

    #[test]
    fn it_takes_no_more_room_than_an_alias() {
        // A watch has one, and there are twenty of those for each user.
        assert_eq!(size_of::<Who>(), size_of::<Alias>());
    }
}
