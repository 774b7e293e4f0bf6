//! Printing: tables for people, JSON for programs. Everything the command line says passes here,
//! because much of it was written by others (names, texts of a registry file, answers of
//! servers), and a terminal acts on what it is sent: it is made [`printable`] first.

use crate::telemetry;
use anyhow::bail;
use parking_lot::Mutex;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};

/// Text that a terminal shows and does not act on: control characters (escape sequences begin
/// with one), characters that turn the direction of writing round, and unseen ones are written
/// out as `\u{1b}`, line breaks as `\n`.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_terminals) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts_on_terminals(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

fn acts_on_terminals(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Line and paragraph separators; what sets the direction of writing; what shows
            // nothing. The joiners U+200C and U+200D belong to scripts and stay.
            '\u{2028}' | '\u{2029}'
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Standard output, gathered, and what became of it.
struct Output {
    waiting: Vec<u8>,
    error: Option<io::Error>,
}

/// What is gathered before it is written, in bytes.
const GATHERED: usize = 64 * 1024;

static OUTPUT: Mutex<Output> = Mutex::new(Output {
    waiting: Vec::new(),
    error: None,
});

impl Output {
    fn line(&mut self, text: &str) {
        self.waiting.extend_from_slice(text.as_bytes());
        self.waiting.push(b'\n');
        if self.waiting.len() >= GATHERED {
            self.flush();
        }
    }

    /// Writes what is gathered; after an error nothing more is written.
    fn flush(&mut self) {
        if self.error.is_none() && !self.waiting.is_empty() {
            let mut stdout = io::stdout().lock();
            let written = stdout.write_all(&self.waiting);
            self.error = written.and_then(|()| stdout.flush()).err();
        }
        self.waiting.clear();
    }
}

/// The end of the output: whether all of it was written. Whoever reads it may have had enough
/// (`| head`), which is no error.
///
/// # Errors
/// It could not be written: a result that nobody got must not look like one that there is.
pub(super) fn finish() -> anyhow::Result<()> {
    let mut output = OUTPUT.lock();
    output.flush();
    match output.error.take() {
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => bail!(
            "standard output cannot be written: {error}. What was ordered has been done; its result is not complete. See where the output goes, and ask again"
        ),
        _ => Ok(()),
    }
}

/// Writes what is gathered at once, for whoever reads along. False: nobody reads any more.
pub(super) fn flush() -> bool {
    let mut output = OUTPUT.lock();
    output.flush();
    output.error.is_none()
}

/// Prints one line.
pub(super) fn line(text: impl Display) {
    OUTPUT.lock().line(&printable(&text.to_string()));
}

/// Prints a text of several lines that are ours.
pub(super) fn lines(text: impl Display) {
    for part in text.to_string().trim_end_matches('\n').split('\n') {
        line(part);
    }
}

/// Prints one line of a message to standard error.
pub(super) fn note(text: impl Display) {
    OUTPUT.lock().flush();
    let text = text.to_string();
    let text = printable(&text);
    // The server has a log, which does not wait for who reads it.
    if !telemetry::log_line(&text) {
        // Where nobody can be told there is nobody to complain to either.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// Prints a message of several lines to standard error.
pub(super) fn notes(text: impl Display) {
    for part in text.to_string().trim_end_matches('\n').split('\n') {
        note(part);
    }
}

/// Prints a value as JSON, with nothing in it that a terminal acts on.
pub(super) fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    OUTPUT.lock().line(&tame(&text));
    Ok(())
}

/// Prints one line of JSON, with nothing in it that a terminal acts on.
pub(super) fn json_line(text: &str) {
    OUTPUT.lock().line(&tame(text));
}

/// JSON that means the same. Outside its strings it has only line breaks of this kind.
fn tame(json: &str) -> Cow<'_, str> {
    let acts = |c: char| c != '\n' && acts_on_terminals(c);
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Prints a table with a heading; columns are as wide as their longest cell.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) {
    let rows: Vec<[Cow<'_, str>; N]> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| printable(cell)))
        .collect();
    let mut widths = heading.map(|h| h.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N]| {
        let cells: Vec<_> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        OUTPUT.lock().line(cells.join("  ").trim_end());
    };
    line(heading);
    for row in &rows {
        line(row.each_ref().map(AsRef::as_ref));
    }
}

/// A moment as `2002-06-01 12:34:56Z`.
pub(super) fn moment(at: api::Millis) -> String {
    let Ok(at) = time::OffsetDateTime::from_unix_timestamp(at.0 / 1000) else {
        return "?".to_owned();
    };
    format!(
        "{} {:02}:{:02}:{:02}Z",
        at.date(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// The name that serialisation gives a value without fields.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_written_out() {
        for (text, shown) in [
            (
                "\u{1b}]0;x\u{7}\u{1b}[31mred",
                "\\u{1b}]0;x\\u{7}\\u{1b}[31mred",
            ),
            ("a\r\nb\tc\u{7f}", "a\\r\\nb\\tc\\u{7f}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("abc\u{202e}gpj.exe\u{2066}", "abc\\u{202e}gpj.exe\\u{2066}"),
            (
                "a\u{2028}b\u{feff}\u{e0041}",
                "a\\u{2028}b\\u{feff}\\u{e0041}",
            ),
        ] {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in [
            "HKLM\\Software\\X",
            "\u{c4}\u{d6}\u{dc} \u{6771}\u{4eac} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{915}\u{94d}\u{200d}\u{937} \u{1f468}\u{200d}\u{1f469}",
            "",
            "\"quoted\" 'x' \\n",
        ] {
            assert!(matches!(printable(text), Cow::Borrowed(shown) if shown == text));
        }
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let value = ["\u{1b}[31m", "\u{9b}x\u{202e}\u{e0041}", "\n\\", "\u{6771}"];
        let json = serde_json::to_string_pretty(&value).unwrap();
        let shown = tame(&json);
        assert!(
            !shown.contains(|c: char| c != '\n' && acts_on_terminals(c)),
            "{shown}"
        );
        let back: Vec<String> = serde_json::from_str(&shown).unwrap();
        assert_eq!(back, value);
    }

    /// A print of its own somewhere else would go round [`printable`], and be a panic where nobody
    /// reads it.
    #[test]
    fn nothing_prints_by_itself() {
        let mut folders = vec![std::path::PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src"
        ))];
        let mut looked_at = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("tests.rs") {
                    looked_at += 1;
                    let code = std::fs::read_to_string(&path).unwrap();
                    let code = code.split("#[cfg(test)]").next().unwrap();
                    assert!(
                        !code.contains("print!(") && !code.contains("println!("),
                        "{}: use output::line or output::note",
                        path.display()
                    );
                }
            }
        }
        assert!(looked_at > 100);
    }
}
