//! Windows-1252, the code page in which Western Windows reads ANSI files.

/// The comment by which whoever reads a file back knows its code page.
pub(crate) const REMARK: &str = "; Code page: 1252";

/// What stands at 0x80 to 0x9F; `None` where the code page has nothing.
const HIGH: [Option<char>; 32] = [
    Some('€'),
    None,
    Some('‚'),
    Some('ƒ'),
    Some('„'),
    Some('…'),
    Some('†'),
    Some('‡'),
    Some('ˆ'),
    Some('‰'),
    Some('Š'),
    Some('‹'),
    Some('Œ'),
    None,
    Some('Ž'),
    None,
    None,
    Some('‘'),
    Some('’'),
    Some('“'),
    Some('”'),
    Some('•'),
    Some('–'),
    Some('—'),
    Some('˜'),
    Some('™'),
    Some('š'),
    Some('›'),
    Some('œ'),
    None,
    Some('ž'),
    Some('Ÿ'),
];

/// The byte of a character, if the code page has it.
pub(crate) fn byte(c: char) -> Option<u8> {
    match u32::from(c) {
        code @ (0..=0x7f | 0xa0..=0xff) => u8::try_from(code).ok(),
        _ => {
            let at = HIGH.iter().position(|high| *high == Some(c))?;
            u8::try_from(0x80 + at).ok()
        }
    }
}

/// The character of a byte, if the code page has one there.
#[cfg(test)]
fn character(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => Some(char::from(byte)),
    }
}

/// The bytes of a text, or the first character that the code page lacks.
pub(crate) fn encode(text: &str) -> Result<Vec<u8>, char> {
    text.chars().map(|c| byte(c).ok_or(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_euro_and_umlauts_are_there_and_greek_is_not() {
        assert_eq!(encode("a€ü™"), Ok(vec![b'a', 0x80, 0xfc, 0x99]));
        assert_eq!(encode("aΩ"), Err('Ω'));
        assert_eq!(encode("\u{81}"), Err('\u{81}'));
        let there: Vec<u8> = (0..=255).filter(|b| character(*b).is_some()).collect();
        assert_eq!(there.len(), 251);
        assert!(
            there
                .iter()
                .all(|b| byte(character(*b).unwrap()) == Some(*b))
        );
    }
}
