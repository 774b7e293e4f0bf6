//! A script for the Windows Script Host, which writes the values with
//! `RegWrite` and `RegDelete`: Windows 2000 and later, 98 and NT 4 with the
//! Script Host installed.

use askama::Template;

use super::{Draft, ExportError, text};
use crate::import::utf16_text;
use crate::{RegistryData, RegistryValue};

const WHY_LINE: &str = "texts in a script are one line; use the registry file";
const WHY_NAME: &str = "the Script Host takes the backslash in the value's name for the end of the key; use the registry file";
const WHY_TYPE: &str = "the Script Host writes texts and numbers only; use the registry file";

#[derive(Template)]
#[template(path = "policy.vbs", escape = "none")]
struct Script {
    header: Vec<String>,
    calls: Vec<Call>,
    file_name: String,
}

struct Call {
    remark: String,
    line: String,
}

pub(super) fn write(file: &Draft<'_>) -> Result<Vec<u8>, ExportError> {
    let calls = file
        .values
        .iter()
        .map(|value| call(file, value))
        .collect::<Result<_, _>>()?;
    let script = Script {
        header: file.header(),
        calls,
        file_name: file.file_name.clone(),
    }
    .to_string();
    Ok(text::ascii_or_utf_16(&text::crlf(&script)))
}

fn call(file: &Draft<'_>, value: &RegistryValue) -> Result<Call, ExportError> {
    if value.name.contains('\\') {
        return Err(file.refuse_value(value, WHY_NAME));
    }
    // A path that ends in a backslash is the key's default value.
    let path = literal(file, value, &format!("{}\\{}", value.path(), value.name))?;
    let line = match &value.data {
        RegistryData::Absent => format!("RemoveValue {path}"),
        // VBScript's whole numbers have a sign; the bits are the same.
        RegistryData::Dword(number) => {
            format!("WriteValue {path}, {}, \"REG_DWORD\"", number.cast_signed())
        }
        RegistryData::Sz(text) => format!(
            "WriteValue {path}, {}, \"REG_SZ\"",
            literal(file, value, text)?
        ),
        RegistryData::Other { kind: 2, bytes } => {
            let text = utf16_text(bytes).ok_or_else(|| file.refuse_value(value, WHY_TYPE))?;
            format!(
                "WriteValue {path}, {}, \"REG_EXPAND_SZ\"",
                literal(file, value, &text)?
            )
        }
        RegistryData::Other { .. } => return Err(file.refuse_value(value, WHY_TYPE)),
    };
    Ok(Call {
        remark: value.remark(),
        line,
    })
}

fn literal(file: &Draft<'_>, value: &RegistryValue, text: &str) -> Result<String, ExportError> {
    match text.chars().find(|c| c.is_control()) {
        Some(character) => Err(file.refuse_character(value, character, WHY_LINE)),
        None => Ok(format!("\"{}\"", text.replace('"', "\"\""))),
    }
}
