//! `name=value, name="value", …`, taken apart byte by byte.

use super::DigestRefusal;

/// A name, its value, and what follows.
type Parameter<'a> = (&'a [u8], Vec<u8>, &'a [u8]);

/// The next `name=value` and what follows it, or none at the end.
pub(super) fn next_parameter(bytes: &[u8]) -> Result<Option<Parameter<'_>>, DigestRefusal> {
    use DigestRefusal::Malformed;
    let bytes = trim_start(bytes, b", \t");
    if bytes.is_empty() {
        return Ok(None);
    }
    let equals = bytes.iter().position(|byte| *byte == b'=');
    let (name, rest) = bytes.split_at(equals.ok_or(Malformed("a parameter without a value"))?);
    let rest = trim_start(&rest[1..], b" \t");
    let (value, rest) = match rest.strip_prefix(b"\"") {
        Some(quoted) => unquote(quoted)?,
        None => {
            let end = rest.iter().position(|byte| *byte == b',');
            let (value, rest) = rest.split_at(end.unwrap_or(rest.len()));
            (value.trim_ascii_end().to_vec(), rest)
        }
    };
    let rest = trim_start(rest, b" \t");
    if !(rest.is_empty() || rest.starts_with(b",")) {
        return Err(Malformed("no comma between two parameters"));
    }
    Ok(Some((name.trim_ascii_end(), value, rest)))
}

fn trim_start<'a>(bytes: &'a [u8], any_of: &[u8]) -> &'a [u8] {
    let start = bytes.iter().position(|byte| !any_of.contains(byte));
    &bytes[start.unwrap_or(bytes.len())..]
}

/// A quoted string up to its closing quote. A backslash escapes only a quote or
/// another backslash; before anything else it stands for itself, since librvp
/// sends and hashes `DOMAIN\user` bare.
fn unquote(bytes: &[u8]) -> Result<(Vec<u8>, &[u8]), DigestRefusal> {
    let mut value = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match (byte, bytes.get(at)) {
            (b'"', _) => return Ok((value, &bytes[at..])),
            (b'\\', Some(next @ (b'"' | b'\\'))) => {
                value.push(*next);
                at += 1;
            }
            (other, _) => value.push(other),
        }
    }
    Err(DigestRefusal::Malformed("a quote is not closed"))
}

/// Bytes as text: UTF-8 if they are that, else Latin-1, in which every byte is a letter.
pub(super) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| latin_1(error.as_bytes()))
}

fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// `UTF-8'language'percent-encoded` (RFC 5987 3.2.1), in the two character sets that it asks
/// everybody to know. The language is of no use to us.
pub(super) fn ext_value(bytes: &[u8]) -> Option<String> {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let decoded = percent_decode(encoded)?;
    if charset.eq_ignore_ascii_case(b"UTF-8") {
        String::from_utf8(decoded).ok()
    } else if charset.eq_ignore_ascii_case(b"ISO-8859-1") {
        Some(latin_1(&decoded))
    } else {
        None
    }
}

fn percent_decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            let high = char::from(digits[0]).to_digit(16)?;
            let low = char::from(digits[1]).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
            rest = after;
        } else {
            decoded.push(*first);
        }
    }
    Some(decoded)
}
