//! The text that `LGPO.exe /t` applies and `LGPO.exe /r … /w Registry.pol`
//! turns into a Group Policy file: blocks of four lines.

use std::fmt::Write as _;

use super::{Draft, ExportError, text};
use crate::{Hive, RegistryData, RegistryValue};

const WHY_LINE: &str = "every part of a value is one line here; use the registry file";
const WHY_TYPE: &str = "only texts and numbers are written here; use the registry file";
const WHY_NAME: &str = "it needs a name of its own here; use the registry file";
const WHY_ROOT: &str =
    "a value of the hive itself has no key to be written here; use the registry file";
const WHY_COMMENT: &str =
    "a line that begins with a semicolon is a comment here; use the registry file";
const WHY_BLANK: &str = "blanks at the ends of a line may be lost here; use the registry file";

pub(super) fn fits(file: &Draft<'_>) -> Result<(), ExportError> {
    file.values.iter().try_for_each(|value| {
        let refuse = |why| Err(file.refuse_value(value, why));
        let text = match &value.data {
            RegistryData::Absent | RegistryData::Dword(_) => "",
            RegistryData::Sz(text) => text,
            RegistryData::Other { .. } => return refuse(WHY_TYPE),
        };
        let key = key(value);
        for part in [key, &value.name, text] {
            file.carries(value, part, text::breaks_a_line, WHY_LINE)?;
            if part.ends_with(char::is_whitespace) {
                return refuse(WHY_BLANK);
            }
        }
        if key.is_empty() {
            return refuse(WHY_ROOT);
        }
        if value.name.is_empty() || value.name == "*" {
            return refuse(WHY_NAME);
        }
        for part in [key, &value.name] {
            if part.starts_with(char::is_whitespace) {
                return refuse(WHY_BLANK);
            }
            if part.starts_with(';') {
                return refuse(WHY_COMMENT);
            }
        }
        Ok(())
    })
}

fn key(value: &RegistryValue) -> &str {
    value.key.trim_end_matches('\\')
}

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    let mut out = String::new();
    for line in file.header() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "; {line}");
    }
    let _ = writeln!(
        out,
        "; Apply it as an administrator with: LGPO.exe /t {}",
        file.file_name
    );
    for value in file.values {
        let action = match &value.data {
            RegistryData::Dword(number) => format!("DWORD:{number}"),
            RegistryData::Sz(text) => format!("SZ:{text}"),
            RegistryData::Absent | RegistryData::Other { .. } => "DELETE".to_owned(),
        };
        let half = match value.hive {
            Hive::LocalMachine => "Computer",
            Hive::CurrentUser => "User",
        };
        let _ = write!(
            out,
            "\n; {}\n{half}\n{}\n{}\n{action}\n",
            value.remark(),
            key(value),
            value.name
        );
    }
    text::ascii_or_utf_16(&text::crlf(&out))
}
