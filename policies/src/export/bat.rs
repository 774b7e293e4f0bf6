//! A batch file with one `reg` command for each value: for Windows XP and
//! later, and Windows 2000 with the Support Tools. Older Windows has no `reg`;
//! there a batch file calls regedit with the registry file.

use askama::Template;
use data_encoding::HEXLOWER;

use super::{Draft, ExportError, text};
use crate::import::utf16_text;
use crate::{RegistryData, RegistryValue};

const WHY_CHARACTER: &str = "batch files are read in a code page that differs from computer to computer, and cannot hold \
    quotation marks in a text; use the registry file or the script for the Windows Script Host";
const WHY_TYPE: &str = "a batch file writes texts, numbers and bytes only; use the registry file";
const WHY_LENGTH: &str =
    "cmd.exe takes no more than 8,191 characters in a line of a batch file; use the registry file";

/// The longest line that cmd.exe takes, in characters.
const LONGEST: usize = 8191;

#[derive(Template)]
#[template(path = "policy.bat", escape = "none")]
struct Batch {
    header: Vec<String>,
    commands: Vec<Command>,
}

struct Command {
    remark: String,
    /// One command a line: brackets and `||` are not the same to every cmd.exe.
    lines: Vec<String>,
}

pub(super) fn fits(file: &Draft<'_>) -> Result<(), ExportError> {
    file.values.iter().try_for_each(|value| {
        let bad = |c: char| !c.is_ascii() || c.is_ascii_control() || c == '"';
        let plain = |text: &str| file.carries(value, text, bad, WHY_CHARACTER);
        plain(&value.key)?;
        plain(&value.name)?;
        match &value.data {
            RegistryData::Absent | RegistryData::Dword(_) | RegistryData::Other { kind: 3, .. } => {
            }
            RegistryData::Sz(text) => plain(text)?,
            RegistryData::Other { kind: 2, bytes } => {
                let text = utf16_text(bytes).ok_or_else(|| file.refuse_value(value, WHY_TYPE))?;
                plain(&text)?;
            }
            RegistryData::Other { .. } => return Err(file.refuse_value(value, WHY_TYPE)),
        }
        let too_long = |line: &String| line.len() > LONGEST;
        if size(value) > LONGEST / 4 && lines(value, 0).iter().any(too_long) {
            return Err(file.refuse_value(value, WHY_LENGTH));
        }
        Ok(())
    })
}

/// Roughly how long the parts of a value are: most lines need not be made to know that they fit.
fn size(value: &RegistryValue) -> usize {
    let data = match &value.data {
        RegistryData::Sz(text) => text.len(),
        RegistryData::Other { bytes, .. } => bytes.len(),
        RegistryData::Absent | RegistryData::Dword(_) => 0,
    };
    value.key.len() + value.name.len() + data
}

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    let commands = file
        .values
        .iter()
        .enumerate()
        .map(|(at, value)| Command {
            remark: harmless(&value.remark()),
            lines: lines(value, at),
        })
        .collect();
    let header = file.header().iter().map(|line| harmless(line)).collect();
    let script = Batch { header, commands }.to_string();
    text::ansi(&text::crlf(&script))
}

/// The commands of a value that fits: what is done, and what is said where that fails. `at` tells
/// the labels apart.
fn lines(value: &RegistryValue, at: usize) -> Vec<String> {
    let key = argument(&value.path());
    let (name, shown) = if value.name.is_empty() {
        ("/ve".to_owned(), "its default value".to_owned())
    } else {
        let name = argument(&value.name);
        (format!("/v {name}"), name)
    };
    let data = match &value.data {
        RegistryData::Absent if value.name.is_empty() => {
            // reg query finds a default value on Windows XP even where there is none: it is set
            // first, so that removing it fails only where it may not be removed.
            return vec![
                format!("reg query {key} >nul 2>&1"),
                format!("if errorlevel 1 goto past{at}"),
                format!("reg add {key} /ve /f >nul"),
                format!("if not errorlevel 1 reg delete {key} /ve /f >nul"),
                format!("if errorlevel 1 echo Not removed: {key} {shown} 1>&2"),
                "if errorlevel 1 set failed=1".to_owned(),
                format!(":past{at}"),
            ];
        }
        // A value that is not there cannot be removed, and need not be: what counts is whether
        // it is still there.
        RegistryData::Absent => {
            return vec![
                format!("reg delete {key} {name} /f >nul 2>&1"),
                format!("reg query {key} {name} >nul 2>&1"),
                format!("if not errorlevel 1 echo Not removed: {key} {shown} 1>&2"),
                "if not errorlevel 1 set failed=1".to_owned(),
            ];
        }
        RegistryData::Dword(number) => format!("/t REG_DWORD /d {number}"),
        RegistryData::Sz(text) => format!("/t REG_SZ /d {}", argument(text)),
        RegistryData::Other { kind: 3, bytes } => {
            let digits = HEXLOWER.encode(bytes);
            format!("/t REG_BINARY /d \"{digits}\"")
        }
        RegistryData::Other { bytes, .. } => {
            let text = utf16_text(bytes).unwrap_or_default();
            format!("/t REG_EXPAND_SZ /d {}", argument(&text))
        }
    };
    vec![
        format!("reg add {key} {name} {data} /f >nul"),
        format!("if errorlevel 1 echo Not written: {key} {shown} 1>&2"),
        "if errorlevel 1 set failed=1".to_owned(),
    ]
}

/// The text in quotation marks, for cmd.exe and for the program's own reading
/// of its command line.
fn argument(text: &str) -> String {
    // A backslash before the closing quotation mark would take it for text.
    let ending = "\\".repeat(text.len() - text.trim_end_matches('\\').len());
    format!("\"{}{ending}\"", text.replace('%', "%%"))
}

/// A remark that cannot become a command: cmd.exe acts on these even after rem.
fn harmless(text: &str) -> String {
    text::comment(text).replace(['%', '^', '&', '|', '<', '>'], " ")
}
