//! Whom the entries of a list are about, in the one spelling in which lists are kept. An entry
//! that named this server otherwise would be taken and never count.

use super::{Home, LocalNames, host_of};
use rvp::{AcePrincipal, Acl, LogicalUrl};

/// An entry about somebody who is neither of this server nor of a peer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is neither of this server nor of a domain that it talks with; write http://{1}/instmsg/aliases/NAME, or have an administrator add the name to `names` in the configuration"
)]
pub struct NotKnown(pub String, pub String);

impl LocalNames {
    /// A list as it is kept: users of this server under its domain, those of peers without a
    /// port, nobody twice. `spelled` is how its writer calls this server.
    ///
    /// # Errors
    /// When an entry is about somebody of neither: it could never count.
    pub fn kept(&self, acl: &Acl, spelled: &str) -> Result<Acl, NotKnown> {
        let mut kept = Acl::default();
        for ace in &acl.entries {
            let mut ace = ace.clone();
            if let AcePrincipal::Principal(name) = &ace.who {
                let known = self.principal(name, spelled);
                let known =
                    known.ok_or_else(|| NotKnown(name.to_string(), self.domain().to_owned()))?;
                ace.who = AcePrincipal::Principal(known);
            }
            kept.merge(Acl { entries: vec![ace] });
        }
        Ok(kept)
    }

    /// A list that was kept before: what it says of strangers stays as it is.
    #[must_use]
    pub fn kept_before(&self, acl: &Acl) -> Acl {
        let mut kept = Acl::default();
        for ace in &acl.entries {
            let mut ace = ace.clone();
            if let AcePrincipal::Principal(name) = &ace.who
                && let Some(known) = self.principal(name, self.domain())
            {
                ace.who = AcePrincipal::Principal(known);
            }
            kept.merge(Acl { entries: vec![ace] });
        }
        kept
    }

    /// The URL of a user, as lists keep it; `None` for a stranger.
    #[must_use]
    pub fn kept_url(&self, url: &LogicalUrl, spelled: &str) -> Option<LogicalUrl> {
        let authority = match self.home_in_list(url.authority()) {
            Home::Here => self.domain().to_owned(),
            Home::Peer => host_of(url.authority()),
            // A client that calls this server so means this server.
            Home::Unknown if url.authority().eq_ignore_ascii_case(spelled) => {
                self.domain().to_owned()
            }
            Home::Unknown => return None,
        };
        Some(LogicalUrl::compose(&authority, url.spelled_alias()))
    }

    /// The URL of a user of another domain, as lists keep it: with whatever port their server
    /// names them, they are the same.
    #[must_use]
    pub fn listed(&self, url: &LogicalUrl) -> LogicalUrl {
        LogicalUrl::compose(&host_of(url.authority()), url.spelled_alias())
    }

    fn principal(&self, name: &str, spelled: &str) -> Option<Box<str>> {
        if let Ok(url) = LogicalUrl::parse(name) {
            return self.kept_url(&url, spelled).map(|url| url.as_str().into());
        }
        let name = name.trim();
        match self.home_in_list(name) {
            Home::Here => Some(self.domain().into()),
            Home::Peer => Some(host_of(name).into()),
            Home::Unknown if name.eq_ignore_ascii_case(spelled) => Some(self.domain().into()),
            Home::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::NameSources;
    use super::*;
    use rvp::{Ace, Credentials, Rights};

    fn names() -> LocalNames {
        let from = NameSources {
            domain: "im.example.com",
            nt_domain: "EXAMPLE",
            port: Some(8080),
            ..NameSources::default()
        };
        LocalNames::new(&from, ["b.test"])
    }

    fn list(entries: &[(&str, Rights, Rights)]) -> Acl {
        let ace = |(who, grant, deny): &(&str, Rights, Rights)| Ace {
            who: AcePrincipal::Principal((*who).into()),
            credentials: Credentials::ANY,
            grant: *grant,
            deny: *deny,
        };
        Acl {
            entries: entries.iter().map(ace).collect(),
        }
    }

    fn whom(acl: &Acl) -> Vec<String> {
        let names = acl.entries.iter().map(|ace| match &ace.who {
            AcePrincipal::Principal(name) => name.to_string(),
            AcePrincipal::All => "*".to_owned(),
        });
        names.collect()
    }

    #[test]
    fn every_name_of_this_server_is_its_domain() {
        let (send, none) = (Rights::SEND_TO, Rights::NONE);
        let acl = list(&[
            ("http://im.example.com/instmsg/aliases/Carol", send, none),
            ("http://example.com:8080/instmsg/aliases/carol/", none, send),
            ("http://odd.name:7/instmsg/aliases/dave", none, send),
            ("http://IM.b.test:9/instmsg/aliases/eve", none, send),
            ("EXAMPLE", send, none),
            ("B.test.", send, none),
        ]);
        let kept = names().kept(&acl, "Odd.name:7").unwrap();
        assert_eq!(
            whom(&kept),
            [
                "http://im.example.com/instmsg/aliases/Carol",
                "http://im.example.com/instmsg/aliases/dave",
                "http://im.b.test/instmsg/aliases/eve",
                "im.example.com",
                "b.test",
            ]
        );
        assert_eq!((kept.entries[0].grant, kept.entries[0].deny), (none, send));
    }

    #[test]
    fn strangers_are_refused_and_stay_where_they_were_taken() {
        for stranger in ["http://evil.test/instmsg/aliases/eve", "evil.test", "eve"] {
            let acl = list(&[(stranger, Rights::NONE, Rights::SEND_TO)]);
            let refused = names().kept(&acl, "im.example.com").unwrap_err();
            assert!(refused.to_string().contains(stranger), "{refused}");
            assert_eq!(whom(&names().kept_before(&acl)), [stranger]);
        }
    }
}
