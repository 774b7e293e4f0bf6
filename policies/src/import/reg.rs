//! The reader for `.reg` files of both versions. Unlike regedit it does not
//! pass over a line that it does not understand: it names it.

use super::{Gathered, ImportError, LeftOut, RegistryFile, data_of};
use crate::{Hive, RegistryData, codepage};

const KIND: &str = "registry file (.reg)";

/// Reads a `.reg` file: version 5 in UTF-16 with a byte order mark (or in plain
/// ASCII), or `REGEDIT4` in Windows-1252.
///
/// # Errors
///
/// The header is missing, or a line is not understood.
pub fn read_reg(bytes: &[u8]) -> Result<RegistryFile, ImportError> {
    let (text, wide) = decoded(bytes)?;
    let mut lines = Lines {
        text: &text,
        number: 0,
    };
    let version_4 = match lines.next_full() {
        Some((_, header)) if header.trim_end() == "REGEDIT4" => true,
        Some((_, header)) if header.trim_end() == "Windows Registry Editor Version 5.00" => false,
        _ => {
            return Err(ImportError::NotSuchAFile {
                kind: KIND,
                why: "its first line is neither REGEDIT4 nor Windows Registry Editor Version 5.00",
            });
        }
    };
    let mut reader = Reader {
        file: Gathered::default(),
        key: Key::None,
        ansi_bytes: version_4 && !wide,
    };
    while let Some((number, line)) = lines.next_full() {
        let why = match reader.line(line.trim()) {
            Ok(()) => continue,
            Err(why) => why,
        };
        return Err(ImportError::Line {
            line: number,
            why,
            text: line.trim().to_owned(),
        });
    }
    Ok(reader.file.finish())
}

/// The text, and whether it was UTF-16.
fn decoded(bytes: &[u8]) -> Result<(String, bool), ImportError> {
    let refused = |why| Err(ImportError::NotSuchAFile { kind: KIND, why });
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        if rest.len() % 2 != 0 {
            return refused("it ends in the middle of a UTF-16 character");
        }
        let units: Vec<u16> = rest
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        return match String::from_utf16(&units) {
            Ok(text) => Ok((text, true)),
            Err(_) => refused("it is not sound UTF-16"),
        };
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        return refused(
            "it is UTF-8 with a byte order mark, which Windows of the time cannot read; save it as Unicode",
        );
    }
    match bytes
        .iter()
        .map(|byte| codepage::character(*byte))
        .collect::<Option<String>>()
    {
        Some(text) => Ok((text, false)),
        None => refused("it has bytes that are not in Windows-1252"),
    }
}

/// The file's lines, those of long bytes put together again.
struct Lines<'a> {
    text: &'a str,
    number: usize,
}

impl Lines<'_> {
    /// The next line and the number at which it begins.
    fn next_full(&mut self) -> Option<(usize, String)> {
        let start = self.number + 1;
        let mut full = self.next_raw()?.to_owned();
        // A backslash at the end continues bytes; in a comment or a text it does not.
        while full.contains("=hex")
            && full.trim_end().ends_with('\\')
            && !full.trim_start().starts_with(';')
        {
            full.truncate(full.trim_end().len() - 1);
            match self.next_raw() {
                Some(more) => full.push_str(more.trim_start()),
                None => break,
            }
        }
        Some((start, full))
    }

    fn next_raw(&mut self) -> Option<&str> {
        if self.text.is_empty() {
            return None;
        }
        self.number += 1;
        let (line, rest) = self.text.split_once('\n').unwrap_or((self.text, ""));
        self.text = rest;
        Some(line.trim_end_matches('\r'))
    }
}

/// The key that lines belong to.
enum Key {
    None,
    Ours(Hive, String),
    /// In a hive that policies do not write to.
    Foreign,
}

struct Reader {
    file: Gathered,
    key: Key,
    /// Whether bytes of strings are ANSI, which the registry keeps as UTF-16.
    ansi_bytes: bool,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if line.is_empty() || line.starts_with(';') {
            return Ok(());
        }
        if let Some(rest) = line.strip_prefix('[') {
            let path = rest
                .strip_suffix(']')
                .ok_or("the key has no ] at its end")?;
            self.open(path);
            return Ok(());
        }
        let (name, rest) = if let Some(rest) = line.strip_prefix('@') {
            (String::new(), rest)
        } else if line.starts_with('"') {
            quoted(line).ok_or("the name has no closing quotation mark")?
        } else {
            return Err("it is neither a key, a value nor a comment");
        };
        let data = rest
            .trim_start()
            .strip_prefix('=')
            .ok_or("there is no = after the name")?;
        let data = self.data(data.trim())?;
        match &self.key {
            Key::Ours(hive, key) => {
                let (hive, key) = (*hive, key.clone());
                self.file.put(hive, &key, name, data);
            }
            Key::Foreign => {}
            Key::None => return Err("it stands before the first key"),
        }
        Ok(())
    }

    fn open(&mut self, path: &str) {
        let (path, removed) = path
            .strip_prefix('-')
            .map_or((path, false), |path| (path, true));
        let (root, key) = path.split_once('\\').unwrap_or((path, ""));
        let hive = Hive::named(root);
        self.key = match hive {
            Some(hive) if !removed => {
                self.file.open(hive, key);
                Key::Ours(hive, key.to_owned())
            }
            _ => {
                self.file.left_out.push(LeftOut {
                    line: format!("[{}{path}]", if removed { "-" } else { "" }),
                    removed,
                });
                Key::Foreign
            }
        };
    }

    fn data(&self, text: &str) -> Result<RegistryData, &'static str> {
        if text == "-" {
            return Ok(RegistryData::Absent);
        }
        if text.starts_with('"') {
            let (string, rest) = quoted(text).ok_or("the text has no closing quotation mark")?;
            // regedit takes a comment after the data.
            let rest = rest.trim_start();
            return if rest.is_empty() || rest.starts_with(';') {
                // A zero inside is no text for Windows: its bytes are kept as they are.
                let units = string.encode_utf16().chain([0]);
                let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
                Ok(data_of(1, &bytes))
            } else {
                Err("something stands after the text")
            };
        }
        let text = text.split(';').next().unwrap_or_default().trim_end();
        let lower = text.to_ascii_lowercase();
        if let Some(digits) = lower.strip_prefix("dword:") {
            let sound =
                (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
            return u32::from_str_radix(digits, 16)
                .ok()
                .filter(|_| sound)
                .map(RegistryData::Dword)
                .ok_or("after dword: come one to eight hexadecimal digits");
        }
        let rest = lower
            .strip_prefix("hex")
            .ok_or("the data is neither text, dword:, hex: nor -")?;
        let (kind, bytes) = match rest.strip_prefix('(') {
            Some(rest) => {
                let (kind, bytes) = rest.split_once("):").ok_or("hex( needs a type and ):")?;
                (
                    u32::from_str_radix(kind, 16)
                        .map_err(|_| "the type in hex( ) is not a number")?,
                    bytes,
                )
            }
            None => (3, rest.strip_prefix(':').ok_or("there is no : after hex")?),
        };
        let bytes =
            hex(bytes).ok_or("bytes are two hexadecimal digits each, with commas between")?;
        if self.ansi_bytes && matches!(kind, 1 | 2 | 7) {
            let text: Option<String> = bytes
                .iter()
                .map(|byte| codepage::character(*byte))
                .collect();
            let text = text.ok_or("the bytes are not in Windows-1252")?;
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            return Ok(data_of(kind, &wide));
        }
        Ok(data_of(kind, &bytes))
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches(',');
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(',')
        .map(str::trim)
        .map(|byte| {
            u8::from_str_radix(byte, 16)
                .ok()
                .filter(|_| byte.len() <= 2 && !byte.starts_with('+'))
        })
        .collect()
}

/// The text between quotation marks at the start, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut inside = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((inside, &text[at + 1..])),
            '\\' => inside.push(chars.next()?.1),
            other => inside.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let file = read_reg(text.as_bytes()).unwrap();
        file.values
            .iter()
            .map(|v| {
                format!(
                    "{}\\{}: {} {}",
                    v.path(),
                    v.name,
                    v.data.type_name(),
                    v.data
                )
            })
            .collect()
    }

    #[test]
    fn every_kind_of_line_is_understood() {
        let text = concat!(
            "REGEDIT4\r\n\r\n; a comment \\\r\n[HKEY_CURRENT_USER\\Software\\X]\r\n",
            "@=\"default\"\r\n\"a\\\\b\\\"c\"=\"C:\\\\dir\" ; why\r\n\"n\"=dword:0000000A\r\n",
            "\"bytes\"=hex:01,02,\\\r\n  03\r\n\"path\"=hex(2):25,61,25,00\r\n\"gone\"=-\r\n",
            "[-HKEY_LOCAL_MACHINE\\Software\\Y]\r\n[HKEY_USERS\\.DEFAULT]\r\n\"x\"=\"y\"\r\n",
        );
        insta::assert_snapshot!(values(text).join("\n"));
        assert_eq!(read_reg(text.as_bytes()).unwrap().left_out.len(), 2);
    }

    #[test]
    fn the_last_word_on_a_value_counts() {
        let text = "REGEDIT4\n\n[HKEY_CURRENT_USER\\K]\n\"a\"=dword:1\n[HKEY_CURRENT_USER\\k]\n\"A\"=dword:2\n";
        assert_eq!(values(text), ["HKCU\\k\\A: REG_DWORD 2"]);
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        for (line, bad) in [
            ("\"x\"=dwordx:1", "dwordx"),
            ("\"x\"=dword:123456789", "eight"),
            ("x=\"y\"", "neither"),
            ("\"x\"=\"y", "closing"),
            ("\"x\"=hex:0g", "hexadecimal"),
            ("[HKEY_CURRENT_USER\\X", "]"),
        ] {
            let text = format!("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\K]\r\n{line}\r\n");
            let refused = read_reg(text.as_bytes()).unwrap_err().to_string();
            assert!(
                refused.contains("line 4") && refused.contains(bad),
                "{line}: {refused}"
            );
        }
    }

    #[test]
    fn other_files_are_refused() {
        for bytes in [
            &b""[..],
            b"PReg\x01\0\0\0",
            b"regedit4\r\n",
            b"\xef\xbb\xbfREGEDIT4\r\n",
            b"\xff\xfeR",
        ] {
            assert!(
                matches!(read_reg(bytes), Err(ImportError::NotSuchAFile { .. })),
                "{bytes:?}"
            );
        }
    }
}
