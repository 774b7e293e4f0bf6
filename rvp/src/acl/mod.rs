//! Access control lists of a node (RVP document 5.7).

mod principal;
mod rights;

pub use principal::PrincipalRef;
pub use rights::{Credential, Credentials, Rights};

use crate::address::LogicalUrl;

/// Who may do what on a node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acl {
    /// The entries in the order they are written.
    pub entries: Vec<Ace>,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ace {
    /// Whom it is about.
    pub who: AcePrincipal,
    /// How he must have proved who he is for the entry to count.
    pub credentials: Credentials,
    /// What he may do.
    pub grant: Rights,
    /// What he may not do; beats `grant`.
    pub deny: Rights,
}

/// Whom an entry is about (RVP document 5.7.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AcePrincipal {
    /// Everybody.
    All,
    /// A user's logical URL or the name of a server, as written by the client.
    Principal(Box<str>),
}

/// What a list says about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request is allowed.
    pub allowed: bool,
    /// Which entry decided; none if no entry says anything and the request is refused for that.
    pub entry: Option<usize>,
}

impl Acl {
    /// The list of a new node: everybody may see and send, the owner may do everything (the shape
    /// Exchange answers with).
    #[must_use]
    pub fn default_for(owner: &LogicalUrl) -> Self {
        Self {
            entries: vec![
                Ace {
                    who: AcePrincipal::All,
                    credentials: Credentials::ASSERTION | Credentials::DIGEST | Credentials::NTLM,
                    grant: Rights::LIST | Rights::READ | Rights::SEND_TO | Rights::PRESENCE,
                    deny: Rights::NONE,
                },
                Ace {
                    who: AcePrincipal::Principal(owner.as_str().into()),
                    credentials: Credentials::DIGEST | Credentials::NTLM,
                    grant: Rights::ALL,
                    deny: Rights::NONE,
                },
            ],
        }
    }

    /// Applies a list that a client set, principal by principal.
    ///
    /// Clients send single entries (observed: librvp) and would lose their own rights if the list
    /// were replaced. A right newly granted leaves `deny`, a right newly denied leaves `grant`,
    /// other rights stay; the credentials are those of the new entry. Within one entry `deny` wins.
    pub fn merge(&mut self, set: Self) {
        for new in set.entries {
            let index = self.entries.iter().position(|old| old.who.same(&new.who));
            let index = index.unwrap_or_else(|| {
                self.entries.push(Ace {
                    who: new.who,
                    credentials: new.credentials,
                    grant: Rights::NONE,
                    deny: Rights::NONE,
                });
                self.entries.len() - 1
            });
            let entry = &mut self.entries[index];
            entry.credentials = new.credentials;
            entry.deny = (entry.deny - new.grant) | new.deny;
            entry.grant = (entry.grant | new.grant) - new.deny;
        }
    }

    /// Whether somebody with these credentials has a right.
    ///
    /// Entries whose credentials do not fit count as absent. The entry that names him goes before
    /// the one for everybody; an entry that neither grants nor denies the right does not decide.
    /// What nobody granted is refused. Asked for several rights, all are needed.
    #[must_use]
    pub fn decide(&self, who: &PrincipalRef<'_>, cred: Credential, right: Rights) -> Decision {
        let mut decision = Decision {
            allowed: false,
            entry: None,
        };
        for single in right.iter() {
            decision = self.decide_one(who, cred, single);
            if !decision.allowed {
                break;
            }
        }
        decision
    }

    fn decide_one(&self, who: &PrincipalRef<'_>, cred: Credential, right: Rights) -> Decision {
        let named = |ace: &Ace| match &ace.who {
            AcePrincipal::All => false,
            AcePrincipal::Principal(name) => who.is(name),
        };
        let everybody = |ace: &Ace| ace.who == AcePrincipal::All;
        self.first_word(named, cred, right)
            .or_else(|| self.first_word(everybody, cred, right))
            .unwrap_or(Decision {
                allowed: false,
                entry: None,
            })
    }

    /// What the entries for one principal say; one that denies is heard before one that grants.
    fn first_word(
        &self,
        about: impl Fn(&Ace) -> bool,
        cred: Credential,
        right: Rights,
    ) -> Option<Decision> {
        let find = |says: fn(&Ace) -> Rights| {
            self.entries.iter().position(|ace| {
                about(ace) && ace.credentials.accept(cred) && says(ace).contains(right)
            })
        };
        let denied = find(|ace| ace.deny).map(|index| (index, false));
        denied
            .or_else(|| find(|ace| ace.grant).map(|index| (index, true)))
            .map(|(index, allowed)| Decision {
                allowed,
                entry: Some(index),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(alias: &str) -> LogicalUrl {
        LogicalUrl::compose("im.example.com", alias)
    }

    fn entry(who: &str, grant: Rights, deny: Rights) -> Acl {
        Acl {
            entries: vec![Ace {
                who: AcePrincipal::Principal(who.into()),
                credentials: Credentials::ASSERTION | Credentials::DIGEST | Credentials::NTLM,
                grant,
                deny,
            }],
        }
    }

    fn allowed(acl: &Acl, alias: &str, right: Rights) -> bool {
        acl.decide(&PrincipalRef::User(&url(alias)), Credential::Ntlm, right)
            .allowed
    }

    #[test]
    fn the_default_list() {
        let acl = Acl::default_for(&url("alice"));
        assert!(allowed(&acl, "bob", Rights::SEND_TO | Rights::PRESENCE));
        assert!(!allowed(&acl, "bob", Rights::READACL));
        assert!(allowed(&acl, "alice", Rights::ALL));
        let decide = |cred| {
            let alice = url("ALICE");
            acl.decide(&PrincipalRef::User(&alice), cred, Rights::WRITE)
        };
        assert_eq!(decide(Credential::Digest).entry, Some(1));
        assert_eq!(
            decide(Credential::Assertion),
            Decision {
                allowed: false,
                entry: None
            }
        );
    }

    #[test]
    fn a_single_entry_merges_and_keeps_the_owner() {
        let mut acl = Acl::default_for(&url("alice"));
        let carol = "HTTP://IM.example.com:80/instmsg/aliases/Carol/";
        let both = Rights::SEND_TO | Rights::PRESENCE;
        acl.merge(entry(carol, both, Rights::NONE));
        acl.merge(entry(carol, Rights::NONE, both));
        assert_eq!(acl.entries.len(), 3);
        assert!(!allowed(&acl, "carol", Rights::SEND_TO));
        assert!(!allowed(&acl, "carol", Rights::PRESENCE));
        assert!(
            allowed(&acl, "carol", Rights::READ),
            "left to everybody's entry"
        );
        assert!(allowed(&acl, "alice", Rights::ALL));

        acl.merge(entry(url("carol").as_str(), Rights::SEND_TO, Rights::NONE));
        assert_eq!(acl.entries.len(), 3);
        assert!(allowed(&acl, "carol", Rights::SEND_TO));
        assert!(!allowed(&acl, "carol", Rights::PRESENCE));
    }

    #[test]
    fn deny_wins_inside_an_entry() {
        let mut acl = entry("im.example.com", Rights::READ, Rights::READ);
        let server = PrincipalRef::Server("IM.EXAMPLE.COM");
        assert!(!acl.decide(&server, Credential::Ntlm, Rights::READ).allowed);
        acl.merge(entry("im.example.com.", Rights::READ, Rights::READ));
        assert_eq!(acl.entries.len(), 1);
        assert!(!acl.decide(&server, Credential::Ntlm, Rights::READ).allowed);
    }

    #[test]
    fn a_server_is_not_its_users() {
        let acl = entry("im.example.com", Rights::ALL, Rights::NONE);
        assert!(!allowed(&acl, "bob", Rights::READ));
        let server = PrincipalRef::Server("im.example.com");
        assert!(
            acl.decide(&server, Credential::Assertion, Rights::READ)
                .allowed
        );
        let nobody = PrincipalRef::Anonymous;
        assert!(
            !acl.decide(&nobody, Credential::Assertion, Rights::READ)
                .allowed
        );
    }

    #[test]
    fn no_right_asked_for_is_no_right_given() {
        assert!(!allowed(&Acl::default_for(&url("a")), "a", Rights::NONE));
    }
}
