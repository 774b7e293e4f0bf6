//! What stands behind the name of a value.

use super::{BACKSLASH, Data, Item, Line, Scanner, hex_digit, is_blank};

const AFTER: &str = "something other than a comment stands after the data";

impl Scanner<'_> {
    /// A value, which begins on this line.
    pub(super) fn value(&mut self, line: Line) -> Item {
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
