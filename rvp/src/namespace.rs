//! The three XML namespaces of the protocol and the prefixes clients insist on.

use std::borrow::Cow;

/// `WebDAV`, prefix `d`.
pub const DAV: &str = "DAV:";
/// RVP, prefix `r`.
pub const RVP: &str = "http://schemas.microsoft.com/rvp/";
/// RVP access control, prefix `a` (RVP document 5.7).
pub const ACL: &str = "http://schemas.microsoft.com/rvp/acl/";
/// The namespace XML itself reserves for the prefix `xml`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The spelling every comparison in this crate uses.
///
/// Documents and clients write the RVP namespaces with other capitals or without the last slash
/// (RVP document 5.3.1 does both).
pub(crate) fn canonical(name: &str) -> Cow<'_, str> {
    let bare = name.strip_suffix('/').unwrap_or(name);
    for known in [RVP, ACL] {
        if known
            .strip_suffix('/')
            .is_some_and(|k| k.eq_ignore_ascii_case(bare))
        {
            return Cow::Borrowed(known);
        }
    }
    if name.eq_ignore_ascii_case(DAV) {
        return Cow::Borrowed(DAV);
    }
    Cow::Borrowed(name)
}

/// The prefix that every written document declares on its root for this namespace.
pub(crate) fn prefix(name: &str) -> Option<&'static str> {
    match name {
        DAV => Some("d"),
        RVP => Some("r"),
        ACL => Some("a"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_misspelling_is_understood() {
        assert_eq!(canonical("http://schemas.Microsoft.com/rvp/acl"), ACL);
        assert_eq!(canonical("http://schemas.microsoft.com/rvp"), RVP);
        assert_eq!(canonical("dav:"), DAV);
        assert_eq!(canonical("urn:x/"), "urn:x/");
    }
}
