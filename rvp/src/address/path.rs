//! What a path names (RVP document 3: logical and physical URLs).

use super::{AddressError, Alias, authority, percent};

/// What a request is addressed to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// A user: `/instmsg/aliases/X`.
    Alias(Alias),
    /// A group: `/instmsg/groups/X`.
    Group(Alias),
    /// The service itself: `/`, `/instmsg`, `/instmsg/aliases`.
    Root,
}

/// A path taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Located<'a> {
    pub(super) node: Node,
    /// The alias as written, empty for the root.
    pub(super) spelled: &'a str,
    /// The instant-messaging host inside a physical path.
    pub(super) physical: Option<&'a str>,
}

/// Reads a path; its words count in any case, one slash at the end is of no meaning.
pub(super) fn locate(path: &str) -> Result<Located<'_>, AddressError> {
    if path.contains('?') {
        return Err(AddressError::Query);
    }
    if path.contains('#') {
        return Err(AddressError::Fragment);
    }
    let inner = path.strip_prefix('/').ok_or(AddressError::Path)?;
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let segments: Vec<&str> = inner.split('/').collect();
    match segments.as_slice() {
        [""] => Ok(root(None)),
        [first, second, host, rest @ ..]
            if is_word(first, "instmsg") && is_word(second, "local") =>
        {
            authority::parse(host)?;
            if rest.is_empty() {
                return Ok(root(Some(host)));
            }
            let mut located = logical(rest)?;
            located.physical = Some(host);
            Ok(located)
        }
        logical_path => logical(logical_path),
    }
}

fn logical<'a>(segments: &[&'a str]) -> Result<Located<'a>, AddressError> {
    let (first, rest) = segments.split_first().ok_or(AddressError::Path)?;
    if !is_word(first, "instmsg") {
        return Err(AddressError::Path);
    }
    match rest {
        [] => Ok(root(None)),
        [kind] if is_word(kind, "aliases") || is_word(kind, "groups") => Ok(root(None)),
        [kind, spelled] => {
            let node: fn(Alias) -> Node = if is_word(kind, "aliases") {
                Node::Alias
            } else if is_word(kind, "groups") {
                Node::Group
            } else {
                return Err(AddressError::Path);
            };
            Ok(Located {
                node: node(Alias::new(spelled)?),
                spelled,
                physical: None,
            })
        }
        _ => Err(AddressError::Path),
    }
}

const fn root(physical: Option<&str>) -> Located<'_> {
    Located {
        node: Node::Root,
        spelled: "",
        physical,
    }
}

/// Whether a segment, decoded, is this word.
pub(super) fn is_word(segment: &str, word: &str) -> bool {
    percent::decode(segment).is_ok_and(|decoded| decoded.eq_ignore_ascii_case(word))
}
