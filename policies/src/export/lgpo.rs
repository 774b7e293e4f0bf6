//! The text that `LGPO.exe /t` applies and `LGPO.exe /r … /w Registry.pol`
//! turns into a Group Policy file: blocks of four lines.

use std::fmt::Write as _;

use super::{Draft, ExportError, text};
use crate::{Hive, RegistryData};

const WHY_LINE: &str = "every part of a value is one line here; use the registry file";
const WHY_TYPE: &str = "only texts and numbers are written here; use the registry file";

pub(super) fn write(file: &Draft<'_>) -> Result<Vec<u8>, ExportError> {
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
    for value in &file.values {
        let action = match &value.data {
            RegistryData::Absent => "DELETE".to_owned(),
            RegistryData::Dword(number) => format!("DWORD:{number}"),
            RegistryData::Sz(text) => format!("SZ:{text}"),
            RegistryData::Other { .. } => return Err(file.refuse_value(value, WHY_TYPE)),
        };
        let half = match value.hive {
            Hive::LocalMachine => "Computer",
            Hive::CurrentUser => "User",
        };
        for part in [&value.key, &value.name, &action] {
            if let Some(character) = part.chars().find(|c| c.is_control()) {
                return Err(file.refuse_character(value, character, WHY_LINE));
            }
        }
        if value.name.is_empty() || value.name == "*" {
            return Err(file.refuse_value(
                value,
                "it needs a name of its own here; use the registry file",
            ));
        }
        let _ = write!(
            out,
            "\n; {}\n{half}\n{}\n{}\n{action}\n",
            value.remark(),
            value.key,
            value.name
        );
    }
    Ok(text::ascii_or_utf_16(&text::crlf(&out)))
}
