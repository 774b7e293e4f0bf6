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
mod stem;
mod template;
pub(crate) mod text;
mod vbs;

use std::cell::OnceCell;

use thiserror::Error;

pub use format::{Format, FormatGroup};
pub(crate) use reg::plain as plain_reg;
pub(crate) use stem::stem;

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

/// Makes one file from a policy. For several files make an [`Exporter`].
///
/// # Errors
///
/// The policy has errors, or a value does not fit the format.
pub fn export(
    policy: &Policy,
    format: Format,
    context: &ExportContext,
) -> Result<ExportedFile, ExportError> {
    Exporter::new(policy).export(format, context)
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
    Exporter::new(policy).undo(format, context)
}

/// Whether a file applies a policy or takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Apply,
    Undo,
}

/// A policy on its way into files: checked once, its values worked out once, however many files
/// are made of it or asked for.
#[derive(Debug)]
pub struct Exporter<'a> {
    policy: &'a Policy,
    /// What stands against every file.
    errors: Vec<Problem>,
    /// What the policy writes.
    values: OnceCell<Vec<RegistryValue>>,
    /// What takes that back.
    removals: OnceCell<Vec<RegistryValue>>,
}

/// Whether a policy fits a format does not depend on what the file says of its revision.
static NO_CONTEXT: ExportContext = ExportContext {
    revision: 1,
    date: String::new(),
    server: None,
};

impl<'a> Exporter<'a> {
    /// An exporter of this policy.
    #[must_use]
    pub fn new(policy: &'a Policy) -> Self {
        let mut errors = policy.check(Catalogue::get());
        errors.retain(|problem| problem.severity == Severity::Error);
        Self {
            policy,
            errors,
            values: OnceCell::new(),
            removals: OnceCell::new(),
        }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &'a Policy {
        self.policy
    }

    /// The registry values that the policy writes, in their order.
    #[must_use]
    pub fn values(&self) -> &[RegistryValue] {
        self.values
            .get_or_init(|| self.policy.values(Catalogue::get()))
    }

    /// Whether [`Exporter::export`] makes a file of this format, without making it.
    ///
    /// # Errors
    ///
    /// Those of [`Exporter::export`].
    pub fn can_export(&self, format: Format) -> Result<(), ExportError> {
        self.draft(format, &NO_CONTEXT, Purpose::Apply).map(drop)
    }

    /// Whether [`Exporter::undo`] makes a file of this format, without making it.
    ///
    /// # Errors
    ///
    /// Those of [`Exporter::undo`].
    pub fn can_undo(&self, format: Format) -> Result<(), ExportError> {
        self.draft(format, &NO_CONTEXT, Purpose::Undo).map(drop)
    }

    /// Makes a file.
    ///
    /// # Errors
    ///
    /// As the function [`export`].
    pub fn export(
        &self,
        format: Format,
        context: &ExportContext,
    ) -> Result<ExportedFile, ExportError> {
        Ok(self.draft(format, context, Purpose::Apply)?.file())
    }

    /// Makes the file that takes the policy back.
    ///
    /// # Errors
    ///
    /// As the function [`undo`].
    pub fn undo(
        &self,
        format: Format,
        context: &ExportContext,
    ) -> Result<ExportedFile, ExportError> {
        Ok(self.draft(format, context, Purpose::Undo)?.file())
    }

    /// What nothing stands against: from here on making the file cannot fail.
    fn draft<'b>(
        &'b self,
        format: Format,
        context: &'b ExportContext,
        purpose: Purpose,
    ) -> Result<Draft<'b>, ExportError> {
        let policy = self.policy;
        if !self.errors.is_empty() {
            return Err(ExportError::NotSound {
                policy: policy.name.clone(),
                problems: self.errors.clone(),
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
        let (values, ending): (&[RegistryValue], _) = match (format, purpose) {
            // Made of the proxy options alone.
            (Format::Ins | Format::Pac, Purpose::Apply) => (&[], ""),
            (_, Purpose::Apply) => (self.values(), ""),
            (Format::Ins | Format::Pac, Purpose::Undo) => (&[], "-undo"),
            (_, Purpose::Undo) => (self.removals(), "-undo"),
        };
        let draft = Draft {
            policy,
            context,
            purpose,
            format,
            file_name: format.file_name(&format!("{}{ending}", stem(&policy.name))),
            values,
        };
        match format {
            Format::Reg | Format::Reg4 => reg::fits(&draft)?,
            Format::PolMachine | Format::PolUser => pol::fits(&draft)?,
            Format::Adm | Format::AdmNt4 => adm::fits(&draft)?,
            Format::Lgpo => lgpo::fits(&draft)?,
            Format::Bat => bat::fits(&draft)?,
            Format::Vbs => vbs::fits(&draft)?,
            Format::Ins => ins::fits(&draft)?,
            Format::Pac => pac::fits(&draft)?,
            Format::GptIni | Format::Admx | Format::Adml => {}
        }
        Ok(draft)
    }

    /// What the policy removed cannot be put back: nobody knows what it was.
    fn removals(&self) -> &[RegistryValue] {
        self.removals.get_or_init(|| {
            let written = self.values().iter();
            written
                .filter(|value| value.data != RegistryData::Absent)
                .map(|value| RegistryValue {
                    data: RegistryData::Absent,
                    ..value.clone()
                })
                .collect()
        })
    }
}

/// All that a format's module gets to see.
pub(crate) struct Draft<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) context: &'a ExportContext,
    pub(crate) purpose: Purpose,
    pub(crate) format: Format,
    pub(crate) file_name: String,
    pub(crate) values: &'a [RegistryValue],
}

impl Draft<'_> {
    fn file(self) -> ExportedFile {
        let bytes = match self.format {
            Format::Reg | Format::Reg4 => reg::write(&self),
            Format::PolMachine | Format::PolUser => pol::write(&self),
            Format::GptIni => gpt::write(&self),
            Format::Adm | Format::AdmNt4 => adm::write(&self),
            Format::Admx => admx::definitions(&self),
            Format::Adml => admx::resources(&self),
            Format::Lgpo => lgpo::write(&self),
            Format::Bat => bat::write(&self),
            Format::Vbs => vbs::write(&self),
            Format::Ins => ins::write(&self),
            Format::Pac => pac::write(&self),
        };
        ExportedFile {
            file_name: self.file_name,
            media_type: self.format.media_type(),
            bytes,
        }
    }

    /// The lines at the top of a file, without the format's comment sign: the
    /// policy, its revision, the date, and what the file is for.
    pub(crate) fn header(&self) -> Vec<String> {
        let ExportContext { revision, date, .. } = self.context;
        let mut lines = vec![text::comment(&format!(
            "Rollcall client policy \"{}\", revision {revision}, {date}",
            self.policy.name
        ))];
        if !self.policy.description.trim().is_empty() {
            lines.push(text::comment(self.policy.description.trim()));
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

    /// Refuses the first character of a text that the format cannot carry.
    pub(crate) fn carries(
        &self,
        value: &RegistryValue,
        text: &str,
        bad: impl Fn(char) -> bool,
        why: &'static str,
    ) -> Result<(), ExportError> {
        match text.chars().find(|c| bad(*c)) {
            Some(character) => Err(self.refuse_character(value, character, why)),
            None => Ok(()),
        }
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
        self.title()
            .unwrap_or("Kept from an imported file")
            .to_owned()
    }

    /// The title of its option.
    pub(crate) fn title(&self) -> Option<&'static str> {
        let id = self.option.as_ref()?;
        Some(Catalogue::get().option(id.as_str())?.title)
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
