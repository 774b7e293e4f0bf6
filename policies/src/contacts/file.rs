//! Contact lists in `.reg` files of both versions.

use super::{ContactKey, ContactList, ContactValue, KEY, LARGEST, below};
use crate::export::{ExportError, Format, text};
use crate::import::{ImportError, NotTaken, ReadOptions, RegistryFile, read_reg, read_reg_with};
use crate::{Hive, RegistryData, RegistryValue};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A version of the `.reg` format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactFormat {
    /// Version 5: UTF-16LE, for Windows 2000 and later.
    #[default]
    Reg,
    /// `REGEDIT4`: Windows-1252, for every Windows.
    Reg4,
}

impl ContactFormat {
    /// Its word on the command line and in addresses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reg => "reg",
            Self::Reg4 => "reg4",
        }
    }

    /// The format of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Reg, Self::Reg4]
            .into_iter()
            .find(|format| format.word() == word)
    }

    fn file_format(self) -> Format {
        match self {
            Self::Reg => Format::Reg,
            Self::Reg4 => Format::Reg4,
        }
    }
}

/// What a user's exported file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactFile {
    /// What is below the clients' key.
    pub list: ContactList,
    /// What else the file held, each with the reason why it is not taken.
    pub refused: Vec<String>,
    /// How it was read, where that is worth knowing.
    pub notices: Vec<String>,
}

/// Reads a user's exported `.reg` file. Only what is below [`KEY`] of
/// `HKEY_CURRENT_USER` is taken; all else is listed.
///
/// # Errors
///
/// It is no such file, a line is not understood, or the list is larger than
/// [`LARGEST`].
pub fn read_contacts(bytes: &[u8]) -> Result<ContactFile, ImportError> {
    contacts_of(read_reg(bytes)?)
}

/// The same, read in a way that somebody asks for.
///
/// # Errors
///
/// As [`read_contacts`].
pub fn read_contacts_with(bytes: &[u8], options: &ReadOptions) -> Result<ContactFile, ImportError> {
    contacts_of(read_reg_with(bytes, options)?)
}

fn contacts_of(file: RegistryFile) -> Result<ContactFile, ImportError> {
    let mut list = ContactList::default();
    let mut refused: Vec<String> = file
        .left_out
        .iter()
        .map(|left_out| format!("{}: {}", left_out.what, why_left_out(&left_out.why)))
        .collect();
    let mut values: HashMap<_, Vec<RegistryValue>> = HashMap::new();
    for value in file.values {
        let place = (value.hive, value.key.to_lowercase());
        values.entry(place).or_default().push(value);
    }
    for (hive, path) in file.keys {
        if hive != Hive::CurrentUser || below(&path).is_none() {
            refused.push(format!(
                "[{}\\{path}]: it is not below HKEY_CURRENT_USER\\{KEY}",
                hive.full()
            ));
            continue;
        }
        if path.chars().any(char::is_control) {
            refused.push(format!("[{}]: {WHY_NOT_NAME}", path.escape_debug()));
            continue;
        }
        let values = values.remove(&(hive, path.to_lowercase()));
        let mut key = ContactKey {
            path: path.clone(),
            values: Vec::new(),
        };
        for RegistryValue { name, data, .. } in values.unwrap_or_default() {
            match data.stored() {
                Some(_) if name.chars().any(char::is_control) => {
                    let name = name.escape_debug();
                    refused.push(format!("[{path}] \"{name}\": {WHY_NOT_NAME}"));
                }
                Some((kind, bytes)) => key.values.push(ContactValue { name, kind, bytes }),
                None => refused.push(format!("[{path}] \"{name}\": {}", why_not(true))),
            }
        }
        list.keys.push(key);
    }
    if list.size() > LARGEST {
        return Err(ImportError::TooLarge {
            size: list.size(),
            most: LARGEST,
        });
    }
    let skipped = file.skipped.named.iter();
    refused.extend(skipped.map(|bad| format!("{bad}, which was skipped")));
    Ok(ContactFile {
        list,
        refused,
        notices: file.notices,
    })
}

const WHY_NOT_NAME: &str = "its name has a control character, which no file can carry";

fn why_left_out(why: &NotTaken) -> String {
    match why {
        NotTaken::OtherHive(_) => why_not(false).to_owned(),
        why if why.removes() => why_not(true).to_owned(),
        why => why.to_string(),
    }
}

fn why_not(removed: bool) -> &'static str {
    if removed {
        "a list of contacts is what is there, and removes nothing"
    } else {
        "contacts are in HKEY_CURRENT_USER only"
    }
}

/// Writes a list as a `.reg` file. `title` is the comment at its top.
///
/// # Errors
///
/// A value does not fit the format: `REGEDIT4` lacks a character.
pub fn write_contacts(
    list: &ContactList,
    format: ContactFormat,
    title: &str,
) -> Result<Vec<u8>, ExportError> {
    let keys = list.keys.iter().map(|key| {
        let values = key.values.iter().map(|value| RegistryValue {
            hive: Hive::CurrentUser,
            key: key.path.clone(),
            name: value.name.clone(),
            data: value.data(),
            option: None,
        });
        (
            format!("{}\\{}", Hive::CurrentUser.full(), key.path),
            values.collect(),
        )
    });
    let keys: Vec<(String, Vec<RegistryValue>)> = keys.collect();
    crate::export::plain_reg(format.file_format(), &text::one_line(title), &keys)
}

impl RegistryData {
    /// The number of the type, and the bytes as Windows stores them; none for
    /// a removal.
    #[must_use]
    pub fn stored(&self) -> Option<(u32, Vec<u8>)> {
        Some(match self {
            Self::Absent => return None,
            Self::Sz(text) => {
                let units = text.encode_utf16().chain([0]);
                (1, units.flat_map(u16::to_le_bytes).collect())
            }
            Self::Dword(number) => (4, number.to_le_bytes().to_vec()),
            Self::Other { kind, bytes } => (*kind, bytes.clone()),
        })
    }
}
