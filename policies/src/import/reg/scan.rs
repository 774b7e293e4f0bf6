//! The text of a `.reg` file, line by line: each comes to a key, a value, nothing,
//! or the reason why it cannot be read. What regedit and Wine's regedit take is
//! taken; what they pass over in silence is named.

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

const AFTER: &str = "something other than a comment stands after the data";

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

    fn value(&mut self, line: Line) -> Item {
        let begin = self.begins(line);
        let (name, odd, after) = if self.is(begin, b'@') {
            (String::new(), Vec::new(), begin + 1)
        } else {
            let Some(quoted) = self.quoted(begin, line.end) else {
                return Item::Bad("the name has no closing quotation mark");
            };
            let Ok(name) = String::from_utf16(&quoted.text) else {
                return Item::Bad("the name is not sound UTF-16");
            };
            (name, quoted.odd, quoted.after)
        };
        let at = self.skip_blanks(after, line.end);
        if at >= line.end || !self.is(at, b'=') {
            return Item::Bad("there is no = after the name");
        }
        let at = self.skip_blanks(at + 1, line.end);
        match self.data(at, line) {
            Ok((data, more)) => Item::Value {
                name,
                data,
                odd: [odd, more].concat(),
            },
            Err(why) => Item::Bad(why),
        }
    }

    /// What stands after the `=`, and escapes in it that regedit does not know.
    fn data(&mut self, at: usize, line: Line) -> Result<(Data, Vec<char>), &'static str> {
        if self.is(at, b'-') && at < line.end {
            return if self.ends(at + 1, line.end) {
                Ok((Data::Absent, Vec::new()))
            } else {
                Err("after - comes nothing but a comment")
            };
        }
        if self.is(at, b'"') && at < line.end {
            return self.text(at, line);
        }
        let rest = &self.units[at..line.end];
        if starts(rest, "dword:") {
            return self
                .dword(at + 6, line.end)
                .map(|number| (Data::Dword(number), Vec::new()));
        }
        if !starts(rest, "hex") {
            return Err(why_no_data(rest));
        }
        let (kind, begin) = if self.is(at + 3, b'(') {
            let digits = self.units[at + 4..line.end].iter();
            let length = digits.take_while(|c| hex_digit(**c).is_some()).count();
            let digits = &self.units[at + 4..at + 4 + length];
            let kind = (1..=8).contains(&length).then(|| number(digits));
            let kind = kind.ok_or("the type in hex( ) is not a number")?;
            let end = at + 4 + length;
            if !(self.is(end, b')') && self.is(end + 1, b':')) {
                return Err("hex( needs a type and ):");
            }
            (kind, end + 2)
        } else if self.is(at + 3, b':') {
            (3, at + 4)
        } else {
            return Err("there is no : after hex");
        };
        let bytes = self.bytes(begin, line)?;
        Ok((Data::Bytes { kind, bytes }, Vec::new()))
    }

    fn dword(&self, at: usize, end: usize) -> Result<u32, &'static str> {
        let at = self.skip_blanks(at, end);
        let length = self.units[at..end]
            .iter()
            .take_while(|c| hex_digit(**c).is_some())
            .count();
        let sound = (1..=8).contains(&length) && self.ends(at + length, end);
        sound
            .then(|| number(&self.units[at..at + length]))
            .ok_or("after dword: come one to eight hexadecimal digits")
    }

    /// A text, over several lines if its quotation mark closes on a later one.
    fn text(&mut self, at: usize, line: Line) -> Result<(Data, Vec<char>), &'static str> {
        const OPEN: &str = "the text has no closing quotation mark";
        let quoted = self.quoted(at, self.units.len()).ok_or(OPEN)?;
        if quoted.after <= line.end {
            return if self.ends(quoted.after, line.end) {
                Ok((Data::Text(quoted.text), quoted.odd))
            } else {
                Err(AFTER)
            };
        }
        // What looks like the end of this text may be the beginning of another.
        let (resume, number) = (self.at, self.line);
        while self.at < quoted.after {
            self.next_line();
        }
        let rest = &self.units[quoted.after..];
        let ends = |unit: &u16| matches!(*unit, 10 | 13);
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        if self.ends(quoted.after, quoted.after + length) {
            Ok((Data::Text(quoted.text), quoted.odd))
        } else {
            (self.at, self.line) = (resume, number);
            Err(OPEN)
        }
    }

    /// Bytes, over several lines where a backslash says so; blank lines and comments between
    /// them count for nothing.
    fn bytes(&mut self, begin: usize, first: Line) -> Result<Vec<u8>, &'static str> {
        let mut bytes = Vec::new();
        let (mut at, mut line) = (begin, first);
        loop {
            match self.row(at, line.end, &mut bytes) {
                Ok(false) => return Ok(bytes),
                Ok(true) => {}
                Err(why) => {
                    self.pass_rows(line);
                    return Err(why);
                }
            }
            loop {
                let (resume, number) = (self.at, self.line);
                let Some(next) = self.next_line() else {
                    return Ok(bytes);
                };
                at = self.begins(next);
                if self.ends(at, next.end) {
                    continue;
                }
                if hex_digit(self.units[at]).is_none() {
                    (self.at, self.line) = (resume, number);
                    return Err("a backslash at its end continues it, and no bytes follow");
                }
                line = next;
                break;
            }
        }
    }

    /// The bytes of one line, and whether it goes on.
    fn row(&self, at: usize, end: usize, bytes: &mut Vec<u8>) -> Result<bool, &'static str> {
        const WHY: &str = "bytes are two hexadecimal digits each, with commas between";
        let mut at = at;
        loop {
            at = self.skip_blanks(at, end);
            if self.ends(at, end) {
                return Ok(false);
            }
            if self.is(at, b'\\') {
                let sound = self.ends(at + 1, end);
                return sound.then_some(true).ok_or(AFTER);
            }
            let digits = self.units[at..end].iter();
            let length = digits.take_while(|c| hex_digit(**c).is_some()).count();
            let byte = (1..=2)
                .contains(&length)
                .then(|| number(&self.units[at..at + length]));
            bytes.push(byte.and_then(|byte| u8::try_from(byte).ok()).ok_or(WHY)?);
            at = self.skip_blanks(at + length, end);
            if self.is(at, b',') && at < end {
                at += 1;
            } else if !(self.ends(at, end) || self.is(at, b'\\')) {
                return Err(WHY);
            }
        }
    }

    /// Passes over what continues a line that cannot be read.
    fn pass_rows(&mut self, mut line: Line) {
        while self.of(line).iter().rev().find(|c| !is_blank(**c)) == Some(&BACKSLASH) {
            let (resume, number) = (self.at, self.line);
            let Some(next) = self.next_line() else { return };
            let begin = self.begins(next);
            let continues = begin >= next.end || hex_digit(self.units[begin]).is_some();
            if !continues {
                (self.at, self.line) = (resume, number);
                return;
            }
            line = next;
        }
    }

    /// The text between quotation marks, the first of which stands here.
    fn quoted(&self, at: usize, limit: usize) -> Option<Quoted> {
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

struct Quoted {
    text: Vec<u16>,
    odd: Vec<char>,
    /// Behind the closing mark.
    after: usize,
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

fn why_no_data(data: &[u16]) -> &'static str {
    if starts(data, "qword:") {
        "regedit knows no qword:; write hex(b): and eight bytes, the lowest first"
    } else if starts(data, "str") || starts(data, "reg_") {
        "regedit knows no such type; write \"text\", dword: or hex(…):"
    } else if data.is_empty() {
        "there is no data after the ="
    } else {
        "the data is neither text, dword:, hex: nor -"
    }
}

fn is_blank(unit: u16) -> bool {
    matches!(unit, SPACE | TAB | 0 | CTRL_Z | MARK)
}

fn hex_digit(unit: u16) -> Option<u32> {
    char::from_u32(u32::from(unit))?.to_digit(16)
}

fn number(digits: &[u16]) -> u32 {
    digits
        .iter()
        .filter_map(|digit| hex_digit(*digit))
        .fold(0, |number, digit| number << 4 | digit)
}

/// Whether it begins with this ASCII text, in any case.
fn starts(units: &[u16], text: &str) -> bool {
    let same =
        |(unit, c): (&u16, u8)| u8::try_from(*unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&c));
    units.len() >= text.len() && units.iter().zip(text.bytes()).all(same)
}
