//! What stands between quotation marks, and what becomes of its backslashes.

use super::{BACKSLASH, QUOTE, Scanner};

/// A text that was quoted.
pub(super) struct Quoted {
    pub(super) text: Vec<u16>,
    /// Escapes that regedit does not know.
    pub(super) odd: Vec<char>,
    /// Behind the closing mark.
    pub(super) after: usize,
}

impl Scanner<'_> {
    /// The text between quotation marks, the first of which stands here.
    pub(super) fn quoted(&self, at: usize, limit: usize) -> Option<Quoted> {
        let mut text = Vec::new();
        let mut escapes = Vec::new();
        let mut at = at + 1;
        loop {
            match *self.units.get(at).filter(|_| at < limit)? {
                QUOTE => break,
                BACKSLASH => {
                    let escaped = *self.units.get(at + 1).filter(|_| at + 1 < limit)?;
                    if !matches!(escaped, QUOTE | BACKSLASH) {
                        // Where it stands in the text, to be settled when all are known.
                        escapes.push(text.len());
                        text.push(BACKSLASH);
                    }
                    text.push(escaped);
                    at += 2;
                }
                other => {
                    text.push(other);
                    at += 1;
                }
            }
        }
        let odd = settle(&mut text, &escapes);
        Some(Quoted {
            text,
            odd,
            after: at + 1,
        })
    }
}

/// What becomes of backslashes before other characters than `"` and `\`. To regedit `\n` and
/// `\r` are the ends of lines, and before others it forgets the backslash. A text in which
/// there are others was not escaped at all: its backslashes are meant.
fn settle(text: &mut Vec<u16>, escapes: &[usize]) -> Vec<char> {
    let after = |at: &usize| {
        let c = text.get(at + 1).copied().unwrap_or_default();
        char::from_u32(u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
    };
    let letters: Vec<char> = escapes.iter().map(after).collect();
    if !letters.iter().all(|c| matches!(c, 'n' | 'r')) {
        return letters;
    }
    let mut settled = Vec::with_capacity(text.len());
    let mut escapes = escapes.iter().peekable();
    let mut units = text.iter().enumerate();
    while let Some((at, unit)) = units.next() {
        if escapes.next_if(|escape| **escape == at).is_none() {
            settled.push(*unit);
        } else if let Some((_, letter)) = units.next() {
            settled.push(if *letter == u16::from(b'n') { 10 } else { 13 });
        }
    }
    *text = settled;
    Vec::new()
}
