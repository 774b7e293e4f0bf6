//! From XML events to a tree, refusing what is ill-formed, declares entities or is too large.

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, PrefixDeclaration, ResolveResult};

use super::BodyError;
use super::tree::{Child, Element};
use crate::encoding::{is_name, is_xml_char};
use crate::namespace::canonical;
use crate::property::PropertyName;

const MAX_DEPTH: usize = 32;
const MAX_ELEMENTS: usize = 2000;
const MAX_ATTRIBUTES: usize = 32;
/// Longest namespace or element name, in bytes: each element keeps its own copy.
const MAX_NAME: usize = 256;

fn malformed(at: u64, what: impl std::fmt::Display) -> BodyError {
    BodyError::new(format!(
        "The body is not well-formed XML at byte {at}: {what}"
    ))
}

#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Element>,
    /// The tags of `open` as they were written.
    tags: Vec<Box<str>>,
    root: Option<Element>,
    count: usize,
    declared: bool,
    strict: bool,
}

impl Builder {
    /// For a document that others read, too: what one reader takes and another does not is
    /// refused, and namespaces count as they are written.
    pub(super) fn strict() -> Self {
        Self {
            strict: true,
            ..Self::default()
        }
    }

    /// Reads a whole document; `None` if it has no root element.
    pub(super) fn read(mut self, text: &str) -> Result<Option<Element>, BodyError> {
        let mut reader = NsReader::from_str(text);
        let config = reader.config_mut();
        // Ends are checked here: the RVP document closes propupdate with propertyupdate (5.5.1).
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.expand_empty_elements = false;
        loop {
            let before = reader.buffer_position();
            let event = reader
                .read_event()
                .map_err(|e| malformed(reader.error_position(), e))?;
            let at = reader.buffer_position();
            match event {
                Event::Start(start) => {
                    let mut element = self.start(&start, reader.resolver(), at)?;
                    element.outer = place(before)..place(at);
                    element.inner = place(at)..place(at);
                    self.open.push(element);
                    self.tags.push(start.name().into_inner().into());
                }
                Event::Empty(start) => {
                    let mut element = self.start(&start, reader.resolver(), at)?;
                    element.outer = place(before)..place(at);
                    element.inner = place(at)..place(at);
                    self.close(element);
                }
                Event::End(end) => {
                    let opened = self.open.pop().zip(self.tags.pop());
                    let (mut element, tag) = opened.ok_or_else(|| {
                        malformed(at, "an element is closed that was never opened")
                    })?;
                    let closed = end.name().into_inner();
                    if self.strict && *tag != *closed {
                        let what = format!("{tag} is closed by {closed}");
                        return Err(malformed(at, what));
                    }
                    let closed = end.local_name().into_inner();
                    if !ends(&element.name.local, closed) {
                        let opened = &element.name.local;
                        let what = format!("{opened} is closed by {closed}");
                        return Err(malformed(at, what));
                    }
                    element.inner.end = place(before);
                    element.outer.end = place(at);
                    self.close(element);
                }
                Event::Text(text) => {
                    if self.strict && text.contains("]]>") {
                        return Err(malformed(at, "a section ends that never began"));
                    }
                    self.text(&text.xml10_content(), at)?;
                }
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
                    if self.root.is_some() || !self.open.is_empty() || self.declared {
                        return Err(malformed(at, "an XML declaration is not at the start"));
                    }
                    self.declared = true;
                    let version = decl.version().map_err(|e| malformed(at, e))?;
                    if self.strict && &*version != "1.0" {
                        return Err(BodyError::new(format!(
                            "The body says it is XML {version}; send XML 1.0"
                        )));
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
        let name = self.name(namespace, local.into_inner(), at)?;
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
            let name = self.name(namespace, local.into_inner(), at)?;
            attributes.push((name, value.into()));
        }
        Ok(Element {
            name,
            attributes,
            children: Vec::new(),
            outer: 0..0,
            inner: 0..0,
        })
    }

    fn name(
        &self,
        namespace: ResolveResult<'_>,
        local: &str,
        at: u64,
    ) -> Result<PropertyName, BodyError> {
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
        let refused = |c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '&' | '"' | '\'')
        };
        if namespace.len() > MAX_NAME || namespace.contains(refused) {
            return Err(malformed(at, "a namespace is not a plain URI"));
        }
        if self.strict {
            return Ok(PropertyName::new(namespace, local));
        }
        Ok(PropertyName::new(&canonical(namespace), local))
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

fn check_chars(text: &str, at: u64) -> Result<(), BodyError> {
    if text.chars().all(is_xml_char) {
        Ok(())
    } else {
        Err(malformed(at, "there is a character XML does not allow"))
    }
}

/// The bytes are UTF-8. A declaration that says otherwise has others read other characters, even
/// where all bytes are ASCII (UTF-7).
fn check_encoding(label: Option<&str>, text: &str) -> Result<(), BodyError> {
    let told = |label: &str| {
        label.eq_ignore_ascii_case("utf-8")
            || label.eq_ignore_ascii_case("us-ascii") && text.is_ascii()
    };
    match label {
        Some(label) if !told(label) => Err(BodyError::new(format!(
            "The body says it is {label}; send XML encoded as UTF-8, and say so or nothing"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// A place in the document; bodies are far smaller than memory.
fn place(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
