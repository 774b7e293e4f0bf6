//! A file on its way: all that a format gets to see, and what it may refuse.

use super::{ExportContext, ExportError, ExportedFile, Format};
use super::{adm, admx, bat, gpt, ins, lgpo, pac, pol, reg, text, vbs};
use crate::{Policy, RegistryValue};

/// Whether a file applies a policy or takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Apply,
    Undo,
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
    /// The file. From here on nothing stands against it.
    pub(super) fn file(self) -> ExportedFile {
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
