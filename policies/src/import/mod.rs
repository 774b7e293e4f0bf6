//! Existing `.reg` and `Registry.pol` files become policies. What the catalogue
//! does not know is listed, and can be kept as it is.

mod pol;
mod reg;

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use pol::read_pol;
pub use reg::read_reg;

use crate::catalogue::{CatalogueOption, Input};
use crate::check::{self, Severity};
use crate::{Catalogue, Choice, Hive, Policy, RegistryData, RegistryValue, Setting};

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// The file does not begin as such a file must.
    #[error("this is not a {kind}: {why}")]
    NotSuchAFile {
        /// The kind of file that was expected.
        kind: &'static str,
        /// What is missing.
        why: &'static str,
    },
    /// A line of a `.reg` file cannot be understood.
    #[error(
        "line {line} of the registry file cannot be read: {why}; correct or remove the line: {text}"
    )]
    Line {
        /// The line's number, from 1.
        line: usize,
        /// What is wrong.
        why: &'static str,
        /// The line.
        text: String,
    },
    /// A `Registry.pol` file, and nobody said whose.
    #[error(
        "a Registry.pol file does not say whether it is of the computer or of the user; say it: the one in the folder Machine goes to HKLM, the one in User to HKCU"
    )]
    NoHive,
    /// What the file holds is more than can be kept.
    #[error(
        "the file holds {size} bytes of contacts, and {most} can be kept: export the key of the contacts alone"
    )]
    TooLarge {
        /// What it holds.
        size: usize,
        /// What can be kept.
        most: usize,
    },
    /// A record of a `Registry.pol` file cannot be understood.
    #[error(
        "the Registry.pol file is damaged at byte {at}: {why}; copy it again from the Group Policy folder"
    )]
    Record {
        /// Where the record begins, from 0.
        at: usize,
        /// What is wrong.
        why: &'static str,
    },
}

/// Reads a file of either kind, which it tells by its first bytes. A `Registry.pol` does not say
/// for which hive it is.
///
/// # Errors
///
/// As [`read_reg`] and [`read_pol`]; and [`ImportError::NoHive`] for a `Registry.pol` without
/// `hive`.
pub fn read_file(bytes: &[u8], hive: Option<Hive>) -> Result<RegistryFile, ImportError> {
    if bytes.starts_with(b"PReg") {
        read_pol(bytes, hive.ok_or(ImportError::NoHive)?)
    } else {
        read_reg(bytes)
    }
}

/// What a file holds, before the catalogue looks at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegistryFile {
    /// The values, in the order of the file; the last word on a value counts.
    pub values: Vec<RegistryValue>,
    /// The keys that it names, in its order, each once; one without values, too.
    pub keys: Vec<(Hive, String)>,
    /// What was in the file and is neither a value of these hives nor its removal.
    pub left_out: Vec<LeftOut>,
}

/// A line of a file with which nothing can be done here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The key in brackets, as the file has it, and the order if it is one.
    pub line: String,
    /// Whether the file removes keys by it; else it is in another hive.
    pub removed: bool,
}

/// Why it cannot be part of a policy.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = if self.removed {
            "a policy sets and removes single values, not whole keys"
        } else {
            "policies write to HKEY_LOCAL_MACHINE and HKEY_CURRENT_USER only"
        };
        write!(f, "{}: {why}", self.line)
    }
}

/// A file while it is read.
#[derive(Debug, Default)]
struct Gathered {
    /// An earlier word on a value leaves a gap.
    values: Vec<Option<RegistryValue>>,
    /// Where the last word on a value stands, without regard to case.
    places: HashMap<(Hive, String, String), usize>,
    keys: Vec<(Hive, String)>,
    known: HashSet<(Hive, String)>,
    left_out: Vec<LeftOut>,
}

impl Gathered {
    /// Adds a key.
    fn open(&mut self, hive: Hive, key: &str) {
        if self.known.insert((hive, key.to_lowercase())) {
            self.keys.push((hive, key.to_owned()));
        }
    }

    /// Adds a value; an earlier word on the same value is forgotten, as regedit does.
    fn put(&mut self, hive: Hive, key: &str, name: String, data: RegistryData) {
        let place = (hive, key.to_lowercase(), name.to_lowercase());
        if let Some(earlier) = self.places.insert(place, self.values.len()) {
            self.values[earlier] = None;
        }
        self.values.push(Some(RegistryValue {
            hive,
            // To Windows a key is the same with a separator at its end.
            key: key.trim_end_matches('\\').to_owned(),
            name,
            data,
            option: None,
        }));
    }

    fn finish(self) -> RegistryFile {
        RegistryFile {
            values: self.values.into_iter().flatten().collect(),
            keys: self.keys,
            left_out: self.left_out,
        }
    }
}

/// What became of an imported file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The policy of all that the catalogue knows.
    pub policy: Policy,
    /// The values that the catalogue does not know, or that it knows with
    /// other data than these.
    pub unknown: Vec<RegistryValue>,
    /// What the file held and a policy cannot, each with the reason.
    pub left_out: Vec<String>,
}

impl Imported {
    /// The policy with the unknown values in it, to be written as they are.
    #[must_use]
    pub fn keep_unknown(mut self) -> Policy {
        self.policy.other_values.append(&mut self.unknown);
        self.policy
    }
}

/// Makes a policy of this name from the values of a file.
#[must_use]
pub fn import(name: impl Into<String>, file: RegistryFile, catalogue: &Catalogue) -> Imported {
    let mut imported = Imported {
        policy: Policy::new(name),
        unknown: Vec::new(),
        left_out: file.left_out.iter().map(ToString::to_string).collect(),
    };
    let mut values = file.values;
    // Where both hives hold a value clients follow HKLM, and a policy has one
    // setting for an option: HKLM comes first, HKCU stays as it is.
    values.sort_by_cached_key(RegistryValue::place_of);
    for value in values {
        let known = catalogue
            .option_at(value.hive, &value.key, &value.name)
            .filter(|option| !imported.policy.settings.contains_key(option.id))
            .and_then(|option| Some((option, choice(option, &value)?)));
        match known {
            Some((option, choice)) => imported.policy.set(option.id, choice),
            None => imported.unknown.push(value),
        }
    }
    imported
}

/// The choice that writes exactly this value; `None` where no choice does.
fn choice(option: &CatalogueOption, value: &RegistryValue) -> Option<Choice> {
    let setting = match (option.input, &value.data) {
        (Input::Switch { .. }, data) => {
            let (on, off) = option.switch()?;
            if *data == on {
                Setting::On
            } else if *data == off {
                Setting::Off
            } else {
                return None;
            }
        }
        (Input::OneOf | Input::Number { .. }, RegistryData::Dword(number)) => {
            Setting::Number(*number)
        }
        (Input::Text { .. }, RegistryData::Sz(text)) => Setting::Text(text.clone()),
        _ => return None,
    };
    let hive = (option.hives.first() != Some(&value.hive)).then_some(value.hive);
    let choice = Choice { setting, hive };
    let sound = check::choice(option, &choice)
        .iter()
        .all(|problem| problem.severity != Severity::Error);
    sound.then_some(choice)
}

/// UTF-16LE with the zero at the end, as the registry keeps strings.
pub(crate) fn utf16_text(bytes: &[u8]) -> Option<String> {
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let text = String::from_utf16(&units).ok()?;
    Some(text.strip_suffix('\0').unwrap_or(&text).to_owned())
}

/// The data of a type and its bytes, in the most telling form that gives the
/// same bytes back.
pub(crate) fn data_of(kind: u32, bytes: &[u8]) -> RegistryData {
    match (kind, bytes) {
        (4, &[a, b, c, d]) => RegistryData::Dword(u32::from_le_bytes([a, b, c, d])),
        (1, _) if bytes.ends_with(&[0, 0]) => {
            let text = utf16_text(bytes).filter(|text| !text.contains('\0'));
            text.map_or_else(
                || RegistryData::Other {
                    kind,
                    bytes: bytes.to_vec(),
                },
                RegistryData::Sz,
            )
        }
        _ => RegistryData::Other {
            kind,
            bytes: bytes.to_vec(),
        },
    }
}
