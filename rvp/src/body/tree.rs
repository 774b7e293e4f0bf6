//! A small tree of a request body, bounded in depth and size.

use std::borrow::Cow;

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, PrefixDeclaration, ResolveResult};

use super::BodyError;
use crate::encoding::{is_name, is_xml_char};
use crate::namespace::canonical;
use crate::property::PropertyName;

const MAX_DEPTH: usize = 32;
const MAX_ELEMENTS: usize = 2000;
const MAX_ATTRIBUTES: usize = 32;
/// Longest namespace or element name, in bytes: each element keeps its own copy.
const MAX_NAME: usize = 256;

#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: PropertyName,
    /// Namespace declarations are not among them.
    pub(super) attributes: Vec<(PropertyName, Box<str>)>,
    pub(super) children: Vec<Child>,
}

#[derive(Debug)]
pub(super) enum Child {
    Element(Element),
    Text(String),
    /// Line ends as they were sent; a payload is looked at as it travels.
    CData(String),
}

impl Element {
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) | Child::CData(_) => None,
        })
    }

    /// Whether the local name is this one, in any namespace: clients look at nothing else
    /// (observed: librvp), so a reader must not be led past an element by its namespace.
    pub(super) fn is(&self, local: &str) -> bool {
        self.name.local.eq_ignore_ascii_case(local)
    }

    pub(super) fn child(&self, local: &str) -> Option<&Self> {
        self.elements().find(|element| element.is(local))
    }

    /// The text directly inside, without surrounding white space.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self.children.as_slice() {
            [Child::Text(text) | Child::CData(text)] => Cow::Borrowed(text.trim()),
            children => {
                let all: String = children.iter().filter_map(Child::as_text).collect();
                Cow::Owned(all.trim().to_owned())
            }
        }
    }
}

impl Child {
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::CData(text) => Some(text),
            Self::Element(_) => None,
        }
    }
}

/// Reads a document; `None` if there is nothing but white space.
pub(super) fn parse(body: &[u8]) -> Result<Option<Element>, BodyError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let text = std::str::from_utf8(body)
        .map_err(|_| BodyError::new("The body is not UTF-8; send XML encoded as UTF-8"))?;
    Builder::default().read(text)
}

/// Like [`parse`], for bodies that must not be empty and have this root.
pub(super) fn parse_root(body: &[u8], roots: &[&str]) -> Result<Element, BodyError> {
    let wanted = roots[0];
    let root = parse(body)?
        .ok_or_else(|| BodyError::new(format!("The body is empty; send a {wanted} element")))?;
    if roots.iter().any(|name| root.is(name)) {
        return Ok(root);
    }
    Err(BodyError::new(format!(
        "The body is a {} element; send a {wanted} element",
        root.name
    )))
}

fn malformed(at: u64, what: impl std::fmt::Display) -> BodyError {
    BodyError::new(format!(
        "The body is not well-formed XML at byte {at}: {what}"
    ))
}

#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Builder {
    fn read(mut self, text: &str) -> Result<Option<Element>, BodyError> {
        let mut reader = NsReader::from_str(text);
        let config = reader.config_mut();
        // Ends are checked here: the RVP document closes propupdate with propertyupdate (5.5.1).
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.expand_empty_elements = false;
        loop {
            let event = reader
                .read_event()
                .map_err(|e| malformed(reader.error_position(), e))?;
            let at = reader.buffer_position();
            match event {
                Event::Start(start) => {
                    let element = self.start(&start, reader.resolver(), at)?;
                    self.open.push(element);
                }
                Event::Empty(start) => {
                    let element = self.start(&start, reader.resolver(), at)?;
                    self.close(element);
                }
                Event::End(end) => {
                    let element = self.open.pop().ok_or_else(|| {
                        malformed(at, "an element is closed that was never opened")
                    })?;
                    let closed = end.local_name().into_inner();
                    if !ends(&element.name.local, closed) {
                        let opened = &element.name.local;
                        let what = format!("{opened} is closed by {closed}");
                        return Err(malformed(at, what));
                    }
                    self.close(element);
                }
                Event::Text(text) => self.text(&text.xml10_content(), at)?,
                Event::CData(data) => self.cdata(&data, at)?,
                Event::GeneralRef(reference) => {
                    let c = reference.resolve_char_ref().map_err(|e| malformed(at, e))?;
                    match (c, resolve_predefined_entity(&reference)) {
                        (Some(c), _) => self.reference(c.encode_utf8(&mut [0; 4]), at)?,
                        (None, Some(text)) => self.reference(text, at)?,
                        (None, None) => {
                            return Err(malformed(
                                at,
                                "an entity is not declared; write the character itself",
                            ));
                        }
                    }
                }
                Event::DocType(_) => {
                    return Err(BodyError::new(
                        "The body has a document type declaration; leave it out",
                    ));
                }
                Event::Decl(decl) => {
                    if self.root.is_some() || !self.open.is_empty() {
                        return Err(malformed(at, "an XML declaration is not at the start"));
                    }
                    let encoding = decl.encoding().transpose().map_err(|e| malformed(at, e))?;
                    check_encoding(encoding.as_deref(), text)?;
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if let Some(element) = self.open.last() {
            let what = format!("{} is not closed", element.name);
            return Err(malformed(reader.buffer_position(), what));
        }
        Ok(self.root)
    }

    fn start(
        &mut self,
        start: &BytesStart<'_>,
        resolver: &NamespaceResolver,
        at: u64,
    ) -> Result<Element, BodyError> {
        if self.root.is_some() {
            return Err(malformed(at, "there is more than one root element"));
        }
        self.count += 1;
        if self.count > MAX_ELEMENTS {
            return Err(BodyError::new(format!(
                "The body has more than {MAX_ELEMENTS} elements; send less at once"
            )));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(BodyError::new(format!(
                "The body is nested more than {MAX_DEPTH} deep; nest less"
            )));
        }
        let (namespace, local) = resolver.resolve_element(start.name());
        let name = name(namespace, local.into_inner(), at)?;
        let mut attributes = Vec::new();
        for (index, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|e| malformed(at, e))?;
            if index >= MAX_ATTRIBUTES {
                return Err(malformed(at, "an element has too many attributes"));
            }
            if let Some(declared) = attribute.key.as_namespace_binding() {
                if let PrefixDeclaration::Named(prefix) = declared
                    && !is_name(prefix)
                {
                    return Err(malformed(at, "a prefix is not a name"));
                }
                continue;
            }
            let (namespace, local) = resolver.resolve_attribute(attribute.key);
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|e| malformed(at, e))?;
            if attribute.value.contains('<') {
                return Err(malformed(at, "an attribute holds <"));
            }
            check_chars(&value, at)?;
            let name = self::name(namespace, local.into_inner(), at)?;
            attributes.push((name, value.into()));
        }
        Ok(Element {
            name,
            attributes,
            children: Vec::new(),
        })
    }

    fn close(&mut self, element: Element) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Child::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn text(&mut self, text: &str, at: u64) -> Result<(), BodyError> {
        check_chars(text, at)?;
        match self.open.last_mut() {
            Some(parent) => match parent.children.last_mut() {
                Some(Child::Text(before)) => before.push_str(text),
                Some(_) | None => parent.children.push(Child::Text(text.to_owned())),
            },
            None if text.trim_ascii().is_empty() => {}
            None => return Err(malformed(at, "there is text outside the root element")),
        }
        Ok(())
    }

    /// A character written as a reference; unlike white space as such it is never outside the root.
    fn reference(&mut self, text: &str, at: u64) -> Result<(), BodyError> {
        if self.open.is_empty() {
            return Err(malformed(at, "there is text outside the root element"));
        }
        self.text(text, at)
    }

    fn cdata(&mut self, text: &str, at: u64) -> Result<(), BodyError> {
        check_chars(text, at)?;
        let Some(parent) = self.open.last_mut() else {
            return Err(malformed(at, "there is text outside the root element"));
        };
        match parent.children.last_mut() {
            Some(Child::CData(before)) => before.push_str(text),
            Some(_) | None => parent.children.push(Child::CData(text.to_owned())),
        }
        Ok(())
    }
}

/// Whether an end tag closes an element: the same local name (the RVP document changes the prefix
/// once, 5.6.1), or the pair of 5.5.1.
fn ends(opened: &str, closed: &str) -> bool {
    opened == closed || (opened == "propupdate" && closed == "propertyupdate")
}

fn name(namespace: ResolveResult<'_>, local: &str, at: u64) -> Result<PropertyName, BodyError> {
    if local.len() > MAX_NAME || !is_name(local) {
        return Err(malformed(at, "an element or attribute has no proper name"));
    }
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => namespace.into_inner(),
        ResolveResult::Unbound => "",
        ResolveResult::Unknown(prefix) => {
            return Err(malformed(
                at,
                format!("the prefix {prefix} is not declared"),
            ));
        }
    };
    let refused =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '&' | '"' | '\'');
    if namespace.len() > MAX_NAME || namespace.contains(refused) {
        return Err(malformed(at, "a namespace is not a plain URI"));
    }
    Ok(PropertyName::new(&canonical(namespace), local))
}

fn check_chars(text: &str, at: u64) -> Result<(), BodyError> {
    if text.chars().all(is_xml_char) {
        Ok(())
    } else {
        Err(malformed(at, "there is a character XML does not allow"))
    }
}

fn check_encoding(label: Option<&str>, text: &str) -> Result<(), BodyError> {
    match label {
        Some(label) if !label.eq_ignore_ascii_case("utf-8") && !text.is_ascii() => {
            Err(BodyError::new(format!(
                "The body says it is {label}; send XML encoded as UTF-8"
            )))
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(body: impl AsRef<[u8]>) -> String {
        parse(body.as_ref()).unwrap_err().reason.into()
    }

    #[test]
    fn nothing_is_no_document() {
        for body in ["", " \r\n", "\u{FEFF}", "<?xml version='1.0'?>\n"] {
            assert!(parse(body.as_bytes()).unwrap().is_none(), "{body:?}");
        }
    }

    #[test]
    fn prefixes_quotes_and_white_space_do_not_matter() {
        for body in [
            "<r:state xmlns:r='http://schemas.microsoft.com/rvp/'> x </r:state>\n",
            "\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<state xmlns=\"http://schemas.microsoft.com/rvp\">x</state>",
            "<?xml.version=\"1.0\"?><Z:state\n xmlns:Z = 'http://schemas.Microsoft.com/rvp/'><![CDATA[x]]></Z:state >",
            "\u{FEFF}<?xml version='1.0' encoding='us-ascii'?><!-- c --><a:state xmlns:a='http://schemas.microsoft.com/rvp/'>&#120;</a:state><!-- c -->",
        ] {
            let root = parse(body.as_bytes()).unwrap().unwrap();
            assert_eq!(root.name, PropertyName::state(), "{body}");
            assert_eq!(root.text(), "x", "{body}");
        }
    }

    #[test]
    fn document_types_and_entities_are_refused() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><x>&a;</x>";
        assert!(reason(bomb).contains("document type declaration"));
        assert!(reason("<!DOCTYPE x><x/>").contains("document type declaration"));
        assert!(reason("<x>&nbsp;</x>").contains("entity"));
        assert!(reason("<x y='&a;'/>").contains("not well-formed"));
        let known = parse(b"<x>&lt;&amp;&gt;&quot;&apos;</x>").unwrap().unwrap();
        assert_eq!(known.text(), "<&>\"'");
    }

    #[test]
    fn what_is_not_well_formed() {
        for body in [
            "x",
            "<",
            "<x",
            "<x>",
            "</x>",
            "<x></y>",
            "<x/><x/>",
            "<x/>x",
            "<x/>&#32;",
            "<x/><?xml version='1.0'?>",
            "<p:x/>",
            "<x p:y='1'/>",
            "<x y/>",
            "<x y=1/>",
            "<x y='1' y='2'/>",
            "<x y='<'/>",
            "<x><![CDATA[</x>",
            "<x>&#0;</x>",
            "<x>&#1;</x>",
            "<x>&#xD800;</x>",
            "<x>\u{1}</x>",
            "<x>\u{FFFF}</x>",
            "<a<b/>",
            "<a\"/>",
            "<1/>",
            "<:a/>",
            "<x xmlns=\"a'b\"/>",
            "<x>&amp</x>",
        ] {
            assert!(reason(body).contains("not well-formed"), "{body:?}");
        }
        assert!(reason(b"<x>\xFC</x>").contains("UTF-8"));
        assert!(reason("<?xml version='1.0' encoding='latin1'?><x>ü</x>").contains("latin1"));
    }

    #[test]
    fn the_documents_own_mismatches_are_taken() {
        let body =
            "<D:propupdate xmlns:D='DAV:' xmlns:Z='urn:z'><D:href></Z:href></D:propertyupdate>";
        assert!(parse(body.as_bytes()).unwrap().is_some());
        assert!(reason("<propertyupdate></propupdate>").contains("is closed by"));
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |n| format!("{}{}", "<x>".repeat(n), "</x>".repeat(n));
        assert!(parse(nested(32).as_bytes()).is_ok());
        assert!(reason(nested(33)).contains("32 deep"));
        assert!(reason("<x>".repeat(100_000)).contains("32 deep"));
        let wide = |n| format!("<x>{}</x>", "<y/>".repeat(n));
        assert!(parse(wide(1999).as_bytes()).is_ok());
        assert!(reason(wide(2000)).contains("2000 elements"));
        let many: String = (0..33).map(|n| format!(" a{n}=''")).collect();
        assert!(reason(format!("<x{many}/>")).contains("attributes"));
        assert!(reason(format!("<x xmlns='{}'/>", "u".repeat(300))).contains("URI"));
    }

    #[test]
    fn a_reason_is_one_short_line() {
        let reason = reason(format!("<x></y{}\r\n>", "z".repeat(5000)));
        assert!(reason.chars().count() <= 240);
        assert!(!reason.contains(char::is_control));
    }
}
