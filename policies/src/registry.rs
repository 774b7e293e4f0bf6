//! The registry's own words: hives, value types and single values. Nothing here
//! knows the catalogue.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::OptionId;
use crate::import::{text_of, utf16_text};

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

/// Bytes of a type that people read otherwise: texts, lists of texts, numbers.
fn told(kind: u32, bytes: &[u8]) -> Option<String> {
    match (kind, bytes) {
        (1 | 2 | 6, _) => Some(format!("\"{}\"", text_of(bytes)?)),
        (7, _) => {
            let list = utf16_text(bytes)?;
            let texts = list.trim_end_matches('\0').split('\0');
            let texts: Vec<String> = texts.map(|text| format!("\"{text}\"")).collect();
            Some(texts.join(", "))
        }
        (5, &[a, b, c, d]) => Some(u32::from_be_bytes([a, b, c, d]).to_string()),
        (11, _) => {
            let bytes = bytes.try_into().ok()?;
            Some(u64::from_le_bytes(bytes).to_string())
        }
        _ => None,
    }
}

/// The data as people read it: `1`, `"text"`, `01 02`, `(removed)`.
impl fmt::Display for RegistryData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("(removed)"),
            Self::Sz(text) => write!(f, "\"{text}\""),
            Self::Dword(number) => write!(f, "{number}"),
            Self::Other { kind, bytes } => {
                if let Some(told) = told(*kind, bytes) {
                    return f.write_str(&told);
                }
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

impl RegistryData {
    /// The data for people in `most` characters: what is longer is cut, with its size behind it.
    #[must_use]
    pub fn brief(&self, most: usize) -> String {
        match self {
            Self::Other { kind, bytes } if bytes.len() * 3 > most => {
                if let Some(told) = told(*kind, bytes) {
                    return match told.char_indices().nth(most) {
                        Some((end, _)) => format!("{}… ({} bytes)", &told[..end], bytes.len()),
                        None => told,
                    };
                }
                let shown = Self::Other {
                    kind: 3,
                    bytes: bytes.iter().copied().take(most / 3).collect(),
                };
                format!("{shown} … ({} bytes)", bytes.len())
            }
            Self::Sz(text) => match text.char_indices().nth(most) {
                Some((end, _)) => {
                    format!(
                        "\"{}…\" ({} characters)",
                        &text[..end],
                        text.chars().count()
                    )
                }
                None => self.to_string(),
            },
            _ => self.to_string(),
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
        let path = format!("{}\\{}", self.hive, self.key);
        path.trim_end_matches('\\').to_owned()
    }

    /// Whether both speak of the same value; Windows ignores case. Among many values compare
    /// [`Place`]s, which are worked out once for each.
    #[must_use]
    pub fn same_place(&self, other: &Self) -> bool {
        self.hive == other.hive && self.place_of() == other.place_of()
    }

    /// Which value it is, as Windows tells values apart.
    #[must_use]
    pub fn place_of(&self) -> Place {
        Place {
            hive: self.hive,
            key: self.key.trim_end_matches('\\').to_lowercase(),
            name: self.name.to_lowercase(),
        }
    }
}

/// Which value of the registry is meant: hive, key and name without regard to case, and a key is
/// the same with a separator at its end. For sets, maps and the order in which files list values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    hive: Hive,
    key: String,
    name: String,
}

impl Place {
    /// The same key and name under another hive.
    #[must_use]
    pub fn under(self, hive: Hive) -> Self {
        Self { hive, ..self }
    }
}

/// The values, the first word on each place, in the order in which files list them.
pub(crate) fn in_order(values: Vec<RegistryValue>) -> Vec<RegistryValue> {
    let mut values: Vec<(Place, RegistryValue)> = values
        .into_iter()
        .map(|value| (value.place_of(), value))
        .collect();
    // The sort keeps the order of equals, so the first of them stays.
    values.sort_by(|(a, _), (b, _)| a.cmp(b));
    values.dedup_by(|(later, _), (earlier, _)| later == earlier);
    values.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(key: &str, name: &str, number: u32) -> RegistryValue {
        RegistryValue {
            hive: Hive::CurrentUser,
            key: key.to_owned(),
            name: name.to_owned(),
            data: RegistryData::Dword(number),
            option: None,
        }
    }

    #[test]
    fn the_first_word_on_a_place_stays_whatever_the_letters() {
        let values = vec![
            value("Software\\b", "X", 1),
            value("SOFTWARE\\A\\", "Ä", 2),
            value("software\\a", "ä", 3),
            value("Software\\B", "x", 4),
        ];
        let numbers: Vec<_> = in_order(values.clone())
            .into_iter()
            .map(|v| v.data)
            .collect();
        assert_eq!(numbers, [RegistryData::Dword(2), RegistryData::Dword(1)]);
        assert!(values[1].same_place(&values[2]) && !values[0].same_place(&values[1]));
        let there = values[0].place_of().under(Hive::LocalMachine);
        assert_ne!(there, values[0].place_of());
    }

    #[test]
    fn a_long_value_is_cut_with_its_size() {
        let text = RegistryData::Sz("é".repeat(500)).brief(10);
        assert_eq!(text, format!("\"{}…\" (500 characters)", "é".repeat(10)));
        let bytes = RegistryData::Other {
            kind: 3,
            bytes: vec![0xab; 65_535],
        };
        assert_eq!(bytes.brief(6), "ab ab … (65535 bytes)");
        assert_eq!(RegistryData::Dword(7).brief(1), "7");
        assert_eq!(RegistryData::Sz("abc".to_owned()).brief(3), "\"abc\"");
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn texts_lists_and_numbers_of_any_type_are_told_as_such() {
        for (kind, bytes, told) in [
            (1, wide("a\0\0"), "\"a\""),
            (1, wide("a"), "\"a\""),
            (2, wide("%windir%\\x\0"), "\"%windir%\\x\""),
            (2, vec![0x25, 0x00, 0x61], "25 00 61"),
            (7, wide("one\0two\0\0"), "\"one\", \"two\""),
            (7, wide("\0"), "\"\""),
            (11, 4_294_967_297_u64.to_le_bytes().to_vec(), "4294967297"),
            (11, vec![1], "01"),
            (5, vec![0, 0, 1, 0], "256"),
            (3, vec![0x61, 0], "61 00"),
            (4, vec![1, 0], "01 00"),
        ] {
            let data = RegistryData::Other { kind, bytes };
            assert_eq!(data.to_string(), told, "{data:?}");
        }
    }
}
