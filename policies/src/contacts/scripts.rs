//! Scripts that carry contact lists from computer to computer: saved at logoff,
//! brought back at logon, over a share or the server.

use askama::Template;
use thiserror::Error;

use super::KEY;
use crate::export::{ExportedFile, text};

/// Where scripts save contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScriptPlace {
    /// A share, in a folder for each user: `\\server\im$`.
    Share(String),
    /// The server's own keeping, by the URL of its list:
    /// `http://im.example.com/rollcall/contacts`.
    Server(String),
}

/// Why there are no scripts for a place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScriptProblem {
    /// It is no share.
    #[error("{0:?} is no share: write \\\\server\\share, with a folder after it if you like")]
    NoShare(String),
    /// It is no URL.
    #[error("{0:?} is no URL of a server: write http://im.example.com")]
    NoUrl(String),
    /// It has a character that a script cannot carry.
    #[error(
        "the place of the contacts has the character \"{}\", which scripts cannot carry safely; use letters, digits and - _ . $", .0.escape_debug()
    )]
    Character(char),
}

#[derive(Template)]
#[template(path = "contacts-logon.bat", escape = "none")]
struct LogonBatch<'a> {
    share: &'a str,
}

#[derive(Template)]
#[template(path = "contacts-logoff.bat", escape = "none")]
struct LogoffBatch<'a> {
    share: &'a str,
    key: &'a str,
}

#[derive(Template)]
#[template(path = "contacts-logon.vbs", escape = "none")]
struct LogonScript<'a> {
    share: &'a str,
    url: Option<&'a str>,
    key: &'a str,
    file_name: &'a str,
}

#[derive(Template)]
#[template(path = "contacts-logoff.vbs", escape = "none")]
struct LogoffScript<'a> {
    share: &'a str,
    url: Option<&'a str>,
    key: &'a str,
    file_name: &'a str,
}

/// Makes the scripts for a place. A batch file cannot sign in at a server, so
/// there is one for a share alone.
///
/// # Errors
///
/// The place is none, or a script could not carry it.
pub fn contact_scripts(place: &ScriptPlace) -> Result<Vec<ExportedFile>, ScriptProblem> {
    let (share, url, ending) = match place {
        ScriptPlace::Share(share) => (checked_share(share)?, None, ""),
        ScriptPlace::Server(url) => ("", Some(checked_url(url)?), "-server"),
    };
    let mut files = Vec::with_capacity(4);
    if url.is_none() {
        files.push(file(
            "contacts-logon.bat",
            &LogonBatch { share }.to_string(),
        ));
        files.push(file(
            "contacts-logoff.bat",
            &LogoffBatch { share, key: KEY }.to_string(),
        ));
    }
    let file_name = &*format!("contacts-logon{ending}.vbs");
    let logon = LogonScript {
        share,
        url,
        key: KEY,
        file_name,
    };
    files.push(file(file_name, &logon.to_string()));
    let file_name = &*format!("contacts-logoff{ending}.vbs");
    let logoff = LogoffScript {
        share,
        url,
        key: KEY,
        file_name,
    };
    files.push(file(file_name, &logoff.to_string()));
    Ok(files)
}

fn file(name: &str, script: &str) -> ExportedFile {
    // Where a part of a template is left out, its empty lines are not.
    let mut script = script.to_owned();
    while script.contains("\n\n\n") {
        script = script.replace("\n\n\n", "\n\n");
    }
    ExportedFile {
        file_name: name.to_owned(),
        media_type: "text/plain",
        bytes: text::ansi(&text::crlf(&format!("{}\n", script.trim_end()))),
    }
}

/// A share without a backslash at its end.
fn checked_share(share: &str) -> Result<&str, ScriptProblem> {
    let no_share = || ScriptProblem::NoShare(share.to_owned());
    let share = share.trim().trim_end_matches('\\');
    let rest = share.strip_prefix("\\\\").ok_or_else(no_share)?;
    let parts: Vec<_> = rest.split('\\').collect();
    if parts.len() < 2 || parts.iter().any(|part| part.is_empty()) {
        return Err(no_share());
    }
    only(share, " -_.$\\")
}

/// A URL that begins with `http://` and names a host.
fn checked_url(url: &str) -> Result<&str, ScriptProblem> {
    let no_url = || ScriptProblem::NoUrl(url.to_owned());
    let rest = url.strip_prefix("http://").ok_or_else(no_url)?;
    if rest.is_empty() || rest.starts_with(['/', ':']) {
        return Err(no_url());
    }
    only(url, "-_.:/[]")
}

/// The text, if it has letters, digits and these characters alone: nothing that a
/// script would act upon, or that differs from code page to code page.
fn only<'a>(text: &'a str, others: &str) -> Result<&'a str, ScriptProblem> {
    let bad = |c: &char| !c.is_ascii_alphanumeric() && !others.contains(*c);
    text.chars()
        .find(bad)
        .map_or(Ok(text), |c| Err(ScriptProblem::Character(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(place: &ScriptPlace) -> Vec<(String, String)> {
        let files = contact_scripts(place).unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let named = files
            .into_iter()
            .map(|file| (file.file_name, text(file.bytes)));
        named.collect()
    }

    fn places() -> [ScriptPlace; 2] {
        [
            ScriptPlace::Share("\\\\srv\\im$\\contacts\\".to_owned()),
            ScriptPlace::Server("http://im.example.com:8080/rollcall/contacts".to_owned()),
        ]
    }

    #[test]
    fn each_script_is_as_it_was_looked_at() {
        for place in &places() {
            for (name, text) in scripts(place) {
                assert!(text.is_ascii() && text.ends_with("\r\n"), "{name}");
                assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{name}");
                insta::assert_snapshot!(name, text.replace("\r\n", "\n"));
            }
        }
    }

    /// Every jump has its label, every block its end, and variables are declared.
    #[test]
    fn each_script_holds_together() {
        for place in &places() {
            for (name, text) in scripts(place) {
                if name.ends_with(".bat") {
                    holds_together_as_batch(&name, &text);
                } else {
                    holds_together_as_script(&name, &text);
                }
            }
        }
    }

    fn holds_together_as_batch(name: &str, text: &str) {
        let labels: Vec<_> = text.lines().filter_map(|l| l.strip_prefix(':')).collect();
        for line in text.lines().filter(|line| !line.starts_with("rem ")) {
            assert!(line.matches('"').count() % 2 == 0, "{name}: {line}");
            if let Some((_, label)) = line.split_once("goto ") {
                assert!(labels.contains(&label), "{name}: {line}");
                // COMMAND.COM tells labels apart by eight characters.
                assert!(label.len() <= 8, "{name}: {line}");
            }
            // COMMAND.COM knows no 2>, no && and no blocks in brackets.
            for newer in ["2>", "&&", "||", " (", "%~", " /b"] {
                assert!(!line.contains(newer), "{name}: {line}");
            }
        }
    }

    fn holds_together_as_script(name: &str, text: &str) {
        let code: Vec<_> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with('\''))
            .collect();
        let count = |wanted: &dyn Fn(&str) -> bool| code.iter().filter(|l| wanted(l)).count();
        for (opening, closing) in [("Function ", "End Function"), ("Sub ", "End Sub")] {
            assert_eq!(
                count(&|l| l.starts_with(opening)),
                count(&|l| l == closing),
                "{name}: {opening}"
            );
        }
        // A condition may go on on the next line.
        let block =
            |l: &str| l.ends_with(" Then") && (l.starts_with("If ") || l.starts_with("And "));
        assert_eq!(count(&block), count(&|l| l == "End If"), "{name}: If");
        assert_eq!(
            count(&|l| l.starts_with("For ")),
            count(&|l| l == "Next"),
            "{name}: For"
        );
        for line in &code {
            assert!(line.matches('"').count() % 2 == 0, "{name}: {line}");
        }
        assert_eq!(count(&|l| l == "Option Explicit"), 1, "{name}");
        let declared: Vec<_> = code
            .iter()
            .filter_map(|line| line.strip_prefix("Dim "))
            .flat_map(|names| names.split(", "))
            .collect();
        for line in &code {
            let set = line.strip_prefix("Set ").unwrap_or(line);
            let Some((left, _)) = set.split_once(" = ") else {
                continue;
            };
            let is_name = left.bytes().all(|b| b.is_ascii_alphabetic());
            let is_result = code
                .iter()
                .any(|l| l.starts_with(&format!("Function {left}(")));
            assert!(
                !is_name || is_result || declared.contains(&left),
                "{name}: {left} is not declared"
            );
        }
    }

    #[test]
    fn a_place_that_a_script_cannot_carry_is_refused() {
        for share in [
            "srv\\im",
            "\\\\srv",
            "\\\\srv\\",
            "",
            "C:\\im",
            "\\\\srv\\\\im",
        ] {
            let place = ScriptPlace::Share(share.to_owned());
            assert!(
                matches!(contact_scripts(&place), Err(ScriptProblem::NoShare(_))),
                "{share}"
            );
        }
        for share in [
            "\\\\srv\\a\"b",
            "\\\\srv\\%x%",
            "\\\\srv\\a&b",
            "\\\\srv\\büro",
            "\\\\srv\\a\nb",
        ] {
            let place = ScriptPlace::Share(share.to_owned());
            assert!(
                matches!(contact_scripts(&place), Err(ScriptProblem::Character(_))),
                "{share}"
            );
        }
        for url in [
            "https://im",
            "im.example.com",
            "http://",
            "http:///x",
            "http://a\"b",
        ] {
            let place = ScriptPlace::Server(url.to_owned());
            assert!(contact_scripts(&place).is_err(), "{url}");
        }
    }
}
