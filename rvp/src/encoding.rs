//! The double UTF-8 encoding of notifications, and the characters XML can carry.
//!
//! Clients take each byte of the UTF-8 payload for a Latin-1 character and encode the document as
//! UTF-8 once more (observed: librvp and the Miranda plugin, both directions). A server leaves
//! relayed bytes alone; what it writes itself has to be encoded the same way.

use std::borrow::Cow;

/// Encodes text the way clients expect it inside a notification.
#[must_use]
pub fn double(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.bytes().map(char::from).collect())
}

/// Undoes [`double`]; text that was encoded only once (observed: `Net::RVP`) comes back as it is.
#[must_use]
pub fn undouble(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    match bytes.map(String::from_utf8) {
        Some(Ok(text)) => Cow::Owned(text),
        Some(Err(_)) | None => Cow::Borrowed(text),
    }
}

/// Whether XML 1.0 allows this character in a document.
pub(crate) const fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether a name can stand as the local part of an XML name (an `NCName`).
pub(crate) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

pub(crate) const fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

pub(crate) const fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c,
            '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_seen_on_the_wire() {
        assert_eq!(
            double("ü€").as_bytes(),
            [0xc3, 0x83, 0xc2, 0xbc, 0xc3, 0xa2, 0xc2, 0x82, 0xc2, 0xac]
        );
        assert_eq!(undouble(&double("ü€")), "ü€");
    }

    #[test]
    fn text_encoded_once_is_left_alone() {
        assert_eq!(undouble("grüß €"), "grüß €");
        assert_eq!(undouble("grüß"), "grüß");
        assert_eq!(undouble("plain"), "plain");
    }

    #[test]
    fn names() {
        assert!(is_name("back-soon"));
        assert!(is_name("größe"));
        for name in ["", "-a", "1a", "a b", "a<b", "a\"", "a:b", "a&b"] {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
