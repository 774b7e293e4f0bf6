//! Files made from a policy. One format, one module; what they share is here:
//! the checks before writing and the words at the top of each file.

mod adm;
mod admx;
mod bat;
mod draft;
mod error;
mod exporter;
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

pub(crate) use draft::{Draft, Purpose};
pub use error::ExportError;
pub use exporter::Exporter;
pub use format::{Format, FormatGroup};
pub(crate) use reg::plain as plain_reg;
pub(crate) use stem::stem;

use crate::{Catalogue, Policy, RegistryValue};

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
