//! Content of a custom property, written out again so that it can be put into any answer.

use super::BodyError;
use super::tree::{Child, Element};
use crate::namespace;
use crate::property::PropertyName;
use crate::write::xml;

/// Largest value of a custom property, in bytes.
pub(super) const MAX_BYTES: usize = 16 * 1024;

/// The children of an element as XML. The prefixes `d`, `r` and `a` are left to the root of the
/// document it is put into; any other namespace is declared where it is used.
pub(super) fn inner(element: &Element) -> Result<String, BodyError> {
    let mut out = String::new();
    write_children(element, &mut Vec::new(), &mut out)?;
    Ok(out)
}

fn write_children(
    element: &Element,
    scope: &mut Vec<Box<str>>,
    out: &mut String,
) -> Result<(), BodyError> {
    for child in &element.children {
        match child {
            Child::Element(element) => write_element(element, scope, out)?,
            // Clients crash on white space between elements (observed: librvp).
            Child::Text(text) | Child::CData(text) if text.trim().is_empty() => {}
            Child::Text(text) | Child::CData(text) => xml::escape_into(out, text),
        }
        if out.len() > MAX_BYTES {
            return Err(BodyError::new(format!(
                "The property {} is larger than {MAX_BYTES} bytes; send less",
                element.name
            )));
        }
    }
    Ok(())
}

fn write_element(
    element: &Element,
    scope: &mut Vec<Box<str>>,
    out: &mut String,
) -> Result<(), BodyError> {
    let outer = scope.len();
    let names = element.attributes.iter().map(|(name, _)| name);
    for name in std::iter::once(&element.name).chain(names) {
        let namespace = &name.namespace;
        if needs_declaration(namespace) && !scope.contains(namespace) {
            scope.push(namespace.clone());
        }
    }
    let tag = qualified(&element.name, scope);
    out.push('<');
    out.push_str(&tag);
    for (index, namespace) in scope.iter().enumerate().skip(outer) {
        xml::attribute_into(out, &format!("xmlns:x{index}"), namespace);
    }
    for (name, value) in &element.attributes {
        xml::attribute_into(out, &qualified(name, scope), value);
    }
    out.push('>');
    write_children(element, scope, out)?;
    out.push_str("</");
    out.push_str(&tag);
    out.push('>');
    scope.truncate(outer);
    Ok(())
}

fn needs_declaration(namespace: &str) -> bool {
    !namespace.is_empty() && namespace != namespace::XML && namespace::prefix(namespace).is_none()
}

fn qualified(name: &PropertyName, scope: &[Box<str>]) -> String {
    let PropertyName { namespace, local } = name;
    if namespace.is_empty() {
        return local.to_string();
    }
    if &**namespace == namespace::XML {
        return format!("xml:{local}");
    }
    if let Some(prefix) = namespace::prefix(namespace) {
        return format!("{prefix}:{local}");
    }
    let index = scope.iter().position(|known| known == namespace);
    index.map_or_else(|| local.to_string(), |index| format!("x{index}:{local}"))
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    fn inner_of(body: &str) -> Result<String, BodyError> {
        inner(&parse(body.as_bytes()).unwrap().unwrap())
    }

    #[test]
    fn namespaces_are_declared_where_they_are_used() {
        let body = "<p xmlns='urn:p' xmlns:o='urn:other' xmlns:Z='DAV:'>\n  \
            <a o:k='1 &quot;&lt;'><b/></a> t&amp;t <Z:href>h</Z:href><o:c xml:lang='de' xmlns=''><d/></o:c>\n</p>";
        assert_eq!(
            inner_of(body).unwrap(),
            "<x0:a xmlns:x0=\"urn:p\" xmlns:x1=\"urn:other\" x1:k=\"1 &quot;&lt;\"><x0:b></x0:b></x0:a> \
             t&amp;t <d:href>h</d:href><x0:c xmlns:x0=\"urn:other\" xml:lang=\"de\"><d></d></x0:c>"
        );
    }

    #[test]
    fn writing_and_reading_again_changes_nothing() {
        let once = inner_of("<p xmlns='urn:p' xmlns:o='urn:o'><a o:k='v'>&lt;x&gt;<o:b/></a></p>")
            .unwrap();
        let again = inner_of(&format!("<p xmlns='urn:p'>{once}</p>")).unwrap();
        assert_eq!(once, again);
    }

    #[test]
    fn size_is_bounded() {
        let body = format!("<p><a>{}</a></p>", "&lt;".repeat(5000));
        assert!(inner_of(&body).unwrap_err().reason.contains("larger than"));
    }
}
