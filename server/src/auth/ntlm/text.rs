//! Strings as NTLM writes and compares them.

use super::NtlmRefusal;

/// UTF-16, little-endian, without a byte order mark.
pub(in crate::auth) fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Reads UTF-16, little-endian.
pub(super) fn from_utf16le(bytes: &[u8]) -> Result<String, NtlmRefusal> {
    let (units, []) = bytes.as_chunks::<2>() else {
        return Err(NtlmRefusal::Malformed("a UTF-16 string of odd length"));
    };
    char::decode_utf16(units.iter().map(|unit| u16::from_le_bytes(*unit)))
        .collect::<Result<_, _>>()
        .map_err(|_| NtlmRefusal::Malformed("a string is not UTF-16"))
}

/// Reads a string in the client's code page. Which page is nowhere said, so
/// each byte is taken as ISO 8859-1: right for ASCII, and never an error.
pub(super) fn from_oem(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Upper case letter by letter as Windows does it: a letter whose upper case
/// is several letters (ß) stays as it is.
pub(super) fn upper(text: &str) -> String {
    text.chars()
        .map(|letter| {
            let mut upper = letter.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) => single,
                _ => letter,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_reads_back_and_refuses_halves() {
        assert_eq!(utf16le("aé"), [0x61, 0, 0xe9, 0]);
        assert_eq!(from_utf16le(&utf16le("Zoë 😀")), Ok("Zoë 😀".to_owned()));
        assert!(from_utf16le(&[0x61]).is_err());
        assert!(from_utf16le(&[0x00, 0xd8]).is_err());
    }

    #[test]
    fn upper_case_keeps_the_number_of_letters() {
        assert_eq!(upper("Straße é"), "STRAßE É");
    }
}
