//! Several files as one: those that somebody names, those of a folder of Group
//! Policy, and those in an archive.

use std::sync::Arc;

use super::kind::{self, Kind};
use super::{ImportError, ReadOptions, Reading, RegistryFile, pol, reg, unpack};
use crate::Hive;

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name, with the folders that it lies in: a `Registry.pol` says by its folder for whom
    /// it is.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Whether somebody asked for this very file. What merely lies in a folder or an archive is
    /// passed over where it is something else.
    pub asked: bool,
}

impl SourceFile {
    /// A file that somebody asked for.
    #[must_use]
    pub fn asked(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            bytes,
            asked: true,
        }
    }

    /// The folder `Machine` or `User` that it lies in.
    fn hive(&self) -> Option<Hive> {
        let mut folders = self.name.rsplit(['/', '\\']).skip(1);
        match folders.next()?.to_ascii_lowercase().as_str() {
            "machine" => Some(Hive::LocalMachine),
            "user" => Some(Hive::CurrentUser),
            _ => None,
        }
    }
}

/// Files passed over that are named.
const NAMED: usize = 5;

/// Reads files one after another, as one.
///
/// # Errors
///
/// One of them is none that can be read, or has lines that cannot be; or there is nothing to
/// read among them.
pub fn read_files(
    files: Vec<SourceFile>,
    options: &ReadOptions,
) -> Result<RegistryFile, ImportError> {
    let mut parts = Vec::with_capacity(files.len());
    for file in files {
        if kind::of(&file.bytes) == Kind::Zip && file.asked {
            let inside = unpack::unpack(&file.name, &file.bytes)?;
            parts.extend(inside);
        } else {
            parts.push(file);
        }
    }
    let mut reading = Reading::new(options);
    let many = parts.len() > 1;
    let mut read = 0_usize;
    let mut passed_over = Vec::new();
    for part in &parts {
        match one(part, many, &mut reading) {
            Ok(()) => read += 1,
            Err(_) if !part.asked && is_other(part) => passed_over.push(part.name.as_str()),
            Err(error) if many => {
                return Err(ImportError::Of {
                    file: part.name.clone(),
                    error: Box::new(error),
                });
            }
            Err(error) => return Err(error),
        }
    }
    if read == 0 {
        return Err(ImportError::NothingInIt);
    }
    if !passed_over.is_empty() {
        let named = passed_over.iter().take(NAMED).copied();
        let named = named.collect::<Vec<_>>().join(", ");
        let more = passed_over.len().saturating_sub(NAMED);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        reading.notice(
            None,
            format_args!("passed over, as they hold no values of the registry: {named}{more}"),
        );
    }
    reading.finish()
}

/// Whether a file is neither of the two that can be read.
fn is_other(file: &SourceFile) -> bool {
    !matches!(kind::of(&file.bytes), Kind::Reg | Kind::Pol)
}

fn one(part: &SourceFile, many: bool, reading: &mut Reading) -> Result<(), ImportError> {
    let bytes = part.bytes.as_slice();
    let file: Option<Arc<str>> = many.then(|| part.name.as_str().into());
    match kind::of(bytes) {
        Kind::Reg => {
            reg::read(bytes, file, reading);
            Ok(())
        }
        Kind::Pol => {
            let folder = part.hive();
            let wanted = reading.options.hive;
            // Of several, each lies where it belongs.
            let hive = if many {
                folder.or(wanted)
            } else {
                wanted.or(folder)
            };
            let hive = hive.ok_or(ImportError::NoHive)?;
            pol::read(bytes, hive, file, reading).map_err(ImportError::from)
        }
        Kind::Empty => Err(ImportError::Empty {
            kind: if part.name.to_ascii_lowercase().ends_with(".pol") {
                "Registry.pol"
            } else {
                "file"
            },
        }),
        Kind::Zip => Err(ImportError::Other {
            what: "an archive inside another",
            todo: "unpack it first, and import what is in it",
        }),
        Kind::Other(what, todo) => Err(ImportError::Other { what, todo }),
        Kind::Unknown => Err(ImportError::NotSuchAFile {
            kind: reg::KIND,
            why: reg::NO_HEADER,
        }),
    }
}
