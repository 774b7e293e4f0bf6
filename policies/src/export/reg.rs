//! `.reg` files: version 5 (UTF-16LE with a byte order mark) for Windows 2000
//! and later, `REGEDIT4` (ANSI) for those before. Lines end with CR LF.

use std::fmt::Write as _;

use super::{Draft, ExportError, Format, Purpose, text};
use crate::import::utf16_text;
use crate::{RegistryData, RegistryValue, codepage};

const WHY_NOT_ANSI: &str = "REGEDIT4 files hold Western European characters (Windows-1252) only; \
    take another character, or the registry file for Windows 2000 and later";
const WHY_NOT_NAME: &str =
    "names of keys and values are one line; remove this value from the policy";

const WHY_NOT_TEXT: &str = "its bytes are not sound UTF-16 and have no ANSI form; use the registry file for Windows 2000 and later";

/// What the first line is.
const VERSION_4: &str = "REGEDIT4";
const VERSION_5: &str = "Windows Registry Editor Version 5.00";

/// The column at which Windows breaks lines of bytes.
const WIDTH: usize = 80;

pub(super) fn fits(file: &Draft<'_>) -> Result<(), ExportError> {
    file.values
        .iter()
        .try_for_each(|value| fits_value(file.format, value))
}

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    encoded(file.format, &document(file))
}

fn encoded(format: Format, text: &str) -> Vec<u8> {
    if format == Format::Reg4 {
        text::ansi(text)
    } else {
        text::utf_16(text)
    }
}

fn document(file: &Draft<'_>) -> String {
    let version_4 = file.format == Format::Reg4;
    let mut lines = vec![
        if version_4 { VERSION_4 } else { VERSION_5 }.to_owned(),
        String::new(),
    ];
    lines.extend(file.header().iter().map(|comment| format!("; {comment}")));
    lines.push(format!("; Import it with: regedit /s {}", file.file_name));
    if file.purpose == Purpose::Undo && version_4 {
        lines.push("; Windows 95 and NT 4 may not know how to remove values from a file; remove them by hand there.".to_owned());
    }
    if file.values.is_empty() {
        lines.push("; The policy has no registry values.".to_owned());
    }
    // To Windows the same key in any case; who reads the file back gets the letters of each.
    let same_key = |a: &RegistryValue, b: &RegistryValue| {
        a.hive == b.hive && a.key.trim_end_matches('\\') == b.key.trim_end_matches('\\')
    };
    for values in file.values.chunk_by(same_key) {
        lines.push(String::new());
        // Comments stand above the key: to some readers a comment ends it.
        lines.extend(remarks(values));
        for value in values.iter().take(1) {
            lines.push(format!("[{}]", full_path(value)));
        }
        lines.extend(values.iter().map(|it| assignment(file.format, it)));
    }
    // regedit of older Windows drops a last line without an empty one after it.
    lines.extend([String::new(), String::new()]);
    lines.join("\r\n")
}

/// What the values of one key are.
fn remarks(values: &[RegistryValue]) -> Vec<String> {
    let known = values.iter().filter_map(|value| {
        let title = value.title()?;
        Some(format!("; {}: {title}", text::one_line(&value.name)))
    });
    let mut remarks: Vec<String> = known.collect();
    match values.len() - remarks.len() {
        0 => {}
        1 => remarks.push("; 1 value kept from an imported file".to_owned()),
        count => remarks.push(format!("; {count} values kept from an imported file")),
    }
    remarks
}

/// The path of its key, as registry files want it.
fn full_path(value: &RegistryValue) -> String {
    let path = format!("{}\\{}", value.hive.full(), value.key);
    path.trim_end_matches('\\').to_owned()
}

/// A file of these keys and their values as they are, under a comment. Keys stand
/// with the name of their hive.
pub(crate) fn plain(
    format: Format,
    title: &str,
    keys: &[(String, Vec<RegistryValue>)],
) -> Result<Vec<u8>, ExportError> {
    let header = if format == Format::Reg4 {
        VERSION_4
    } else {
        VERSION_5
    };
    let title = text::comment(title);
    let mut lines = vec![header.to_owned(), String::new(), format!("; {title}")];
    if format == Format::Reg4 {
        lines.push(codepage::REMARK.to_owned());
    }
    for (path, values) in keys {
        lines.push(String::new());
        lines.push(format!("[{}]", key_name(format, path)?));
        for value in values {
            fits_value(format, value)?;
            lines.push(assignment(format, value));
        }
    }
    lines.extend([String::new(), String::new()]);
    Ok(encoded(format, &lines.join("\r\n")))
}

/// A key's path, if the format can carry it.
fn key_name(format: Format, path: &str) -> Result<&str, ExportError> {
    let refuse = |character, why| ExportError::Character {
        place: format!("the key {path}"),
        character,
        format,
        why,
    };
    if format == Format::Reg4 {
        codepage::encode(path).map_err(|character| refuse(character, WHY_NOT_ANSI))?;
    }
    match path.chars().find(|c| c.is_control()) {
        Some(character) => Err(refuse(character, WHY_NOT_NAME)),
        None => Ok(path),
    }
}

/// Whether the format can carry a value.
fn fits_value(format: Format, value: &RegistryValue) -> Result<(), ExportError> {
    let ansi = |text: &str| match codepage::encode(text) {
        Err(character) if format == Format::Reg4 => {
            Err(refused(format, value, character, WHY_NOT_ANSI))
        }
        _ => Ok(()),
    };
    for name in [&value.key, &value.name] {
        ansi(name)?;
        if let Some(character) = name.chars().find(|c| c.is_control()) {
            return Err(refused(format, value, character, WHY_NOT_NAME));
        }
    }
    match &value.data {
        RegistryData::Sz(text) => ansi(text),
        RegistryData::Other {
            kind: 1 | 2 | 7,
            bytes,
        } if format == Format::Reg4 => {
            let text = utf16_text(bytes).ok_or_else(|| ExportError::Value {
                place: value.place(),
                format,
                why: WHY_NOT_TEXT,
            })?;
            ansi(&text)
        }
        RegistryData::Absent | RegistryData::Dword(_) | RegistryData::Other { .. } => Ok(()),
    }
}

/// The line of a value that fits.
fn assignment(format: Format, value: &RegistryValue) -> String {
    let name = if value.name.is_empty() {
        "@".to_owned()
    } else {
        format!("\"{}\"", escaped(&value.name))
    };
    let start = format!("{name}=");
    match &value.data {
        RegistryData::Absent => format!("{start}-"),
        RegistryData::Dword(number) => format!("{start}dword:{number:08x}"),
        // A quoted string is one line; bytes can hold the rest.
        RegistryData::Sz(text) if text.chars().any(char::is_control) => hex(
            &format!("{start}hex(1):"),
            &characters(format, &format!("{text}\0")),
        ),
        RegistryData::Sz(text) => format!("{start}\"{}\"", escaped(text)),
        RegistryData::Other { kind: 3, bytes } => hex(&format!("{start}hex:"), bytes),
        RegistryData::Other {
            kind: kind @ (1 | 2 | 7),
            bytes,
        } if format == Format::Reg4 => {
            // Version 4 has ANSI where the registry and version 5 have UTF-16.
            let text = utf16_text(bytes).unwrap_or_default();
            // utf16_text took one zero from the end.
            let zero = if bytes.ends_with(&[0, 0]) { "\0" } else { "" };
            hex(
                &format!("{start}hex({kind}):"),
                &characters(format, &format!("{text}{zero}")),
            )
        }
        RegistryData::Other { kind, bytes } => hex(&format!("{start}hex({kind:x}):"), bytes),
    }
}

/// The bytes of a text in the format's character set.
fn characters(format: Format, text: &str) -> Vec<u8> {
    if format == Format::Reg4 {
        return text::ansi(text);
    }
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn refused(
    format: Format,
    value: &RegistryValue,
    character: char,
    why: &'static str,
) -> ExportError {
    ExportError::Character {
        place: value.place(),
        character,
        format,
        why,
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// `start` and the bytes after it, broken as Windows breaks them.
fn hex(start: &str, bytes: &[u8]) -> String {
    let mut text = start.to_owned();
    let mut column = start.chars().count();
    for (at, byte) in bytes.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        column += 2;
        if at + 1 < bytes.len() {
            text.push(',');
            column += 1;
            // The next byte, its comma and a backslash must fit.
            if column + 4 > WIDTH {
                text.push_str("\\\r\n  ");
                column = 2;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{ExportContext, export, undo};
    use super::*;
    use crate::{Choice, Hive, Policy, Setting};

    fn context() -> ExportContext {
        ExportContext {
            revision: 3,
            date: "2002-06-01".to_owned(),
            server: None,
        }
    }

    fn branch() -> Policy {
        let mut policy = Policy::new("WAN branch")
            .with("disable-file-transfer", Setting::On)
            .with(
                "disable-voice",
                Choice {
                    setting: Setting::On,
                    hive: Some(Hive::CurrentUser),
                },
            )
            .with("netmeeting-no-audio", Setting::Off)
            .with(
                "conversation-warning",
                Setting::Text("Say \"no\" to C:\\ and €".to_owned()),
            );
        policy.description = "Narrow lines".to_owned();
        policy
    }

    #[test]
    fn version_5_is_utf_16_with_its_mark() {
        let file = export(&branch(), Format::Reg, &context()).unwrap();
        assert_eq!(file.file_name, "wan-branch.reg");
        assert_eq!(&file.bytes[..4], [0xff, 0xfe, b'W', 0]);
        let units: Vec<u16> = file.bytes[2..]
            .chunks(2)
            .map(|p| u16::from_le_bytes([p[0], p[1]]))
            .collect();
        let text = String::from_utf16(&units).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        insta::assert_snapshot!(text.replace("\r\n", "\n"));
    }

    #[test]
    fn version_4_is_ansi() {
        let file = export(&branch(), Format::Reg4, &context()).unwrap();
        assert!(file.bytes.starts_with(b"REGEDIT4\r\n\r\n"));
        assert!(file.bytes.windows(9).any(|w| w == &b"C:\\\\ and \x80"[..9]));
        assert!(file.bytes.ends_with(b"\r\n\r\n"));
    }

    #[test]
    fn version_4_names_the_character_and_the_option_it_cannot_write() {
        let policy = Policy::new("Ω").with("conversation-warning", Setting::Text("aΩ".to_owned()));
        let refused = export(&policy, Format::Reg4, &context())
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains('Ω') && refused.contains("conversation-warning"),
            "{refused}"
        );
        // In a comment alone it does not matter.
        let policy = Policy::new("Ω").with("disable-voice", Setting::On);
        assert!(export(&policy, Format::Reg4, &context()).is_ok());
    }

    #[test]
    fn undo_removes_what_was_written_and_nothing_else() {
        let file = undo(&branch(), Format::Reg4, &context()).unwrap();
        assert_eq!(file.file_name, "wan-branch-undo-regedit4.reg");
        let text = String::from_utf8(file.bytes).unwrap();
        let removed: Vec<&str> = text.lines().filter(|line| line.ends_with("=-")).collect();
        assert_eq!(
            removed,
            [
                "\"IMWarning\"=-",
                "\"DisableFileTransfer\"=-",
                "\"DisablePC2PCAudio\"=-"
            ]
        );
    }

    #[test]
    fn a_name_cannot_break_out_of_its_comment() {
        let mut policy = Policy::new("x\r\n[-HKEY_LOCAL_MACHINE\\Software]");
        policy.description = "a\n[-HKEY_CURRENT_USER\\Software]".to_owned();
        let file = export(&policy, Format::Reg4, &context()).unwrap();
        let text = String::from_utf8(file.bytes).unwrap();
        assert!(text.lines().all(|line| !line.starts_with('[')), "{text}");
    }

    #[test]
    fn long_bytes_are_broken_where_windows_breaks_them() {
        let text = hex("\"x\"=hex:", &[0xab; 60]);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.matches("ab").count(), 60);
        assert!(text.contains(",\\\r\n  ab"));
    }
}
