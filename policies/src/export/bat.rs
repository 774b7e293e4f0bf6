//! A batch file with one `reg` command for each value: for Windows XP and
//! later, and Windows 2000 with the Support Tools. Older Windows has no `reg`;
//! there a batch file calls regedit with the registry file.

use askama::Template;

use super::{Draft, ExportError, text};
use crate::import::utf16_text;
use crate::{RegistryData, RegistryValue};

const WHY_CHARACTER: &str = "batch files are read in a code page that differs from computer to computer, and cannot hold \
    quotation marks in a text; use the registry file or the script for the Windows Script Host";
const WHY_TYPE: &str = "a batch file writes texts, numbers and bytes only; use the registry file";

#[derive(Template)]
#[template(path = "policy.bat", escape = "none")]
struct Batch {
    header: Vec<String>,
    commands: Vec<Command>,
}

struct Command {
    remark: String,
    line: String,
    /// Whether it may fail because the value is not there.
    removal: bool,
}

pub(super) fn write(file: &Draft<'_>) -> Result<Vec<u8>, ExportError> {
    let commands = file
        .values
        .iter()
        .map(|value| command(file, value))
        .collect::<Result<_, _>>()?;
    let header = file.header().iter().map(|line| harmless(line)).collect();
    let script = Batch { header, commands }.to_string();
    Ok(text::ansi(&text::crlf(&script)))
}

fn command(file: &Draft<'_>, value: &RegistryValue) -> Result<Command, ExportError> {
    let key = argument(file, value, &value.path())?;
    let name = if value.name.is_empty() {
        "/ve".to_owned()
    } else {
        format!("/v {}", argument(file, value, &value.name)?)
    };
    let data = match &value.data {
        RegistryData::Absent => {
            let line = format!("reg delete {key} {name} /f");
            return Ok(Command {
                remark: harmless(&value.remark()),
                line,
                removal: true,
            });
        }
        RegistryData::Dword(number) => format!("/t REG_DWORD /d {number}"),
        RegistryData::Sz(text) => format!("/t REG_SZ /d {}", argument(file, value, text)?),
        RegistryData::Other { kind: 2, bytes } => {
            let text = utf16_text(bytes).ok_or_else(|| file.refuse_value(value, WHY_TYPE))?;
            format!("/t REG_EXPAND_SZ /d {}", argument(file, value, &text)?)
        }
        RegistryData::Other { kind: 3, bytes } => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("/t REG_BINARY /d \"{digits}\"")
        }
        RegistryData::Other { .. } => return Err(file.refuse_value(value, WHY_TYPE)),
    };
    let line = format!("reg add {key} {name} {data} /f");
    Ok(Command {
        remark: harmless(&value.remark()),
        line,
        removal: false,
    })
}

/// The text in quotation marks, for cmd.exe and for the program's own reading
/// of its command line.
fn argument(file: &Draft<'_>, value: &RegistryValue, text: &str) -> Result<String, ExportError> {
    if let Some(character) = text
        .chars()
        .find(|c| !c.is_ascii() || c.is_ascii_control() || *c == '"')
    {
        return Err(file.refuse_character(value, character, WHY_CHARACTER));
    }
    // A backslash before the closing quotation mark would take it for text.
    let ending = "\\".repeat(text.len() - text.trim_end_matches('\\').len());
    Ok(format!("\"{}{ending}\"", text.replace('%', "%%")))
}

/// A remark that cannot become a command: cmd.exe acts on these even after rem.
fn harmless(text: &str) -> String {
    text::one_line(text).replace(['%', '^', '&', '|', '<', '>'], " ")
}
