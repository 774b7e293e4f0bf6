//! A script for the Windows Script Host, which writes the values with
//! `RegWrite` and `RegDelete`: Windows 2000 and later, 98 and NT 4 with the
//! Script Host installed.

use askama::Template;

use super::{Draft, ExportError, text};
use crate::import::utf16_text;
use crate::{Hive, RegistryData, RegistryValue};

const WHY_LINE: &str = "texts in a script are one line; use the registry file";
const WHY_NAME: &str = "the Script Host takes the backslash in the value's name for the end of the key; use the registry file";
const WHY_TYPE: &str = "the Script Host writes texts and numbers only; use the registry file";

#[derive(Template)]
#[template(path = "policy.vbs", escape = "none")]
struct Script {
    header: Vec<String>,
    calls: Vec<Call>,
    file_name: String,
    /// Whether a key's default value is removed somewhere.
    defaults: bool,
}

struct Call {
    remark: String,
    line: String,
}

pub(super) fn fits(file: &Draft<'_>) -> Result<(), ExportError> {
    file.values.iter().try_for_each(|value| {
        let line = |text: &str| file.carries(value, text, text::breaks_a_line, WHY_LINE);
        if value.name.contains('\\') {
            return Err(file.refuse_value(value, WHY_NAME));
        }
        line(&value.key)?;
        line(&value.name)?;
        match &value.data {
            RegistryData::Absent | RegistryData::Dword(_) => Ok(()),
            RegistryData::Sz(text) => line(text),
            RegistryData::Other { kind: 2, bytes } => {
                line(&utf16_text(bytes).ok_or_else(|| file.refuse_value(value, WHY_TYPE))?)
            }
            RegistryData::Other { .. } => Err(file.refuse_value(value, WHY_TYPE)),
        }
    })
}

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    let calls = file
        .values
        .iter()
        .map(|value| Call {
            remark: value.remark(),
            line: call(value),
        })
        .collect();
    let script = Script {
        header: file.header(),
        calls,
        file_name: file.file_name.clone(),
        defaults: file.values.iter().any(removes_default),
    }
    .to_string();
    text::ascii_or_utf_16(&text::crlf(&script))
}

fn removes_default(value: &RegistryValue) -> bool {
    value.name.is_empty() && value.data == RegistryData::Absent
}

/// The call for a value that fits.
fn call(value: &RegistryValue) -> String {
    if removes_default(value) {
        // RegDelete would take the key with all that is in it.
        let root = match value.hive {
            Hive::LocalMachine => "&H80000002",
            Hive::CurrentUser => "&H80000001",
        };
        let key = literal(value.key.trim_end_matches('\\'));
        return format!(
            "RemoveDefault {root}, {}, {key}",
            literal(value.hive.full())
        );
    }
    // A path that ends in a backslash is the key's default value.
    let path = literal(&format!("{}\\{}", value.path(), value.name));
    match &value.data {
        RegistryData::Absent => format!("RemoveValue {path}"),
        RegistryData::Dword(number) => {
            // VBScript's whole numbers have a sign; the bits are the same.
            let number = match i32::try_from(*number) {
                Ok(number) => number.to_string(),
                Err(_) => format!("&H{number:08X}"),
            };
            format!("WriteValue {path}, {number}, \"REG_DWORD\"")
        }
        RegistryData::Sz(text) => format!("WriteValue {path}, {}, \"REG_SZ\"", literal(text)),
        RegistryData::Other { bytes, .. } => {
            let text = utf16_text(bytes).unwrap_or_default();
            format!("WriteValue {path}, {}, \"REG_EXPAND_SZ\"", literal(&text))
        }
    }
}

fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
