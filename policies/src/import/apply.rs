//! What files say, applied in their order: the last word on a value counts, and
//! what is set before its key is removed is gone.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::place::Position;
use super::{LeftOut, NotTaken, RegistryFile};
use crate::{Hive, RegistryData, RegistryValue};

/// A value that does not count, because of something later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Superseded {
    /// Where it stands.
    pub place: Position,
    /// Key and name.
    pub value: String,
    /// What comes later.
    pub by: Position,
    /// What that does.
    pub later: Later,
}

/// What takes a value back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Later {
    /// The same value once more.
    Value,
    /// Its key, or one above it, is removed.
    Key,
    /// All values of its key are removed.
    AllValues,
}

impl fmt::Display for Superseded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let later = match self.later {
            Later::Value => "has the last word on it",
            Later::Key => "removes its key later",
            Later::AllValues => "removes all values of its key later",
        };
        let Self {
            place, value, by, ..
        } = self;
        write!(f, "{value} of {place} does not count: {by} {later}")
    }
}

/// Files while they are read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// What is taken back leaves a gap.
    values: Vec<Option<(RegistryValue, Position)>>,
    /// By hive and path without regard to case.
    held: BTreeMap<(Hive, String), Held>,
    keys: Vec<Option<(Hive, String)>>,
    pub(super) left_out: Vec<LeftOut>,
    superseded: Vec<Superseded>,
}

/// What is known of one key.
#[derive(Debug, Default)]
struct Held {
    /// Where it stands in `keys`, if a file names it.
    named: Option<usize>,
    /// Where values stand in `values`, by name without regard to case.
    names: HashMap<String, usize>,
}

impl Gathered {
    fn held(&mut self, hive: Hive, key: &str) -> &mut Held {
        self.held.entry((hive, key.to_lowercase())).or_default()
    }

    /// Adds a key. To Windows it is the same with a separator at its end.
    pub(super) fn open(&mut self, hive: Hive, key: &str) {
        let at = self.keys.len();
        let held = self.held(hive, key);
        if held.named.is_none() {
            held.named = Some(at);
            self.keys.push(Some((hive, key.to_owned())));
        }
    }

    /// Adds a value; an earlier word on the same value does not count any more.
    pub(super) fn put(
        &mut self,
        hive: Hive,
        key: &str,
        name: String,
        data: RegistryData,
        place: Position,
    ) {
        let at = self.values.len();
        let earlier = self.held(hive, key).names.insert(name.to_lowercase(), at);
        if let Some(earlier) = earlier {
            self.take_back(earlier, &place, Later::Value);
        }
        let value = RegistryValue {
            hive,
            key: key.to_owned(),
            name,
            data,
            option: None,
        };
        self.values.push(Some((value, place)));
    }

    /// Removes a key and all below it.
    pub(super) fn remove_key(&mut self, hive: Hive, key: &str, place: &Position) {
        let key = key.to_lowercase();
        // All that begins with the key and a separator; nothing sorts between that and `]`.
        let below = (hive, format!("{key}\\"))..(hive, format!("{key}]"));
        let mut gone: Vec<_> = self.held.range(below).map(|(key, _)| key.clone()).collect();
        gone.insert(0, (hive, key));
        for key in gone {
            let Some(held) = self.held.remove(&key) else {
                continue;
            };
            if let Some(at) = held.named {
                self.keys[at] = None;
            }
            let mut places: Vec<usize> = held.names.into_values().collect();
            places.sort_unstable();
            for at in places {
                self.take_back(at, place, Later::Key);
            }
        }
    }

    /// Removes all values of a key.
    pub(super) fn remove_values(&mut self, hive: Hive, key: &str, place: &Position) {
        let names = std::mem::take(&mut self.held(hive, key).names);
        let mut places: Vec<usize> = names.into_values().collect();
        places.sort_unstable();
        for at in places {
            self.take_back(at, place, Later::AllValues);
        }
    }

    fn take_back(&mut self, at: usize, by: &Position, later: Later) {
        if let Some((value, place)) = self.values[at].take() {
            self.superseded.push(Superseded {
                place,
                value: format!("{}\\{}", value.path(), value.name),
                by: by.clone(),
                later,
            });
        }
    }

    /// Whether the file says something of a value of this key.
    fn has_values(&self, hive: Hive, key: &str) -> bool {
        let held = self.held.get(&(hive, key.to_lowercase()));
        held.is_some_and(|held| !held.names.is_empty())
    }

    pub(super) fn finish(mut self) -> RegistryFile {
        let mut left_out = std::mem::take(&mut self.left_out);
        // A record that only makes a key is made good by a value of that key.
        left_out.retain(|left| match &left.why {
            NotTaken::KeyOnly(hive, key) => !self.has_values(*hive, key),
            _ => true,
        });
        RegistryFile {
            values: self.values.into_iter().flatten().map(|it| it.0).collect(),
            keys: self.keys.into_iter().flatten().collect(),
            left_out,
            superseded: self.superseded,
            ..RegistryFile::default()
        }
    }
}
