//! A small tree of a request body.

use std::borrow::Cow;
use std::ops::Range;

use super::BodyError;
use super::builder::Builder;
use crate::property::PropertyName;

#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: PropertyName,
    /// Namespace declarations are not among them.
    pub(super) attributes: Vec<(PropertyName, Box<str>)>,
    pub(super) children: Vec<Child>,
    /// Where it stands in the document, tags included.
    pub(super) outer: Range<usize>,
    /// Where its content stands.
    pub(super) inner: Range<usize>,
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
    Builder::default().read(text_of(body)?)
}

/// The text of a body, without a byte order mark.
pub(super) fn text_of(body: &[u8]) -> Result<&str, BodyError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    std::str::from_utf8(body)
        .map_err(|_| BodyError::new("The body is not UTF-8; send XML encoded as UTF-8"))
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
