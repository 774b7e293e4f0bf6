//! A writer that cannot write white space between elements.

use crate::encoding::{is_name_char, is_name_start, is_xml_char};
use crate::namespace;
use crate::property::PropertyName;
use crate::state::State;

/// A document in the making.
pub(super) struct Document {
    out: String,
    root: &'static str,
}

impl Document {
    /// Begins a document: declaration, root element with all three prefixes.
    pub(super) fn new(root: &'static str) -> Self {
        let (d, r, a) = (namespace::DAV, namespace::RVP, namespace::ACL);
        let out = format!(
            "<?xml version=\"1.0\"?><{root} xmlns:d=\"{d}\" xmlns:r=\"{r}\" xmlns:a=\"{a}\">"
        );
        Self { out, root }
    }

    /// Closes the root and gives the bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.end(self.root);
        self.out.into_bytes()
    }

    pub(super) fn start(&mut self, tag: &str) {
        self.out.push('<');
        self.out.push_str(tag);
        self.out.push('>');
    }

    pub(super) fn end(&mut self, tag: &str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }

    /// An element around whatever the closure writes.
    pub(super) fn within(&mut self, tag: &str, inside: impl FnOnce(&mut Self)) {
        self.start(tag);
        inside(self);
        self.end(tag);
    }

    /// An element with text, open and closed even if the text is empty.
    pub(super) fn text(&mut self, tag: &str, text: &str) {
        self.within(tag, |doc| escape_into(&mut doc.out, text));
    }

    /// A self-closed element.
    pub(super) fn empty(&mut self, prefix: &str, local: &str) {
        self.out.push('<');
        self.out.push_str(prefix);
        self.out.push(':');
        name_into(&mut self.out, local);
        self.out.push_str("/>");
    }

    /// A state element, `<r:online/>`.
    pub(super) fn state(&mut self, state: &State) {
        self.empty("r", state.name());
    }

    /// A property of any namespace around whatever the closure writes.
    pub(super) fn property(&mut self, name: &PropertyName, inside: impl FnOnce(&mut Self)) {
        let mut tag = String::new();
        let prefix = namespace::prefix(&name.namespace);
        let foreign = prefix.is_none() && !name.namespace.is_empty();
        if let Some(prefix) = prefix.or(foreign.then_some("x")) {
            tag.push_str(prefix);
            tag.push(':');
        }
        name_into(&mut tag, &name.local);
        self.out.push('<');
        self.out.push_str(&tag);
        if foreign {
            attribute_into(&mut self.out, "xmlns:x", &name.namespace);
        }
        self.out.push('>');
        inside(self);
        self.end(&tag);
    }

    /// Character data, escaped.
    pub(super) fn characters(&mut self, text: &str) {
        escape_into(&mut self.out, text);
    }

    /// XML made by this crate, as it is.
    pub(super) fn raw(&mut self, xml: &str) {
        self.out.push_str(xml);
    }

    /// A CDATA section; the one sequence it cannot hold is split over two sections.
    pub(super) fn cdata(&mut self, text: &str) {
        self.out.push_str("<![CDATA[");
        let clean: String = text.chars().filter(|c| is_xml_char(*c)).collect();
        self.out.push_str(&clean.replace("]]>", "]]]]><![CDATA[>"));
        self.out.push_str("]]>");
    }
}

/// Appends text with markup escaped. A carriage return is written as a reference, or a reader
/// would turn it into a line feed; what XML cannot hold becomes U+FFFD.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\r' => out.push_str("&#13;"),
            c if is_xml_char(c) => out.push(c),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// Appends ` name="value"`.
pub(crate) fn attribute_into(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c => escape_into(out, c.encode_utf8(&mut [0; 4])),
        }
    }
    out.push('"');
}

/// Appends a local name; whatever cannot be part of one becomes `_`.
fn name_into(out: &mut String, local: &str) {
    let mut chars = local.chars();
    let first = chars.next().unwrap_or('_');
    out.push(if is_name_start(first) { first } else { '_' });
    out.extend(chars.map(|c| if is_name_char(c) { c } else { '_' }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        let mut doc = Document::new("d:x");
        doc.text("d:y", "a<b>&\"'\r\n\u{1}");
        doc.state(&State::Other("a/><b".into()));
        doc.property(&PropertyName::new("urn:\"x", "1<"), |doc| {
            doc.characters("v");
        });
        doc.cdata("]]>\u{0}]]>");
        let text = String::from_utf8(doc.finish()).unwrap();
        insta::assert_snapshot!(text, @r#"
        <?xml version="1.0"?><d:x xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><d:y>a&lt;b&gt;&amp;"'&#13;
        �</d:y><r:a___b/><x:__ xmlns:x="urn:&quot;x">v</x:__><![CDATA[]]]]><![CDATA[>]]]]><![CDATA[>]]></d:x>
        "#);
    }
}
