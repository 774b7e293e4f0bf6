//! What changed from one revision of a policy to the next.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Catalogue, Choice, Mode, OptionId, Policy, RegistryValue, Setting};

/// One difference between two revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The name.
    Name {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// The description.
    Description {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// Where the policy has effect.
    Mode {
        /// Before.
        from: Mode,
        /// After.
        to: Mode,
    },
    /// The choice for an option.
    Choice {
        /// The option.
        option: OptionId,
        /// Before; `None` where it was not set.
        from: Option<Choice>,
        /// After; `None` where it is not set any more.
        to: Option<Choice>,
    },
    /// A value that the catalogue does not know was added.
    ValueAdded(RegistryValue),
    /// A value that the catalogue does not know was taken out.
    ValueRemoved(RegistryValue),
}

/// One sentence for people.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { from, to } => write!(f, "Name: from \"{from}\" to \"{to}\""),
            Self::Description { from, to } => write!(f, "Description: from \"{from}\" to \"{to}\""),
            Self::Mode { from, to } => write!(f, "Effect: from {} to {}", from.title(), to.title()),
            Self::Choice { option, from, to } => {
                let title = Catalogue::get()
                    .option(option.as_str())
                    .map_or(option.as_str(), |option| option.title);
                write!(
                    f,
                    "{title}: from {} to {}",
                    words(from.as_ref()),
                    words(to.as_ref())
                )
            }
            Self::ValueAdded(value) => {
                write!(f, "Added {}\\{} = {}", value.path(), value.name, value.data)
            }
            Self::ValueRemoved(value) => write!(
                f,
                "Removed {}\\{} = {}",
                value.path(),
                value.name,
                value.data
            ),
        }
    }
}

/// The most characters of a value's data in a [`Change::told`].
const LONGEST: usize = 200;

impl Change {
    /// What was changed, what it was and what it is, each on its own: an option by its id, a value
    /// by its path. Empty: there was nothing, or there is nothing any more.
    #[must_use]
    pub fn told(&self) -> (String, String, String) {
        let of = |field: &str, from: &str, to: &str| (field.into(), from.into(), to.into());
        match self {
            Self::Name { from, to } => of("name", from, to),
            Self::Description { from, to } => of("description", from, to),
            Self::Mode { from, to } => of("mode", from.title(), to.title()),
            Self::Choice { option, from, to } => {
                of(option.as_str(), &words(from.as_ref()), &words(to.as_ref()))
            }
            Self::ValueAdded(value) => {
                let field = format!("{}\\{}", value.path(), value.name);
                (field, String::new(), value.data.brief(LONGEST))
            }
            Self::ValueRemoved(value) => {
                let field = format!("{}\\{}", value.path(), value.name);
                (field, value.data.brief(LONGEST), String::new())
            }
        }
    }
}

fn words(choice: Option<&Choice>) -> String {
    let Some(choice) = choice else {
        return Setting::NotSet.to_string();
    };
    match choice.hive {
        Some(hive) => format!("{} ({hive})", choice.setting),
        None => choice.setting.to_string(),
    }
}

/// What is different in `new`, options in the order of their ids.
#[must_use]
pub fn diff(old: &Policy, new: &Policy) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.name != new.name {
        changes.push(Change::Name {
            from: old.name.clone(),
            to: new.name.clone(),
        });
    }
    if old.description != new.description {
        changes.push(Change::Description {
            from: old.description.clone(),
            to: new.description.clone(),
        });
    }
    if old.mode != new.mode {
        changes.push(Change::Mode {
            from: old.mode,
            to: new.mode,
        });
    }
    let options: BTreeSet<&OptionId> = old.settings.keys().chain(new.settings.keys()).collect();
    for option in options {
        let (from, to) = (set(old, option), set(new, option));
        if from != to {
            changes.push(Change::Choice {
                option: option.clone(),
                from: from.cloned(),
                to: to.cloned(),
            });
        }
    }
    let (had, has): (HashSet<_>, HashSet<_>) = (
        old.other_values.iter().collect(),
        new.other_values.iter().collect(),
    );
    let gone = old.other_values.iter().filter(|it| !has.contains(it));
    changes.extend(gone.cloned().map(Change::ValueRemoved));
    let added = new.other_values.iter().filter(|it| !had.contains(it));
    changes.extend(added.cloned().map(Change::ValueAdded));
    changes
}

/// The choice for an option; one that says *not set* is none.
pub(crate) fn set<'a>(policy: &'a Policy, option: &OptionId) -> Option<&'a Choice> {
    policy
        .settings
        .get(option)
        .filter(|choice| choice.setting != Setting::NotSet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hive, RegistryData};

    #[test]
    fn every_part_of_a_policy_is_compared() {
        let mut old = Policy::new("Branch")
            .with("disable-voice", Setting::On)
            .with("disable-video", Setting::On)
            .with("of-the-future", Setting::On);
        old.settings
            .insert("disable-phone".into(), Choice::new(Setting::NotSet));
        let mut new = Policy::new("Branch")
            .with("disable-voice", Setting::On)
            .with(
                "disable-video",
                Choice {
                    setting: Setting::Off,
                    hive: Some(Hive::CurrentUser),
                },
            )
            .with("netmeeting-max-send-kb", Setting::Number(500));
        new.mode = Mode::ExportOnly;
        new.other_values.push(RegistryValue {
            hive: Hive::CurrentUser,
            key: "Software\\X".to_owned(),
            name: "y".to_owned(),
            data: RegistryData::Sz("z".to_owned()),
            option: None,
        });
        let changes: Vec<String> = diff(&old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(
            changes,
            [
                "Effect: from files and server to files only",
                "No video: from on to off (HKCU)",
                "NetMeeting: greatest size of a file to send: from not set to 500",
                "of-the-future: from on to not set",
                "Added HKCU\\Software\\X\\y = \"z\"",
            ]
        );
        assert!(diff(&new, &new).is_empty());
    }
}
