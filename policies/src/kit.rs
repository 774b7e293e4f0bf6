//! The client kit: for one Windows version the right files of a policy, a
//! script that applies them, and a readme that says how to bring them out.

mod windows;

use crate::catalogue::CatalogueOption;
use crate::export::{
    ExportContext, ExportError, ExportedFile, Exporter, Format, FormatGroup, stem, text,
};
use crate::{ArchiveError, Catalogue, Hive, Policy, Setting, archive};
use askama::Template;

pub use windows::Windows;

/// A kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kit {
    /// A name for the archive: `wan-branch-xp`.
    pub name: String,
    /// The files, the readme first.
    pub files: Vec<ExportedFile>,
    /// Formats that could not be made of this policy, with the reason; the
    /// readme says it, too.
    pub left_out: Vec<(Format, String)>,
}

impl Kit {
    /// The kit as one ZIP archive, its files dated as in `context`.
    ///
    /// # Errors
    ///
    /// As [`archive()`].
    pub fn archive(&self, context: &ExportContext) -> Result<ExportedFile, ArchiveError> {
        Ok(ExportedFile {
            file_name: format!("{}.zip", self.name),
            media_type: "application/zip",
            bytes: archive(&self.files, &context.date)?,
        })
    }
}

#[derive(Template)]
#[template(path = "readme.txt", escape = "none")]
struct Readme<'a> {
    version: Windows,
    policy: &'a str,
    description: &'a str,
    context: &'a ExportContext,
    stem: String,
    files: Vec<(String, &'static str)>,
    left_out: &'a [(Format, String)],
    idle: Vec<&'static CatalogueOption>,
    staying: Vec<&'static CatalogueOption>,
    machine: bool,
    user: bool,
    proxy: bool,
}

/// What becomes of one format in a kit.
struct Part {
    group: &'static str,
    format: Format,
    /// Whether there is a file of it.
    file: bool,
    /// Whether there is one that takes the policy back.
    undo: bool,
    /// Why something of it is left out.
    left_out: Option<String>,
}

/// What a kit is made of, without making it.
fn parts(exporter: &Exporter<'_>, version: Windows) -> Result<Vec<Part>, ExportError> {
    let groups = version
        .groups()
        .iter()
        .filter_map(|word| FormatGroup::named(word));
    let mut parts = Vec::new();
    for group in groups {
        for format in group.formats {
            let mut part = Part {
                group: group.word,
                format: *format,
                file: false,
                undo: false,
                left_out: None,
            };
            match exporter.can_export(*format) {
                Ok(()) => part.file = true,
                // Without the registry file there is no kit.
                Err(refused) if matches!(format, Format::Reg | Format::Reg4) => {
                    return Err(refused);
                }
                Err(ExportError::Nothing { .. }) => continue,
                Err(refused) => part.left_out = Some(refused.to_string()),
            }
            if part.file && format.why_no_undo().is_none() {
                match exporter.can_undo(*format) {
                    Ok(()) => part.undo = true,
                    Err(refused) => {
                        part.left_out = Some(format!("the file that takes it back: {refused}"));
                    }
                }
            }
            parts.push(part);
        }
    }
    Ok(parts)
}

fn left_out(parts: &[Part]) -> Vec<(Format, String)> {
    let named = |part: &Part| Some((part.format, part.left_out.clone()?));
    parts.iter().filter_map(named).collect()
}

/// What [`client_kit`] would leave out and name, without making the kit.
///
/// # Errors
///
/// Those of [`client_kit`].
pub fn can_make_kit(
    exporter: &Exporter<'_>,
    version: Windows,
) -> Result<Vec<(Format, String)>, ExportError> {
    Ok(left_out(&parts(exporter, version)?))
}

/// Makes the kit of a policy for one Windows version.
///
/// # Errors
///
/// The policy has errors, is for the wire alone, or does not fit the registry
/// file of that Windows. What other formats cannot carry is left out of the
/// kit and named in it.
pub fn client_kit(
    policy: &Policy,
    version: Windows,
    context: &ExportContext,
) -> Result<Kit, ExportError> {
    let stem = stem(&policy.name);
    let exporter = Exporter::new(policy);
    let parts = parts(&exporter, version)?;
    let left_out = left_out(&parts);
    let mut files = Vec::new();
    let mut listed = Vec::new();
    for part in parts.iter().filter(|part| part.file) {
        let file = placed(part.group, "", exporter.export(part.format, context)?);
        listed.push((file.file_name.clone(), part.format.title()));
        files.push(file);
        if part.undo {
            let undo = exporter.undo(part.format, context)?;
            files.push(placed(part.group, "undo/", undo));
        }
    }
    if version.old() {
        let line = format!("@echo off\r\nregedit /s %0\\..\\{stem}-regedit4.reg\r\n");
        files.push(plain("logon.bat", &line));
        listed.push((
            "logon.bat".to_owned(),
            "logon script that imports the registry file",
        ));
    }

    let values = exporter.values();
    let has = |hive| values.iter().any(|value| value.hive == hive);
    let set = |id| *policy.setting(id) != Setting::NotSet;
    let staying = policy
        .settings
        .keys()
        .filter_map(|id| Catalogue::get().option(id.as_str()))
        .filter(|option| option.exportable && option.stays_behind())
        .collect();
    let readme = Readme {
        version,
        policy: &text::one_line(&policy.name),
        description: &text::one_line(policy.description.trim()),
        context,
        stem: stem.clone(),
        files: listed,
        left_out: &left_out,
        idle: version.idle(policy),
        staying,
        machine: has(Hive::LocalMachine),
        user: has(Hive::CurrentUser),
        proxy: set("ie-proxy-enable") || set("ie-proxy-server") || set("ie-auto-config-url"),
    }
    .to_string();
    files.insert(0, plain("readme.txt", &text::crlf(&readme)));
    Ok(Kit {
        name: format!("{stem}-{}", version.word()),
        files,
        left_out,
    })
}

/// The files of a Group Policy object lie in a folder of their own.
fn placed(group: &str, folder: &str, file: ExportedFile) -> ExportedFile {
    let below = match group {
        "gpo" => "GroupPolicy/",
        "admx" => "PolicyDefinitions/",
        _ => "",
    };
    ExportedFile {
        file_name: format!("{folder}{below}{}", file.file_name),
        ..file
    }
}

fn plain(file_name: &str, content: &str) -> ExportedFile {
    // Notepad of old Windows reads ANSI; ASCII and Western European suffice.
    let bytes = text::ansi(content);
    ExportedFile {
        file_name: file_name.to_owned(),
        media_type: "text/plain",
        bytes,
    }
}

#[cfg(test)]
mod tests;
