//! The reader for `.reg` files of both versions, as regedit takes them: any
//! characters, line ends and comments, several files one after another. Unlike
//! regedit it passes nothing over in silence: what it does not understand is named.

mod scan;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::scan::{Data, Found, Item, Scanner};
use super::code_page::CodePage;
use super::encoding::{self, Part, Text, Version};
use super::place::{Position, Spot};
use super::{LeftOut, NotTaken, Reading, data_of};
use crate::{Hive, RegistryData};

pub(super) const KIND: &str = "registry file (.reg)";
pub(super) const NO_HEADER: &str =
    "its first line is neither REGEDIT4 nor Windows Registry Editor Version 5.00";

/// Lines named in one notice.
const NAMED: usize = 5;

/// The key that lines belong to.
enum Key {
    None,
    Ours(Hive, String),
    /// In a hive that policies do not write to; where it stands in what is left out.
    Foreign(usize),
    /// Removed by the line above.
    Removed,
    /// In a line that cannot be read.
    Bad,
}

/// The roots besides the two of policies.
const OTHER_ROOTS: [&str; 10] = [
    "HKEY_CLASSES_ROOT",
    "HKCR",
    "HKEY_USERS",
    "HKU",
    "HKEY_CURRENT_CONFIG",
    "HKCC",
    "HKEY_DYN_DATA",
    "HKDD",
    "HKEY_PERFORMANCE_DATA",
    "HKPD",
];

struct Reader<'a> {
    reading: &'a mut Reading,
    file: Option<Arc<str>>,
    key: Key,
    /// Lines with escapes that regedit does not know.
    odd: BTreeSet<usize>,
    /// Lines with something after a key.
    after: BTreeSet<usize>,
    /// Bytes of strings that were read otherwise than their version says.
    ansi_in_five: BTreeSet<usize>,
}

/// Reads what is one `.reg` file, or several one after another. Nothing is read, and false
/// given back, if there is no header at its beginning.
pub(super) fn read(bytes: &[u8], file: Option<Arc<str>>, reading: &mut Reading) -> bool {
    let parts = encoding::parts(bytes);
    if parts.is_empty() {
        return false;
    }
    let mut reader = Reader {
        reading,
        file,
        key: Key::None,
        odd: BTreeSet::new(),
        after: BTreeSet::new(),
        ansi_in_five: BTreeSet::new(),
    };
    let mut line = blank_lines_before_header(bytes);
    for part in parts {
        line = reader.part(part, line);
    }
    reader.finish();
    true
}

fn blank_lines_before_header(bytes: &[u8]) -> usize {
    let blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0;
    bytes
        .iter()
        .take_while(blank)
        .filter(|b| **b == b'\n')
        .count()
}

impl Reader<'_> {
    /// Reads a part whose header follows this line, and gives the number of its last line.
    fn part(&mut self, part: Part<'_>, line: usize) -> usize {
        let text = part.text(self.reading.options.code_page);
        for notice in &text.notices {
            self.notice(format_args!("{notice}"));
        }
        let mut scanner = Scanner::new(&text.units, line);
        scanner.pass();
        self.key = Key::None;
        let found: Vec<Found> = scanner.by_ref().collect();
        let page = self.page_of_bytes(part.version, &text, &found);
        for one in found {
            self.take(one, part.version, &text, page);
        }
        scanner.line()
    }

    /// The code page of bytes that stand for ANSI strings.
    fn page_of_bytes(&mut self, version: Version, text: &Text, found: &[Found]) -> CodePage {
        if let Some(page) = self.reading.options.code_page.or(text.page) {
            return page;
        }
        if text.wide || version == Version::Five {
            return CodePage::western();
        }
        let mut strings = Vec::new();
        for one in found {
            if let Item::Value {
                data:
                    Data::Bytes {
                        kind: 1 | 2 | 7,
                        bytes,
                    },
                ..
            } = &one.item
            {
                strings.extend_from_slice(bytes);
            }
        }
        if strings.is_ascii() {
            return CodePage::western();
        }
        let page = CodePage::guess(&strings);
        if page != CodePage::western() {
            let said = encoding::read_in(page);
            self.notice(format_args!("{said}, guessed by the bytes of its strings"));
        }
        page
    }

    fn take(&mut self, found: Found, version: Version, text: &Text, page: CodePage) {
        let Found {
            line,
            item,
            text: shown,
        } = found;
        match item {
            Item::Bad(why) => {
                if shown.trim_start().starts_with('[') {
                    self.key = Key::Bad;
                }
                self.bad(line, why, &shown);
            }
            Item::Key {
                path,
                removed,
                after,
            } => {
                if !after.is_empty() {
                    self.after.insert(line);
                }
                self.open(&path, removed, line, &shown);
            }
            Item::Value { name, data, odd } => {
                if !odd.is_empty() {
                    self.odd.insert(line);
                }
                let data = self.data(data, version, text, page, line);
                self.put(name, data, line);
            }
        }
    }

    fn put(&mut self, name: String, data: RegistryData, line: usize) {
        let place = self.place(line);
        match &self.key {
            Key::Ours(hive, key) => {
                let hive = *hive;
                self.reading.gathered.put(hive, key, name, data, place);
            }
            Key::Foreign(at) => {
                if let Some(LeftOut {
                    why: NotTaken::OtherHive(values) | NotTaken::OtherUser(values),
                    ..
                }) = self.reading.gathered.left_out.get_mut(*at)
                {
                    *values += 1;
                }
            }
            Key::Removed => self.leave_out(line, named(&name), NotTaken::UnderRemovedKey),
            Key::Bad => self.leave_out(line, named(&name), NotTaken::UnderBadKey),
            Key::None => self.bad(line, "it stands before the first key", &named(&name)),
        }
    }

    fn open(&mut self, path: &str, removed: bool, line: usize, shown: &str) {
        let path = normal(path);
        let (root, rest) = path.split_once('\\').unwrap_or((&path, ""));
        let what = format!("[{}{path}]", if removed { "-" } else { "" });
        let (hive, key) = match self.of_a_user(root, rest) {
            Some(Ok(key)) => (Hive::CurrentUser, key),
            Some(Err(why)) => {
                self.key = self.foreign(line, what, why);
                return;
            }
            None => match Hive::named(root) {
                Some(hive) => (hive, rest.to_owned()),
                None if OTHER_ROOTS.iter().any(|it| root.eq_ignore_ascii_case(it)) => {
                    let why = if removed {
                        NotTaken::RemovesKey
                    } else {
                        NotTaken::OtherHive(0)
                    };
                    self.key = self.foreign(line, what, why);
                    return;
                }
                None => {
                    self.key = Key::Bad;
                    self.bad(
                        line,
                        "the key begins with no root such as HKEY_LOCAL_MACHINE",
                        shown,
                    );
                    return;
                }
            },
        };
        if !removed {
            self.reading.gathered.open(hive, &key);
            self.key = Key::Ours(hive, key);
            return;
        }
        self.key = Key::Removed;
        if key.is_empty() {
            self.leave_out(line, what, NotTaken::RemovesHive);
        } else {
            let place = self.place(line);
            self.reading.gathered.remove_key(hive, &key, &place);
            self.leave_out(line, what, NotTaken::RemovesKey);
        }
    }

    /// What a dump of one user has under `HKEY_USERS` is that user's `HKEY_CURRENT_USER`.
    fn of_a_user(&mut self, root: &str, rest: &str) -> Option<Result<String, NotTaken>> {
        if !["HKEY_USERS", "HKU"]
            .iter()
            .any(|it| root.eq_ignore_ascii_case(it))
        {
            return None;
        }
        let (user, key) = rest.split_once('\\')?;
        let lower = user.to_lowercase();
        let nobody = [".default", "s-1-5-18", "s-1-5-19", "s-1-5-20"];
        if nobody.contains(&lower.as_str()) || lower.ends_with("_classes") {
            return None;
        }
        match &self.reading.user {
            Some(first) if *first != lower => return Some(Err(NotTaken::OtherUser(0))),
            Some(_) => {}
            None => {
                self.reading.user = Some(lower);
                self.notice(format_args!(
                    "HKEY_USERS\\{user} was read as HKEY_CURRENT_USER, which it is for that user"
                ));
            }
        }
        Some(Ok(key.to_owned()))
    }

    fn foreign(&mut self, line: usize, what: String, why: NotTaken) -> Key {
        self.leave_out(line, what, why);
        Key::Foreign(self.reading.gathered.left_out.len() - 1)
    }

    fn data(
        &mut self,
        data: Data,
        version: Version,
        text: &Text,
        page: CodePage,
        line: usize,
    ) -> RegistryData {
        match data {
            Data::Absent => RegistryData::Absent,
            Data::Dword(number) => RegistryData::Dword(number),
            Data::Text(units) => {
                let units = units.into_iter().chain([0]);
                let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
                // A zero inside is no text for Windows: its bytes are kept as they are.
                data_of(1, &bytes)
            }
            Data::Bytes { kind, bytes } => {
                let string = matches!(kind, 1 | 2 | 7) && !text.wide;
                let ansi = match version {
                    Version::Four => string,
                    // Whoever writes such a file by hand writes letters.
                    Version::Five => string && only_letters(&bytes),
                };
                if !ansi {
                    return data_of(kind, &bytes);
                }
                if version == Version::Five {
                    self.ansi_in_five.insert(line);
                }
                let (text, _) = page.decode(&bytes);
                let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                data_of(kind, &wide)
            }
        }
    }

    fn finish(mut self) {
        for (lines, what) in [
            (
                std::mem::take(&mut self.odd),
                "has a backslash before a character that needs none; the backslash was kept, and regedit would drop it (a backslash is written \\\\)",
            ),
            (
                std::mem::take(&mut self.after),
                "has something after the key's ], which was passed over",
            ),
            (
                std::mem::take(&mut self.ansi_in_five),
                "has the bytes of a string in ANSI, where its version has UTF-16; they were read as ANSI",
            ),
        ] {
            let Some(first) = lines.first() else { continue };
            let others: Vec<String> = lines
                .iter()
                .skip(1)
                .take(NAMED - 1)
                .map(ToString::to_string)
                .collect();
            let mut said = format!("line {first} {what}");
            if !others.is_empty() {
                said = format!("{said}; so have the lines {}", others.join(", "));
            }
            if lines.len() > NAMED {
                said = format!("{said} and {} more", lines.len() - NAMED);
            }
            self.notice(format_args!("{said}"));
        }
    }

    fn notice(&mut self, text: std::fmt::Arguments<'_>) {
        self.reading.notice(self.file.as_ref(), text);
    }

    fn leave_out(&mut self, line: usize, what: String, why: NotTaken) {
        let place = self.place(line);
        let left_out = LeftOut { place, what, why };
        self.reading.gathered.left_out.push(left_out);
    }

    fn bad(&mut self, line: usize, why: &str, text: &str) {
        let place = self.place(line);
        self.reading.bad.push(place, why, text);
    }

    fn place(&self, line: usize) -> Position {
        Position {
            file: self.file.clone(),
            spot: Spot::Line(line),
        }
    }
}

/// A value's name as files have it.
fn named(name: &str) -> String {
    if name.is_empty() {
        "@".to_owned()
    } else {
        format!("\"{name}\"")
    }
}

/// A path as Windows takes it: separators at its end and doubled ones do not count.
fn normal(path: &str) -> String {
    let parts: Vec<&str> = path.split('\\').filter(|part| !part.is_empty()).collect();
    parts.join("\\")
}

/// Whether these are ASCII letters with zeros after them alone, which UTF-16 never is.
fn only_letters(bytes: &[u8]) -> bool {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |at| at + 1);
    end >= 2 && bytes[..end].iter().all(|byte| (0x20..0x7f).contains(byte))
}

#[cfg(test)]
mod tests;
