//! The target of a request line.

use super::path::{Located, locate};
use super::{AddressError, Node, authority};

/// What a request line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The node addressed.
    pub node: Node,
    /// The alias exactly as spelled in the request line, still percent-encoded; empty for the root.
    pub spelled: Box<str>,
    /// `host[:port]` of the instant-messaging service, from the physical path or else from an
    /// absolute-form target.
    pub authority: Option<Box<str>>,
    /// Whether the path was a physical one (`/instmsg/local/HOST/…`).
    pub physical: bool,
}

impl Target {
    /// Reads a request target: origin form (what clients send) or absolute form (what the RVP
    /// document shows and a proxy produces).
    ///
    /// # Errors
    /// When it is neither, has a query, or names no node.
    pub fn parse(request_target: &str) -> Result<Self, AddressError> {
        authority::check(request_target)?;
        let (path, host) = if request_target.starts_with('/') {
            (request_target, None)
        } else if request_target.contains("://") {
            let absolute = authority::split(request_target)?;
            let path = if absolute.path.is_empty() {
                "/"
            } else {
                absolute.path
            };
            (path, Some(absolute.authority))
        } else {
            return Err(AddressError::Path);
        };
        let Located {
            node,
            spelled,
            physical,
        } = locate(path)?;
        Ok(Self {
            node,
            spelled: spelled.into(),
            authority: physical.or(host).map(Into::into),
            physical: physical.is_some(),
        })
    }

    /// The logical path of the node in the letters of the request line; `None` for the root.
    #[must_use]
    pub fn logical_path(&self) -> Option<String> {
        let collection = match self.node {
            Node::Alias(_) => "aliases",
            Node::Group(_) => "groups",
            Node::Root => return None,
        };
        Some(format!("/instmsg/{collection}/{}", self.spelled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Alias;

    fn parse(text: &str) -> (Node, String, Option<String>, bool) {
        let target = Target::parse(text).unwrap();
        (
            target.node,
            target.spelled.into(),
            target.authority.map(Into::into),
            target.physical,
        )
    }

    fn bob() -> Node {
        Node::Alias(Alias::new("bob").unwrap())
    }

    #[test]
    fn origin_form_in_any_case() {
        let expected = (bob(), "Bob".to_owned(), None, false);
        for text in [
            "/instmsg/aliases/Bob",
            "/INSTMSG/Aliases/Bob/",
            "/inst%6dsg/aliases/Bob",
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(
            parse("/instmsg/aliases/B%6fb"),
            (bob(), "B%6fb".into(), None, false)
        );
    }

    #[test]
    fn absolute_and_physical_forms() {
        assert_eq!(
            parse("HTTP://im.example.com:8080/instmsg/aliases/bob"),
            (
                bob(),
                "bob".into(),
                Some("im.example.com:8080".into()),
                false
            )
        );
        assert_eq!(
            parse("/instmsg/LOCAL/im.example.com/instmsg/aliases/bob"),
            (bob(), "bob".into(), Some("im.example.com".into()), true)
        );
        assert_eq!(
            parse("http://home1/instmsg/local/im.example.com/instmsg/groups/bob/"),
            (
                Node::Group(Alias::new("bob").unwrap()),
                "bob".into(),
                Some("im.example.com".into()),
                true
            )
        );
    }

    #[test]
    fn the_logical_path_keeps_the_letters() {
        let path = |text| Target::parse(text).unwrap().logical_path();
        assert_eq!(
            path("/instmsg/LOCAL/im.example.com/InstMsg/aliases/B%6fb/").as_deref(),
            Some("/instmsg/aliases/B%6fb")
        );
        assert_eq!(
            path("http://h/instmsg/groups/Staff").as_deref(),
            Some("/instmsg/groups/Staff")
        );
        assert_eq!(path("/instmsg/"), None);
    }

    #[test]
    fn the_root() {
        for text in [
            "/",
            "/instmsg",
            "/instmsg/",
            "/Instmsg/aliases",
            "/instmsg/groups/",
        ] {
            assert_eq!(
                parse(text),
                (Node::Root, String::new(), None, false),
                "{text}"
            );
        }
        assert_eq!(parse("http://h").0, Node::Root);
        assert_eq!(parse("/instmsg/local/h").2.as_deref(), Some("h"));
    }

    #[test]
    fn refusals() {
        use AddressError::*;
        for (text, why) in [
            ("", Empty),
            ("*", Path),
            ("instmsg/aliases/bob", Path),
            ("//instmsg/aliases/bob", Path),
            ("/instmsg//bob", Path),
            ("/instmsg/aliases/bob/x", Path),
            ("/instmsg/lists/bob", Path),
            ("/index.html", Path),
            ("/instmsg/local/h/instmsg/local/h/instmsg/aliases/b", Path),
            ("/instmsg/local/0x7f.1/instmsg/aliases/b", NumericHost),
            ("/instmsg/aliases/bob?x=1", Query),
            ("/instmsg/aliases/bob#x", Fragment),
            ("/instmsg/aliases/b%2Fb", AliasCharacter),
            ("/instmsg/aliases/%2e%2e", AliasDots),
            ("/instmsg/aliases/b b", Character),
            ("/instmsg/aliases/b\\b", Character),
            ("ftp://h/instmsg/aliases/bob", Scheme),
            ("http://u:p@h/instmsg/aliases/bob", UserInfo),
        ] {
            assert_eq!(Target::parse(text).unwrap_err(), why, "{text:?}");
        }
        assert_eq!(
            Target::parse(&format!("/{}", "a".repeat(1024))),
            Err(TooLong)
        );
    }
}
