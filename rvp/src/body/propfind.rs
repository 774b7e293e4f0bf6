//! PROPFIND bodies (RVP document 5.4).

use std::collections::HashSet;

use super::BodyError;
use super::tree::{Element, parse};
use crate::property::PropertyName;

/// What a PROPFIND asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropfindRequest {
    /// Every property with its value.
    AllProp,
    /// The names of all properties.
    PropName,
    /// These properties, each once.
    Props(Vec<PropertyName>),
}

/// Reads what a PROPFIND asks for; an empty body asks for everything, as in `WebDAV`.
///
/// # Errors
/// When the body is no such XML or names no property.
pub fn read_propfind(body: &[u8]) -> Result<PropfindRequest, BodyError> {
    let Some(root) = parse(body)? else {
        return Ok(PropfindRequest::AllProp);
    };
    if !root.is("propfind") {
        return Err(BodyError::new(format!(
            "The body is a {} element; send a propfind element",
            root.name
        )));
    }
    if root.child("allprop").is_some() {
        return Ok(PropfindRequest::AllProp);
    }
    if root.child("propname").is_some() {
        return Ok(PropfindRequest::PropName);
    }
    let mut seen = HashSet::new();
    let names: Vec<_> = root
        .elements()
        .filter(|element| element.is("prop"))
        .flat_map(Element::elements)
        .map(|property| &property.name)
        .filter(|name| seen.insert(*name))
        .cloned()
        .collect();
    if names.is_empty() {
        return Err(BodyError::new(
            "The propfind names no property; send prop with at least one, or allprop",
        ));
    }
    Ok(PropfindRequest::Props(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_clients_send() {
        for (body, expected) in [
            ("", PropfindRequest::AllProp),
            (
                "<?xml version='1.0'?>\n<propfind xmlns='DAV:'>\n  <allprop/>\n</propfind>\n",
                PropfindRequest::AllProp,
            ),
            (
                "<d:propfind xmlns:d='DAV:'><d:propname/></d:propfind>",
                PropfindRequest::PropName,
            ),
            (
                "<D:propfind xmlns:D='DAV:' xmlns:Z='http://schemas.microsoft.com/rvp/'><D:prop>\
                 <D:displayname/><Z:email/><D:displayname/><x/></D:prop></D:propfind>",
                PropfindRequest::Props(vec![
                    PropertyName::displayname(),
                    PropertyName::email(),
                    PropertyName::new("", "x"),
                ]),
            ),
        ] {
            assert_eq!(read_propfind(body.as_bytes()), Ok(expected), "{body}");
        }
    }

    #[test]
    fn refusals() {
        for body in [
            "<propfind/>",
            "<propfind><prop/></propfind>",
            "<prop/>",
            "<propfind>",
        ] {
            assert!(read_propfind(body.as_bytes()).is_err(), "{body}");
        }
    }
}
