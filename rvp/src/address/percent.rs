//! Percent-encoding (RFC 3986 section 2.1).

use std::borrow::Cow;
use std::fmt::Write as _;

use super::AddressError;

/// Decodes once; the result must be UTF-8.
pub(super) fn decode(text: &str) -> Result<Cow<'_, str>, AddressError> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
            let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
                return Err(AddressError::Percent);
            };
            bytes.push(u8::try_from(high * 16 + low).map_err(|_| AddressError::Percent)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| AddressError::Percent)
}

/// Encodes everything but unreserved characters.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_once_and_only_utf8() {
        assert_eq!(decode("a%20b").unwrap(), "a b");
        assert_eq!(decode("%2541").unwrap(), "%41");
        assert_eq!(decode("%C3%BC").unwrap(), "ü");
        for text in ["%", "%4", "%zz", "%+1", "%FC", "a%é"] {
            assert_eq!(decode(text), Err(AddressError::Percent), "{text:?}");
        }
    }

    #[test]
    fn encodes_what_a_path_may_not_hold() {
        assert_eq!(encode("bob.o-n~e_1"), "bob.o-n~e_1");
        assert_eq!(encode("bü?#"), "b%C3%BC%3F%23");
    }
}
