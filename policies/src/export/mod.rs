//! Files made from a policy. One format, one module; what they share is here:
//! the checks before writing and the words at the top of each file.

mod adm;
mod admx;
mod bat;
mod format;
mod gpt;
mod ins;
mod lgpo;
mod pac;
mod pol;
mod reg;
mod template;
pub(crate) mod text;
mod vbs;

use thiserror::Error;

pub use format::{Format, FormatGroup};
pub(crate) use reg::plain as plain_reg;

use crate::check::{Problem, Severity};
use crate::{Catalogue, Policy, RegistryData, RegistryValue};

/// What an export needs to know besides the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportContext {
    /// The policy's revision, for the words at the top of the file.
    pub revision: u32,
    /// The date of that revision as it is to be written: `2002-06-01`. The same
    /// revision then gives the same files on every day.
    pub date: String,
    /// The full DNS name by which clients reach this server, if it is known;
    /// the proxy script sends it past the proxy.
    pub server: Option<String>,
}

/// A finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its name; contains `/` where the format wants a folder: `Machine/Registry.pol`.
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
    /// The policy is for the wire alone.
    #[error(
        "the policy \"{policy}\" has effect on the server only; let it have effect in files, too, and export it again"
    )]
    WireOnly {
        /// The policy's name.
        policy: String,
    },
    /// The format cannot carry a character.
    #[error("{place} contains \"{}\" (U+{:04X}), which this format cannot carry ({}): {why}", .character.escape_debug(), u32::from(*.character), .format.title())]
    Character {
        /// The option, or the path of a value that no option knows.
        place: String,
        /// The character.
        character: char,
        /// The format.
        format: Format,
        /// Why, and what to do.
        why: &'static str,
    },
    /// The format cannot carry a value.
    #[error("{place} cannot be carried by this format ({}): {why}", .format.title())]
    Value {
        /// The option, or the path of a value that no option knows.
        place: String,
        /// The format.
        format: Format,
        /// Why, and what to do.
        why: &'static str,
    },
    /// The policy has nothing that the format is for.
    #[error("the policy \"{policy}\" has nothing for this format ({}): {why}", .format.title())]
    Nothing {
        /// The policy's name.
        policy: String,
        /// The format.
        format: Format,
        /// What is missing.
        why: &'static str,
    },
    /// The format cannot take a policy back.
    #[error("there is no undo file of this format ({}): {why}", .format.title())]
    NoUndo {
        /// The format.
        format: Format,
        /// What to do instead.
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
/// As [`export`]; and templates and proxy scripts have no undo.
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
    if !policy.mode.exports() {
        return Err(ExportError::WireOnly {
            policy: policy.name.clone(),
        });
    }
    if let (Purpose::Undo, Some(why)) = (purpose, format.why_no_undo()) {
        return Err(ExportError::NoUndo { format, why });
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
    let draft = Draft {
        policy,
        context,
        purpose,
        format,
        file_name: format.file_name(&stem),
        values,
    };
    let bytes = match format {
        Format::Reg => reg::version_5(&draft)?,
        Format::Reg4 => reg::version_4(&draft)?,
        Format::PolMachine | Format::PolUser => pol::write(&draft)?,
        Format::GptIni => gpt::write(&draft),
        Format::Adm => adm::full(&draft)?,
        Format::AdmNt4 => adm::for_poledit(&draft)?,
        Format::Admx => admx::definitions(&draft),
        Format::Adml => admx::resources(&draft),
        Format::Lgpo => lgpo::write(&draft)?,
        Format::Bat => bat::write(&draft)?,
        Format::Vbs => vbs::write(&draft)?,
        Format::Ins => ins::write(&draft)?,
        Format::Pac => pac::write(&draft)?,
    };
    Ok(ExportedFile {
        file_name: draft.file_name,
        media_type: format.media_type(),
        bytes,
    })
}

/// All that a format's module gets to see.
pub(crate) struct Draft<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) context: &'a ExportContext,
    pub(crate) purpose: Purpose,
    pub(crate) format: Format,
    pub(crate) file_name: String,
    pub(crate) values: Vec<RegistryValue>,
}

impl Draft<'_> {
    /// The lines at the top of a file, without the format's comment sign: the
    /// policy, its revision, the date, and what the file is for.
    pub(crate) fn header(&self) -> Vec<String> {
        let name = text::one_line(&self.policy.name);
        let ExportContext { revision, date, .. } = self.context;
        let mut lines = vec![format!(
            "Rollcall client policy \"{name}\", revision {revision}, {}",
            text::one_line(date)
        )];
        if !self.policy.description.trim().is_empty() {
            lines.push(text::one_line(self.policy.description.trim()));
        }
        lines.push(
            match (self.purpose, self.format) {
                (Purpose::Undo, _) => "Takes the policy back: removes every value that it writes.",
                (Purpose::Apply, Format::Adm | Format::AdmNt4 | Format::Admx | Format::Adml) => {
                    "Offers the policy's options in the policy editor, where an administrator sets them."
                }
                (Purpose::Apply, Format::Pac) => "Sends requests the way that the policy's proxy settings say.",
                (Purpose::Apply, _) => "Applies the policy.",
            }
            .to_owned(),
        );
        lines
    }

    pub(crate) fn refuse_character(
        &self,
        value: &RegistryValue,
        character: char,
        why: &'static str,
    ) -> ExportError {
        ExportError::Character {
            place: value.place(),
            character,
            format: self.format,
            why,
        }
    }

    pub(crate) fn refuse_value(&self, value: &RegistryValue, why: &'static str) -> ExportError {
        ExportError::Value {
            place: value.place(),
            format: self.format,
            why,
        }
    }

    pub(crate) fn nothing(&self, why: &'static str) -> ExportError {
        ExportError::Nothing {
            policy: self.policy.name.clone(),
            format: self.format,
            why,
        }
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

/// A file name for every Windows and every web server: `wan-branch`.
pub(crate) fn stem(name: &str) -> String {
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
    use crate::{Mode, Setting};

    fn refused(policy: &Policy, format: Format) -> String {
        let context = ExportContext {
            revision: 1,
            date: "2002-06-01".to_owned(),
            server: None,
        };
        export(policy, format, &context).unwrap_err().to_string()
    }

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
        let policy = Policy::new("x").with("service-sip-off", Setting::On);
        assert!(refused(&policy, Format::Reg).contains("service-sip-off"));
    }

    #[test]
    fn a_policy_for_the_wire_is_not_exported() {
        let policy = Policy {
            mode: Mode::EnforceOnly,
            ..Policy::new("x")
        };
        assert!(refused(&policy, Format::Reg).contains("server only"));
    }
}
