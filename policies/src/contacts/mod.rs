//! Contact lists of the Exchange 2000 clients. They keep them in the registry of
//! one computer, below [`KEY`]; here they are read from a user's exported file
//! and written back, value by value as they were found. Nothing is made up: what
//! the values mean is the client's own business.

mod file;
mod scripts;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use file::{ContactFile, ContactFormat, read_contacts, read_contacts_with, write_contacts};
pub use scripts::{ScriptPlace, ScriptProblem, contact_scripts};

use crate::RegistryData;
use crate::import::data_of;

/// Below this key of `HKEY_CURRENT_USER` the clients keep profiles and contacts.
pub const KEY: &str = "Software\\Microsoft\\Exchange\\Messenger";

/// The most bytes that a list may have, names and data together. A list of 500
/// contacts has about 50,000.
pub const LARGEST: usize = 192 * 1024;

/// What a user's export holds below [`KEY`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactList {
    /// The keys in the order of the file; one without values stands here, too.
    pub keys: Vec<ContactKey>,
}

/// One registry key with its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactKey {
    /// Its path in the hive: `Software\Microsoft\Exchange\Messenger\Profiles\…`.
    pub path: String,
    /// Its values in the order of the file.
    pub values: Vec<ContactValue>,
}

/// One registry value, as it was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactValue {
    /// Its name; empty for the key's default value.
    pub name: String,
    /// The number of its type: 1 `REG_SZ`, 3 `REG_BINARY`, 4 `REG_DWORD`.
    pub kind: u32,
    /// Its data as Windows stores it: strings in UTF-16LE with their end.
    pub bytes: Vec<u8>,
}

/// One contact, as far as the keys tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contact {
    /// Whose list it stands in: the name of the profile's key, which is the
    /// user's URL at the server.
    pub profile: String,
    /// The name of its value or key, which is the contact's address.
    pub address: String,
}

impl ContactList {
    /// How many values it has.
    #[must_use]
    pub fn value_count(&self) -> usize {
        self.keys.iter().map(|key| key.values.len()).sum()
    }

    /// Bytes of names and data together.
    #[must_use]
    pub fn size(&self) -> usize {
        let value = |value: &ContactValue| value.name.len() + value.bytes.len();
        let key = |key: &ContactKey| key.path.len() + key.values.iter().map(value).sum::<usize>();
        self.keys.iter().map(key).sum()
    }

    /// Who is in it. Contacts are the names of the values of
    /// `Profiles\<profile>\Contacts` (corroborated) and of the keys below it.
    #[must_use]
    pub fn contacts(&self) -> Vec<Contact> {
        let mut contacts: Vec<Contact> = Vec::new();
        let mut known = HashSet::new();
        let mut add = |profile: &str, address: &str| {
            let place = (profile.to_ascii_lowercase(), address.to_ascii_lowercase());
            if !address.is_empty() && known.insert(place) {
                contacts.push(Contact {
                    profile: profile.to_owned(),
                    address: address.to_owned(),
                });
            }
        };
        for key in &self.keys {
            let Some(parts) = below(&key.path) else {
                continue;
            };
            let parts: Vec<_> = parts.split('\\').collect();
            let [profiles, profile, list, rest @ ..] = parts.as_slice() else {
                continue;
            };
            if !profiles.eq_ignore_ascii_case("Profiles") || !list.eq_ignore_ascii_case("Contacts")
            {
                continue;
            }
            match rest {
                [] => key.values.iter().for_each(|it| add(profile, &it.name)),
                [address, ..] => add(profile, address),
            }
        }
        contacts
    }
}

impl ContactValue {
    /// The data in the form that files are written from.
    #[must_use]
    pub fn data(&self) -> RegistryData {
        data_of(self.kind, &self.bytes)
    }
}

/// What of a path comes after [`KEY`]; none if it is not [`KEY`] or below it.
fn below(path: &str) -> Option<&str> {
    let (start, rest) = path.split_at_checked(KEY.len())?;
    if !start.eq_ignore_ascii_case(KEY) {
        return None;
    }
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str, names: &[&str]) -> ContactKey {
        let values = names.iter().map(|name| ContactValue {
            name: (*name).to_owned(),
            kind: 3,
            bytes: vec![1],
        });
        ContactKey {
            path: format!("{KEY}{path}"),
            values: values.collect(),
        }
    }

    #[test]
    fn contacts_are_names_below_a_profiles_list() {
        let profile = "http://im.example.com/instmsg/aliases/alice";
        let list = ContactList {
            keys: vec![
                key("", &["LastUser"]),
                key("\\Profiles", &["x"]),
                key(&format!("\\Profiles\\{profile}"), &["Flags"]),
                key(
                    &format!("\\Profiles\\{profile}\\Contacts"),
                    &["", "bob@example.com", "carol@example.com"],
                ),
                key(
                    &format!("\\profiles\\{profile}\\contacts\\Bob@example.com"),
                    &["Name"],
                ),
                key(
                    &format!("\\Profiles\\{profile}\\Contacts\\dave@example.com\\More"),
                    &[],
                ),
            ],
        };
        let addresses: Vec<_> = list.contacts().into_iter().map(|it| it.address).collect();
        assert_eq!(
            addresses,
            ["bob@example.com", "carol@example.com", "dave@example.com"]
        );
        assert!(list.contacts().iter().all(|it| it.profile == profile));
        assert_eq!(list.value_count(), 7);
    }

    #[test]
    fn only_the_key_itself_and_what_is_below_it_counts() {
        for (path, rest) in [
            (KEY.to_owned(), Some("")),
            (KEY.to_uppercase(), Some("")),
            (format!("{KEY}\\Profiles"), Some("Profiles")),
            (format!("{KEY}2"), None),
            ("Software\\Microsoft\\Exchange".to_owned(), None),
            (String::new(), None),
            // A character may begin where the key's name would end.
            ("Software\\Microsoft\\Exchange\\Messengeé".to_owned(), None),
        ] {
            assert_eq!(below(&path), rest, "{path}");
        }
    }
}
