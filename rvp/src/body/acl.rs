//! ACL bodies (RVP document 5.7).

use super::BodyError;
use super::tree::{Element, parse_root};
use crate::acl::{Ace, AcePrincipal, Acl, Credentials, Rights};

/// Longest name of a principal, in bytes.
const MAX_PRINCIPAL: usize = 1024;

/// Reads the list a client sets. `allow` is taken for `grant`: the document's prose says the one,
/// its example and clients the other.
///
/// # Errors
/// When the body is no such XML, an entry names no principal or no credentials (the document asks
/// for `400 Credentials not specified`), or a right nobody knows.
pub fn read_acl(body: &[u8]) -> Result<Acl, BodyError> {
    let root = parse_root(body, &["rvpacl", "acl"])?;
    let list = if root.is("acl") {
        &root
    } else {
        root.child("acl").ok_or_else(|| {
            BodyError::new("The rvpacl has no acl element; put the entries into one")
        })?
    };
    let entries = list.elements().filter(|element| element.is("ace"));
    Ok(Acl {
        entries: entries.map(ace).collect::<Result<_, _>>()?,
    })
}

fn ace(element: &Element) -> Result<Ace, BodyError> {
    let principal = element
        .child("principal")
        .ok_or_else(|| BodyError::new("An ace has no principal; say whom it is about"))?;
    let mut ace = Ace {
        who: who(principal)?,
        credentials: credentials(principal)?,
        grant: Rights::NONE,
        deny: Rights::NONE,
    };
    for part in element.elements() {
        if part.is("grant") || part.is("allow") {
            ace.grant |= rights(part)?;
        } else if part.is("deny") {
            ace.deny |= rights(part)?;
        }
    }
    Ok(ace)
}

fn who(principal: &Element) -> Result<AcePrincipal, BodyError> {
    let count = |name| principal.elements().filter(|e| e.is(name)).count();
    // With two, one reader would take the first and another the last (RVP document 5.7.2).
    if count("rvp-principal") > 1 || count("credentials") > 1 {
        return Err(BodyError::new(
            "A principal has more than one rvp-principal or credentials; send an ace for each",
        ));
    }
    match (
        principal.child("rvp-principal"),
        principal.child("allprincipals"),
    ) {
        (Some(named), None) => {
            let name = named.text();
            if name.is_empty() || name.len() > MAX_PRINCIPAL || named.elements().next().is_some() {
                return Err(BodyError::new(
                    "An rvp-principal is empty or too long; send a logical URL or a server name",
                ));
            }
            Ok(AcePrincipal::Principal(name.into()))
        }
        (None, Some(_)) => Ok(AcePrincipal::All),
        (Some(_), Some(_)) | (None, None) => Err(BodyError::new(
            "A principal needs exactly one of rvp-principal and allprincipals",
        )),
    }
}

fn credentials(principal: &Element) -> Result<Credentials, BodyError> {
    let mut all = Credentials::NONE;
    for credential in principal
        .elements()
        .filter(|element| element.is("credentials"))
        .flat_map(Element::elements)
    {
        all |= Credentials::from_name(&credential.name.local.to_ascii_lowercase()).ok_or_else(|| {
            BodyError::new(format!(
                "The credentials {} are not known; use any, ntlm, digest, assertion or internal",
                credential.name.local
            ))
        })?;
    }
    if all.is_empty() {
        return Err(BodyError::new("Credentials not specified"));
    }
    Ok(all)
}

fn rights(part: &Element) -> Result<Rights, BodyError> {
    let mut all = Rights::NONE;
    for right in part.elements() {
        let name = right.name.local.to_ascii_lowercase();
        all |= Rights::from_name(&name).ok_or_else(|| {
            BodyError::new(format!(
                "The right {name} is not known; use those of RVP document 5.7.1"
            ))
        })?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(aces: &str) -> Result<Acl, BodyError> {
        let body = format!(
            "<a:rvpacl xmlns:d=\"DAV:\" xmlns:a=\"http://schemas.microsoft.com/rvp/acl/\"><a:acl>\
             <a:inheritance>none</a:inheritance>{aces}</a:acl></a:rvpacl>"
        );
        read_acl(body.as_bytes())
    }

    fn ace_with(principal: &str, rest: &str) -> String {
        format!("<a:ace><a:principal>{principal}</a:principal>{rest}</a:ace>")
    }

    const CAROL: &str = "<a:rvp-principal>\n http://h/instmsg/aliases/carol/ </a:rvp-principal>";
    const PROOF: &str = "<a:credentials><a:assertion/><a:digest/><a:ntlm/></a:credentials>";

    #[test]
    fn librvp_blocks_somebody() {
        let block = ace_with(
            &format!("{CAROL}{PROOF}"),
            "<a:grant/><a:deny><a:send-to/><a:presence/></a:deny>",
        );
        assert_eq!(
            read(&block).unwrap().entries,
            [Ace {
                who: AcePrincipal::Principal("http://h/instmsg/aliases/carol/".into()),
                credentials: Credentials::ASSERTION | Credentials::DIGEST | Credentials::NTLM,
                grant: Rights::NONE,
                deny: Rights::SEND_TO | Rights::PRESENCE,
            }]
        );
    }

    #[test]
    fn allow_all_and_everybody() {
        let entry = ace_with(
            "<a:allprincipals/><a:credentials><a:any/></a:credentials>",
            "<a:allow><a:all/></a:allow>",
        );
        let acl = read(&entry).unwrap();
        assert_eq!(acl.entries[0].who, AcePrincipal::All);
        assert_eq!(acl.entries[0].credentials, Credentials::ANY);
        assert_eq!(acl.entries[0].grant, Rights::ALL);
    }

    #[test]
    fn an_entry_without_credentials() {
        for principal in [CAROL.to_owned(), format!("{CAROL}<a:credentials/>")] {
            let reason = read(&ace_with(&principal, "")).unwrap_err().reason;
            assert_eq!(&*reason, "Credentials not specified");
        }
    }

    #[test]
    fn refusals_say_why() {
        for (ace, why) in [
            ("<a:ace/>".to_owned(), "no principal"),
            (ace_with(PROOF, ""), "exactly one"),
            (
                ace_with(&format!("{CAROL}<a:allprincipals/>{PROOF}"), ""),
                "exactly one",
            ),
            (
                ace_with(&format!("<a:rvp-principal> </a:rvp-principal>{PROOF}"), ""),
                "empty",
            ),
            (
                ace_with(&format!("{CAROL}{CAROL}{PROOF}"), ""),
                "more than one",
            ),
            (
                ace_with(&format!("{CAROL}{PROOF}{PROOF}"), ""),
                "more than one",
            ),
            (
                ace_with(&format!("{CAROL}{PROOF}"), "<a:grant><a:fly/></a:grant>"),
                "fly",
            ),
            (
                ace_with(
                    &format!("{CAROL}<a:credentials><a:basic/></a:credentials>"),
                    "",
                ),
                "basic",
            ),
        ] {
            let reason = read(&ace).unwrap_err().reason;
            assert!(reason.contains(why), "{ace}: {reason}");
        }
        assert!(read_acl(b"<rvpacl/>").is_err());
        assert_eq!(read_acl(b"<rvpacl><acl/></rvpacl>"), Ok(Acl::default()));
    }
}
