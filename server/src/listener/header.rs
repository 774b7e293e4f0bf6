//! Headers as text, the same for whoever reads them. A header that is there is never read as
//! absent: who reads it says what is wrong with it.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

/// Makes UTF-8 of what is neither that nor ASCII: Latin-1, as HTTP/1.1 had it. What proves a
/// sign-in keeps its bytes, which were hashed.
pub(super) fn to_utf8(headers: &mut HeaderMap) {
    for (name, value) in headers.iter_mut() {
        if name == AUTHORIZATION || std::str::from_utf8(value.as_bytes()).is_ok() {
            continue;
        }
        let text: String = value.as_bytes().iter().copied().map(char::from).collect();
        if let Ok(text) = HeaderValue::from_bytes(text.as_bytes()) {
            *value = text;
        }
    }
}

/// The first header of this name, without the white space around it.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = std::str::from_utf8(headers.get(name)?.as_bytes());
    Some(value.unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_there_is_read() {
        for (bytes, read) in [
            (&b" plain\t"[..], "plain"),
            ("müller".as_bytes(), "müller"),
            (b"m\xfcller", "müller"),
            (b"", ""),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("call-back", HeaderValue::from_bytes(bytes).unwrap());
            headers.insert(AUTHORIZATION, HeaderValue::from_bytes(bytes).unwrap());
            to_utf8(&mut headers);
            assert_eq!(text(&headers, "Call-Back"), Some(read));
            assert_eq!(headers[AUTHORIZATION].as_bytes(), bytes);
            assert_eq!(text(&headers, "Host"), None);
        }
    }
}
