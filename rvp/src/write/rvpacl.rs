//! The answer to an ACL request without a body (RVP document 5.7.3).

use super::xml::Document;
use crate::acl::{AcePrincipal, Acl, Credentials};

/// The body of the answer; [`read_acl`](crate::body::read_acl) reads it back.
#[must_use]
pub fn rvpacl(acl: &Acl) -> Vec<u8> {
    let mut doc = Document::new("a:rvpacl");
    doc.within("a:acl", |doc| {
        doc.text("a:inheritance", "none");
        for ace in &acl.entries {
            doc.within("a:ace", |doc| {
                doc.within("a:principal", |doc| {
                    match &ace.who {
                        AcePrincipal::All => doc.empty("a", "allprincipals"),
                        AcePrincipal::Principal(name) => doc.text("a:rvp-principal", name.trim()),
                    }
                    doc.within("a:credentials", |doc| credentials(doc, ace.credentials));
                });
                // Both are always there, empty if unused.
                for (tag, rights) in [("a:grant", ace.grant), ("a:deny", ace.deny)] {
                    if rights.is_empty() {
                        doc.empty("a", &tag[2..]);
                    } else {
                        doc.within(tag, |doc| {
                            for name in rights.names() {
                                doc.empty("a", name);
                            }
                        });
                    }
                }
            });
        }
    });
    doc.finish()
}

/// The grammar allows `any` or a choice of the others, not both; of both the wider one is written.
fn credentials(doc: &mut Document, credentials: Credentials) {
    let any =
        credentials.contains(Credentials::ANY) && !credentials.contains(Credentials::ASSERTION);
    for name in credentials.names().filter(|name| (*name == "any") == any) {
        doc.empty("a", name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::{Ace, Rights};
    use crate::address::LogicalUrl;

    #[test]
    fn the_default_list() {
        let alice = LogicalUrl::parse("http://127.0.0.1/instmsg/aliases/alice").unwrap();
        let body = String::from_utf8(rvpacl(&Acl::default_for(&alice))).unwrap();
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><a:rvpacl xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><a:acl><a:inheritance>none</a:inheritance><a:ace><a:principal><a:allprincipals/><a:credentials><a:assertion/><a:digest/><a:ntlm/></a:credentials></a:principal><a:grant><a:list/><a:read/><a:send-to/><a:presence/></a:grant><a:deny/></a:ace><a:ace><a:principal><a:rvp-principal>http://127.0.0.1/instmsg/aliases/alice</a:rvp-principal><a:credentials><a:digest/><a:ntlm/></a:credentials></a:principal><a:grant><a:list/><a:read/><a:write/><a:send-to/><a:receive-from/><a:readacl/><a:writeacl/><a:presence/><a:subscriptions/><a:subscribe-others/></a:grant><a:deny/></a:ace></a:acl></a:rvpacl>"#);
    }

    #[test]
    fn a_blocked_user() {
        let acl = Acl {
            entries: vec![Ace {
                who: AcePrincipal::Principal(" http://h/instmsg/aliases/a&b ".into()),
                credentials: Credentials::ANY | Credentials::NTLM,
                grant: Rights::NONE,
                deny: Rights::SEND_TO | Rights::PRESENCE,
            }],
        };
        let body = String::from_utf8(rvpacl(&acl)).unwrap();
        insta::assert_snapshot!(body, @r#"<?xml version="1.0"?><a:rvpacl xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><a:acl><a:inheritance>none</a:inheritance><a:ace><a:principal><a:rvp-principal>http://h/instmsg/aliases/a&amp;b</a:rvp-principal><a:credentials><a:any/></a:credentials></a:principal><a:grant/><a:deny><a:send-to/><a:presence/></a:deny></a:ace></a:acl></a:rvpacl>"#);
    }
}
