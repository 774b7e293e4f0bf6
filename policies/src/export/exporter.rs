//! A policy on its way into files.

use std::cell::OnceCell;

use super::draft::{Draft, Purpose};
use super::{ExportContext, ExportError, ExportedFile, Format};
use super::{adm, bat, ins, lgpo, pac, pol, reg, stem, vbs};
use crate::check::{Problem, Severity};
use crate::{Catalogue, Policy, RegistryData, RegistryValue};

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
    /// As the function [`super::export`].
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
    /// As the function [`super::undo`].
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
