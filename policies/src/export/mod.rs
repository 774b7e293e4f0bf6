//! Files made from a policy. One format, one module; what they share is here:
//! the choice of format, the checks before writing, the words at the top of
//! each file.

mod reg;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::check::{Problem, Severity};
use crate::{Catalogue, Policy, RegistryData, RegistryValue};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// `.reg` version 5: UTF-16LE, for Windows 2000 and later.
    Reg,
    /// `.reg` version 4 (`REGEDIT4`): Windows-1252, for Windows 95, 98, Me and NT 4.
    Reg4,
}

impl Format {
    /// Every format, in the order in which pages list them.
    pub const ALL: [Self; 2] = [Self::Reg, Self::Reg4];

    /// The word on the command line and in addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reg => "reg",
            Self::Reg4 => "reg4",
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Reg => "Registry file (Windows 2000 and later)",
            Self::Reg4 => "Registry file (Windows 95, 98, Me, NT 4)",
        }
    }

    /// The format of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    fn media_type(self) -> &'static str {
        match self {
            // Browsers save it under its name instead of showing it.
            Self::Reg | Self::Reg4 => "application/octet-stream",
        }
    }

    fn file_name(self, stem: &str) -> String {
        match self {
            Self::Reg => format!("{stem}.reg"),
            Self::Reg4 => format!("{stem}-regedit4.reg"),
        }
    }
}

/// What an export needs to know besides the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportContext {
    /// The policy's revision, for the words at the top of the file.
    pub revision: u32,
    /// The date of the export as it is to be written: `2002-06-01`.
    pub date: String,
    /// The full DNS name by which clients reach this server, if it is known.
    pub server: Option<String>,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name; may contain `/` where the format wants a folder.
    pub file_name: String,
    /// Its media type for HTTP.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why a file was not made.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The policy has errors.
    #[error("the policy \"{policy}\" cannot be exported before this is put right: {}", sentences(.problems))]
    NotSound {
        /// The policy's name.
        policy: String,
        /// The errors alone.
        problems: Vec<Problem>,
    },
    /// The format cannot carry a character.
    #[error("{place} contains \"{character}\" (U+{code:04X}), which {format} cannot carry: {why}", code = u32::from(*.character))]
    Character {
        /// The option, or the path of a value that no option knows.
        place: String,
        /// The character.
        character: char,
        /// The format's name for people.
        format: &'static str,
        /// Why, and what to do.
        why: &'static str,
    },
}

fn sentences(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}

/// Makes one file from a policy.
///
/// # Errors
///
/// The policy has errors, or a value does not fit the format.
pub fn export(
    policy: &Policy,
    format: Format,
    context: &ExportContext,
) -> Result<ExportedFile, ExportError> {
    make(policy, format, context, Purpose::Apply)
}

/// Makes the file of the same format that takes the policy back: it removes
/// every value that [`export`] writes, so that the client's own default counts
/// again. What a client had before is not known and does not come back.
///
/// # Errors
///
/// As [`export`].
pub fn undo(
    policy: &Policy,
    format: Format,
    context: &ExportContext,
) -> Result<ExportedFile, ExportError> {
    make(policy, format, context, Purpose::Undo)
}

/// Whether a file applies a policy or takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Apply,
    Undo,
}

fn make(
    policy: &Policy,
    format: Format,
    context: &ExportContext,
    purpose: Purpose,
) -> Result<ExportedFile, ExportError> {
    let mut problems = policy.check(Catalogue::get());
    problems.retain(|problem| problem.severity == Severity::Error);
    if !problems.is_empty() {
        return Err(ExportError::NotSound {
            policy: policy.name.clone(),
            problems,
        });
    }
    let mut values = policy.values(Catalogue::get());
    if purpose == Purpose::Undo {
        // What the policy removed cannot be put back: nobody knows what it was.
        values.retain(|value| value.data != RegistryData::Absent);
        for value in &mut values {
            value.data = RegistryData::Absent;
        }
    }
    let stem = match purpose {
        Purpose::Apply => stem(&policy.name),
        Purpose::Undo => format!("{}-undo", stem(&policy.name)),
    };
    let file = Draft {
        policy,
        context,
        purpose,
        file_name: format.file_name(&stem),
        values,
    };
    let bytes = match format {
        Format::Reg => reg::version_5(&file)?,
        Format::Reg4 => reg::version_4(&file)?,
    };
    Ok(ExportedFile {
        file_name: file.file_name,
        media_type: format.media_type(),
        bytes,
    })
}

/// All that a format's module gets to see.
pub(crate) struct Draft<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) context: &'a ExportContext,
    pub(crate) purpose: Purpose,
    pub(crate) file_name: String,
    pub(crate) values: Vec<RegistryValue>,
}

impl Draft<'_> {
    /// The lines at the top of a file, without the format's comment sign: the
    /// policy, its revision, the date, and what the file is for.
    pub(crate) fn header(&self) -> Vec<String> {
        let name = one_line(&self.policy.name);
        let ExportContext { revision, date, .. } = self.context;
        let mut lines = vec![format!(
            "Rollcall client policy \"{name}\", revision {revision}, {}",
            one_line(date)
        )];
        if !self.policy.description.trim().is_empty() {
            lines.push(one_line(self.policy.description.trim()));
        }
        lines.push(match self.purpose {
            Purpose::Apply => "Applies the policy.".to_owned(),
            Purpose::Undo => {
                "Takes the policy back: removes every value that it writes.".to_owned()
            }
        });
        lines
    }
}

impl RegistryValue {
    /// Its option or, without one, its path: for messages.
    pub(crate) fn place(&self) -> String {
        match &self.option {
            Some(option) => format!("the option \"{option}\""),
            None => format!("the value {}\\{}", self.path(), self.name),
        }
    }

    /// What it is, for a comment: the option's title.
    pub(crate) fn remark(&self) -> String {
        let option = self
            .option
            .as_ref()
            .and_then(|id| Catalogue::get().option(id.as_str()));
        option.map_or_else(
            || "Kept from an imported file".to_owned(),
            |option| option.title.to_owned(),
        )
    }
}

/// The text without line breaks and other control characters, so that it
/// cannot leave its comment.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// A file name for every Windows and every web server: `wan-branch`.
fn stem(name: &str) -> String {
    let mut stem = String::new();
    for c in name.chars().take(60) {
        if c.is_ascii_alphanumeric() {
            stem.push(c.to_ascii_lowercase());
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    let stem = stem.trim_end_matches('-');
    // Names of devices, which Windows does not accept for files.
    let device = ["con", "prn", "aux", "nul"].contains(&stem)
        || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")));
    if stem.is_empty() || device {
        format!("policy-{stem}").trim_end_matches('-').to_owned()
    } else {
        stem.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Setting;

    #[test]
    fn file_names_suit_every_windows() {
        assert_eq!(stem("WAN branch"), "wan-branch");
        assert_eq!(stem("  Büro/Süd  "), "b-ro-s-d");
        assert_eq!(stem("..\\..\\x"), "x");
        assert_eq!(stem("NUL"), "policy-nul");
        assert_eq!(stem("Ω"), "policy");
    }

    #[test]
    fn a_policy_with_errors_is_not_exported() {
        let context = ExportContext {
            revision: 1,
            date: "2002-06-01".to_owned(),
            server: None,
        };
        let policy = Policy::new("x").with("service-sip-off", Setting::On);
        let refused = export(&policy, Format::Reg, &context).unwrap_err();
        assert!(refused.to_string().contains("service-sip-off"), "{refused}");
    }

    #[test]
    fn every_format_is_found_by_its_word() {
        for format in Format::ALL {
            assert_eq!(Format::named(format.word()), Some(format));
        }
    }
}
