//! From the bytes of a `.reg` file to its text: where each file in it begins
//! (several may be one after another), and in which characters it is written.

use super::code_page::CodePage;

/// The first line of a file, by which its version is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// `REGEDIT4`: bytes of strings are ANSI.
    Four,
    /// `Windows Registry Editor Version 5.00`: they are UTF-16.
    Five,
}

impl Version {
    const ALL: [Self; 2] = [Self::Four, Self::Five];

    fn header(self) -> &'static str {
        match self {
            Self::Four => "REGEDIT4",
            Self::Five => "Windows Registry Editor Version 5.00",
        }
    }
}

/// How characters are laid down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One byte or more; ASCII is ASCII.
    Narrow,
    /// UTF-16, the low byte first, as Windows writes it.
    Little,
    /// UTF-16, the high byte first.
    Big,
}

impl Form {
    const ALL: [Self; 3] = [Self::Narrow, Self::Little, Self::Big];

    fn mark(self) -> &'static [u8] {
        match self {
            Self::Narrow => &[0xef, 0xbb, 0xbf],
            Self::Little => &[0xff, 0xfe],
            Self::Big => &[0xfe, 0xff],
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Narrow => 1,
            Self::Little | Self::Big => 2,
        }
    }

    fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Narrow => text.as_bytes().to_vec(),
            Self::Little => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Big => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        }
    }

    /// The ASCII character at the beginning of these bytes.
    fn ascii(self, bytes: &[u8]) -> Option<u8> {
        match (self, bytes) {
            (Self::Narrow, [c, ..]) | (Self::Little, [c, 0, ..]) | (Self::Big, [0, c, ..]) => {
                Some(*c)
            }
            _ => None,
        }
    }
}

/// One file of those that stand one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) version: Version,
    form: Form,
    marked: bool,
    /// From behind the mark.
    bytes: &'a [u8],
}

/// The text of a part, as UTF-16, so that nothing that Windows could hold is lost.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) units: Vec<u16>,
    /// Whether it was UTF-16 in the file.
    pub(super) wide: bool,
    /// The code page of its characters; none, where ASCII was enough.
    pub(super) page: Option<CodePage>,
    /// What to say of how it was read.
    pub(super) notices: Vec<String>,
}

/// Where a part begins, where its header, its form and its version.
type Start = (usize, usize, Form, Version);

/// The files that stand one after another; none, if there is no header at the beginning.
pub(super) fn parts(bytes: &[u8]) -> Vec<Part<'_>> {
    let mut starts: Vec<Start> = Vec::new();
    for form in Form::ALL {
        for version in Version::ALL {
            let header = form.bytes(version.header());
            let mut from = 0;
            while let Some(at) = find(&bytes[from..], &header) {
                let at = from + at;
                let end = at + header.len();
                from = end;
                if let Some(start) = start_of(bytes, at, form)
                    && ends_line(&bytes[end..], form)
                {
                    starts.push((start, at, form, version));
                }
            }
        }
    }
    starts.sort_unstable_by_key(|(_, at, ..)| *at);
    aligned(&mut starts);
    match starts.first() {
        Some((start, ..)) if bytes[..*start].iter().all(|byte| is_blank(*byte)) => {}
        _ => return Vec::new(),
    }
    let ends = starts.iter().skip(1).map(|(start, ..)| *start);
    let ends: Vec<usize> = ends.chain([bytes.len()]).collect();
    let part = |((start, at, form, version), end): (&Start, usize)| Part {
        version: *version,
        form: *form,
        marked: start != at,
        bytes: &bytes[*at..end],
    };
    starts.iter().zip(ends).map(part).collect()
}

/// The bytes of one order of UTF-16 are those of the other, one byte further on: of two such
/// headers the one counts that stands on a character of the part before it.
fn aligned(starts: &mut Vec<Start>) {
    let mut kept: Vec<Start> = Vec::with_capacity(starts.len());
    for start in starts.drain(..) {
        let Some((_, last, last_form, _)) = kept.last().copied() else {
            kept.push(start);
            continue;
        };
        if start.1 != last + 1 {
            kept.push(start);
            continue;
        }
        let before = kept.len().checked_sub(2).map(|at| kept[at]);
        let off = before.is_some_and(|(_, at, form, _)| {
            form.width() == 2 && last_form.width() == 2 && (last - at) % 2 != 0
        });
        if off {
            kept.pop();
            kept.push(start);
        }
    }
    *starts = kept;
}

/// Where the part begins whose header stands here: at its mark, at the beginning, or behind
/// the end of a line.
fn start_of(bytes: &[u8], at: usize, form: Form) -> Option<usize> {
    if bytes[..at].ends_with(form.mark()) {
        return Some(at - form.mark().len());
    }
    let mut before = bytes[..at].iter().rev();
    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let beginning = bytes[..at].iter().all(|byte| is_blank(*byte));
    let found = before.find(|byte| !matches!(**byte, 0 | 0x1a | b' ' | b'\t'));
    (beginning || found.is_some_and(ends)).then_some(at)
}

fn is_blank(byte: u8) -> bool {
    byte == 0 || byte.is_ascii_whitespace()
}

/// Whether nothing but blanks stand up to the end of the line.
fn ends_line(mut rest: &[u8], form: Form) -> bool {
    loop {
        match form.ascii(rest) {
            None => return rest.len() < form.width(),
            Some(b'\n' | b'\r' | 0x1a | 0) => return true,
            Some(b' ' | b'\t') => rest = &rest[form.width()..],
            Some(_) => return false,
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

impl Part<'_> {
    /// The text; bytes that are not ASCII are read in `page`, or else in the one that they
    /// most likely are of.
    pub(super) fn text(self, page: Option<CodePage>) -> Text {
        match self.form {
            Form::Narrow => self.narrow(page),
            Form::Little => self.wide(u16::from_le_bytes),
            Form::Big => self.wide(u16::from_be_bytes),
        }
    }

    fn wide(self, unit: fn([u8; 2]) -> u16) -> Text {
        let pairs = self.bytes.chunks_exact(2);
        let tail = pairs.remainder();
        let units = pairs.map(|pair| unit([pair[0], pair[1]])).collect();
        let mut notices = Vec::new();
        if self.form == Form::Big {
            notices.push("it is UTF-16 with the high byte first, which regedit refuses".to_owned());
        }
        if !self.marked {
            notices.push(
                "it is UTF-16 without its mark, which regedit refuses; it was read as UTF-16"
                    .to_owned(),
            );
        }
        if let [byte] = tail {
            notices.push(format!(
                "it ends in the middle of a UTF-16 character; its last byte (0x{byte:02x}) was passed over"
            ));
        }
        Text {
            units,
            wide: true,
            page: None,
            notices,
        }
    }

    /// The code page that a comment at the top names: `; Code page: 1252`.
    fn remark(self) -> Option<CodePage> {
        let lines = self.bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
        lines.take(REMARKS).find_map(|line| {
            let line = std::str::from_utf8(line).ok()?.trim().to_ascii_lowercase();
            let page = line.strip_prefix(';')?.trim().strip_prefix("code page:")?;
            CodePage::named(page)
        })
    }

    fn narrow(self, wanted: Option<CodePage>) -> Text {
        let mut notices = Vec::new();
        if self.marked {
            notices.push("it is UTF-8 with a mark, which regedit refuses".to_owned());
        }
        let ascii = self.bytes.is_ascii();
        let utf_8 = CodePage::numbered(65001).unwrap_or_else(CodePage::western);
        let named = wanted.or_else(|| self.remark());
        let page = match named {
            _ if self.marked => utf_8,
            Some(page) => page,
            None if ascii => CodePage::western(),
            None if std::str::from_utf8(self.bytes).is_ok() => {
                notices.push(
                    "it looks like UTF-8, which regedit reads as ANSI, so that other letters than English ones come out wrong there; it was read as UTF-8 (--code-page 1252 reads it as ANSI)".to_owned(),
                );
                utf_8
            }
            None => {
                let page = CodePage::guess(self.bytes);
                notices.push(format!("{}, guessed by its letters", read_in(page)));
                page
            }
        };
        let (text, lossy) = page.decode(self.bytes);
        if lossy {
            notices.push(format!(
                "it has bytes that {page} has no characters for; they were replaced by U+FFFD (--code-page names another)"
            ));
        }
        Text {
            units: text.encode_utf16().collect(),
            wide: false,
            page: ((named.is_some() || !ascii) && page != utf_8).then_some(page),
            notices,
        }
    }
}

/// So many lines are looked at for a remark on the code page.
const REMARKS: usize = 12;

/// What to say where a code page was guessed.
pub(super) fn read_in(page: CodePage) -> String {
    format!("it was read in {page} (--code-page names another)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Vec<(Version, String, usize)> {
        let parts = parts(bytes);
        let text = |part: &Part<'_>| {
            let text = part.text(None);
            let line = String::from_utf16_lossy(&text.units);
            (part.version, line, text.notices.len())
        };
        parts.iter().map(text).collect()
    }

    #[test]
    fn files_of_different_characters_stand_one_after_another() {
        let mut bytes = b"REGEDIT4\r\n; one\r\n\x1a".to_vec();
        let five = "Windows Registry Editor Version 5.00\r\n; two\r\n";
        bytes.extend(Form::Little.mark());
        bytes.extend(Form::Little.bytes(five));
        bytes.extend(Form::Big.mark());
        bytes.extend(Form::Big.bytes(five));
        bytes.extend(Form::Narrow.mark());
        bytes.extend(b"REGEDIT4 \n; f\xc3\xbcr\n");
        let texts = texts(&bytes);
        let versions: Vec<_> = texts.iter().map(|(version, ..)| *version).collect();
        let (four, five) = (Version::Four, Version::Five);
        assert_eq!(versions, [four, five, five, four]);
        let notices: Vec<_> = texts.iter().map(|(_, _, count)| *count).collect();
        assert_eq!(notices, [0, 0, 1, 1]);
        assert!(texts[3].1.contains("für"), "{texts:?}");
    }

    #[test]
    fn a_header_counts_at_the_beginning_of_a_line_alone() {
        for one in [
            "REGEDIT4\r\n; REGEDIT4\r\n",
            "\r\n REGEDIT4\r\nREGEDIT4x\r\n",
            "REGEDIT4",
        ] {
            assert_eq!(parts(one.as_bytes()).len(), 1, "{one:?}");
        }
        for none in [
            "",
            "regedit4\r\n",
            "REGEDIT 4\r\n",
            "REGEDIT5",
            "; x\r\nREGEDIT4\r\n",
            "[HKEY_CURRENT_USER\\x]\r\nREGEDIT4\r\n",
        ] {
            assert_eq!(parts(none.as_bytes()).len(), 0, "{none:?}");
        }
    }
}
