//! Text as Windows programs of the time read it: line ends, encodings, and
//! comments that stay comments.

use crate::codepage;

/// The text without line breaks and other control characters, so that it
/// cannot leave its comment.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// One line of a comment. Some readers join a line that ends in a backslash with the next one, in
/// comments, too: a backslash there goes.
pub(crate) fn comment(text: &str) -> String {
    let line = one_line(text);
    let ending = |c: char| c == '\\' || c.is_whitespace();
    if line.trim_end().ends_with('\\') {
        line.trim_end_matches(ending).to_owned()
    } else {
        line
    }
}

/// Whether a text goes over the end of its line somewhere.
pub(crate) fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Every line end as CR LF.
pub(crate) fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// UTF-16LE with its byte order mark.
pub(crate) fn utf_16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// Plain ASCII where that is enough, which every program reads; else UTF-16LE
/// with its mark. Never UTF-8, which programs of the time take for ANSI.
pub(crate) fn ascii_or_utf_16(text: &str) -> Vec<u8> {
    if text.is_ascii() {
        text.as_bytes().to_vec()
    } else {
        utf_16(text)
    }
}

/// Windows-1252. What the code page lacks becomes a question mark: use it only
/// where values were checked, so that this meets comments alone.
pub(crate) fn ansi(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| codepage::byte(c).unwrap_or(b'?'))
        .collect()
}
