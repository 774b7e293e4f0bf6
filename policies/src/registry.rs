//! The registry's own words: hives, value types and single values. Nothing here
//! knows the catalogue.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::OptionId;

/// One of the two registry roots that policies write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Hive {
    /// `HKEY_LOCAL_MACHINE`: counts for everybody who uses the computer.
    #[serde(rename = "HKLM")]
    LocalMachine,
    /// `HKEY_CURRENT_USER`: counts for one user.
    #[serde(rename = "HKCU")]
    CurrentUser,
}

impl Hive {
    /// The short name: `HKLM` or `HKCU`.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::LocalMachine => "HKLM",
            Self::CurrentUser => "HKCU",
        }
    }

    /// The full name, as `.reg` files want it.
    #[must_use]
    pub fn full(self) -> &'static str {
        match self {
            Self::LocalMachine => "HKEY_LOCAL_MACHINE",
            Self::CurrentUser => "HKEY_CURRENT_USER",
        }
    }

    /// The hive of either name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::LocalMachine, Self::CurrentUser]
            .into_iter()
            .find(|hive| {
                name.eq_ignore_ascii_case(hive.short()) || name.eq_ignore_ascii_case(hive.full())
            })
    }
}

impl fmt::Display for Hive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

/// What a value is to be.
///
/// The catalogue writes only [`Dword`](Self::Dword), [`Sz`](Self::Sz) and
/// [`Absent`](Self::Absent); the rest comes from imported files and is carried
/// along as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistryData {
    /// The value is removed if it is there.
    Absent,
    /// `REG_SZ`: a string.
    Sz(String),
    /// `REG_DWORD`: 32 bits.
    Dword(u32),
    /// Any other type, by its number, with its bytes as Windows stores them
    /// (strings in UTF-16LE).
    Other {
        /// The type's number: 2 `REG_EXPAND_SZ`, 3 `REG_BINARY`, 7 `REG_MULTI_SZ`, 11 `REG_QWORD`.
        kind: u32,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

impl RegistryData {
    /// The type's name, for people.
    #[must_use]
    pub fn type_name(&self) -> String {
        let name = match self {
            Self::Absent => "(removed)",
            Self::Sz(_) => "REG_SZ",
            Self::Dword(_) => "REG_DWORD",
            Self::Other { kind, .. } => match kind {
                0 => "REG_NONE",
                2 => "REG_EXPAND_SZ",
                3 => "REG_BINARY",
                5 => "REG_DWORD_BIG_ENDIAN",
                7 => "REG_MULTI_SZ",
                11 => "REG_QWORD",
                _ => return format!("type {kind}"),
            },
        };
        name.to_owned()
    }
}

/// The data as people read it: `1`, `"text"`, `01 02`, `(removed)`.
impl fmt::Display for RegistryData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("(removed)"),
            Self::Sz(text) => write!(f, "\"{text}\""),
            Self::Dword(number) => write!(f, "{number}"),
            Self::Other { bytes, .. } => {
                for (at, byte) in bytes.iter().enumerate() {
                    if at > 0 {
                        f.write_str(" ")?;
                    }
                    write!(f, "{byte:02x}")?;
                }
                Ok(())
            }
        }
    }
}

/// One value that a policy writes or removes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RegistryValue {
    /// The root.
    pub hive: Hive,
    /// The key below the root, without a leading backslash.
    pub key: String,
    /// The value's name; empty for the key's default value.
    pub name: String,
    /// What it becomes.
    pub data: RegistryData,
    /// The option it comes from; `None` for a value that the catalogue does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<OptionId>,
}

impl RegistryValue {
    /// `HKLM\Software\…`: the full path of the key, with the hive's short name.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}\\{}", self.hive, self.key)
    }

    /// Whether both speak of the same value; Windows ignores case.
    #[must_use]
    pub fn same_place(&self, other: &Self) -> bool {
        self.order(other) == Ordering::Equal
    }

    /// The order in which files list values: hive, key, name, without regard to case.
    #[must_use]
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let place = |value: &Self| {
            (
                value.hive,
                value.key.to_lowercase(),
                value.name.to_lowercase(),
            )
        };
        place(self).cmp(&place(other))
    }
}
