//! The text of a `.reg` file, line by line: each comes to a key, a value, nothing,
//! or the reason why it cannot be read. What regedit and Wine's regedit take is
//! taken; what they pass over in silence is named.

mod data;
mod quoted;

/// What one line, with those that continue it, comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// `[HKEY_…\…]`
    Key {
        path: String,
        /// `[-HKEY_…\…]`
        removed: bool,
        /// What stands after the bracket and is no comment.
        after: String,
    },
    /// `"name"=…`, `@=…`
    Value {
        name: String,
        data: Data,
        /// Escapes that regedit does not know: `\s`.
        odd: Vec<char>,
    },
    /// It cannot be read.
    Bad(&'static str),
}

/// What a value becomes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Data {
    Absent,
    Text(Vec<u16>),
    Dword(u32),
    Bytes { kind: u32, bytes: Vec<u8> },
}

/// Something of the file, and at which line it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) line: usize,
    pub(super) item: Item,
    /// The line that is meant, for people.
    pub(super) text: String,
}

const fn unit(c: u8) -> u16 {
    c as u16
}

const TAB: u16 = unit(b'\t');
const SPACE: u16 = unit(b' ');
const QUOTE: u16 = unit(b'"');
const BACKSLASH: u16 = unit(b'\\');
/// DOS's end of a file.
const CTRL_Z: u16 = 0x1a;
const MARK: u16 = 0xfeff;

/// The lines of a text.
pub(super) struct Scanner<'a> {
    units: &'a [u16],
    at: usize,
    /// The number of the line that was read last.
    line: usize,
}

/// Where a line begins and ends in the text, without its end.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
}

impl<'a> Scanner<'a> {
    /// A text that begins after this line.
    pub(super) fn new(units: &'a [u16], line: usize) -> Self {
        Self { units, at: 0, line }
    }

    /// The number of the line that was read last.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Passes a line over.
    pub(super) fn pass(&mut self) {
        self.next_line();
    }

    /// The next line; CR LF, LF and CR alone end one.
    fn next_line(&mut self) -> Option<Line> {
        if self.at >= self.units.len() {
            return None;
        }
        self.line += 1;
        let start = self.at;
        let ends = |unit: &u16| matches!(*unit, 10 | 13);
        let length = self.units[start..].iter().position(ends);
        let end = length.map_or(self.units.len(), |length| start + length);
        self.at = match self.units.get(end..) {
            Some([13, 10, ..]) => end + 2,
            Some([_, ..]) => end + 1,
            _ => end,
        };
        Some(Line { start, end })
    }

    fn of(&self, line: Line) -> &'a [u16] {
        &self.units[line.start..line.end]
    }

    /// Where the first character of a line stands that is no blank.
    fn begins(&self, line: Line) -> usize {
        let blank = |unit: &&u16| is_blank(**unit);
        line.start + self.of(line).iter().take_while(blank).count()
    }

    fn is(&self, at: usize, c: u8) -> bool {
        self.units.get(at) == Some(&unit(c))
    }

    /// Whether a comment, or nothing more, stands here up to the end of the line.
    fn ends(&self, at: usize, end: usize) -> bool {
        let rest = self.units[at..end].iter().copied();
        let mut rest = rest.skip_while(|unit| is_blank(*unit));
        match rest.next() {
            None => true,
            Some(c) if c == unit(b';') || c == unit(b'#') => true,
            Some(c) => c == unit(b'/') && rest.next() == Some(unit(b'/')),
        }
    }

    fn skip_blanks(&self, mut at: usize, end: usize) -> usize {
        while at < end && is_blank(self.units[at]) {
            at += 1;
        }
        at
    }
}

impl Iterator for Scanner<'_> {
    type Item = Found;

    /// The next line that says something.
    fn next(&mut self) -> Option<Found> {
        loop {
            let line = self.next_line()?;
            let begin = self.begins(line);
            if self.ends(begin, line.end) {
                continue;
            }
            let number = self.line;
            let item = match self.units[begin] {
                c if c == unit(b'[') => key(&self.units[begin + 1..line.end]),
                c if c == unit(b'@') || c == QUOTE => self.value(line),
                _ => Item::Bad(why_nothing(&self.units[begin..line.end])),
            };
            // The text is for people, and few lines need one.
            let shown = match &item {
                Item::Value { odd, .. } if odd.is_empty() => &[],
                _ => self.of(line),
            };
            return Some(Found {
                line: number,
                item,
                text: String::from_utf16_lossy(shown),
            });
        }
    }
}

/// A key, from behind its opening bracket. A `]` may be part of its name.
fn key(rest: &[u16]) -> Item {
    if rest.first().is_some_and(|c| is_blank(*c)) {
        return Item::Bad("a blank stands after the [, and regedit passes such a key over");
    }
    let closes = |at: &usize| rest[*at] == unit(b']');
    let scanner = Scanner::new(rest, 0);
    // The last bracket closes, unless it stands in a comment.
    let commented = (0..rest.len()).filter(closes).find(|at| {
        let after = scanner.skip_blanks(at + 1, rest.len());
        scanner.is(after, b';') || scanner.is(after, b'#')
    });
    let Some(end) = commented.or_else(|| (0..rest.len()).rev().find(closes)) else {
        return Item::Bad("the key has no ] at its end");
    };
    let clean = scanner.ends(end + 1, rest.len());
    let Ok(path) = String::from_utf16(&rest[..end]) else {
        return Item::Bad("the key is not sound UTF-16");
    };
    let after = if clean {
        String::new()
    } else {
        String::from_utf16_lossy(&rest[end + 1..]).trim().to_owned()
    };
    match path.strip_prefix('-') {
        Some(path) => Item::Key {
            path: path.to_owned(),
            removed: true,
            after,
        },
        None => Item::Key {
            path,
            removed: false,
            after,
        },
    }
}

fn why_nothing(line: &[u16]) -> &'static str {
    if line.contains(&unit(b'=')) {
        "it is neither a key, a value nor a comment: the name of a value stands in quotation marks, or is @"
    } else {
        "it is neither a key, a value nor a comment"
    }
}

fn is_blank(unit: u16) -> bool {
    matches!(unit, SPACE | TAB | 0 | CTRL_Z | MARK)
}

fn hex_digit(unit: u16) -> Option<u32> {
    char::from_u32(u32::from(unit))?.to_digit(16)
}
