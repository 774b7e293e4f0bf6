//! From values to a policy: which option each belongs to, and where it belongs to
//! none, or fits none of its settings, the reason.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Imported, RegistryFile, text_of};
use crate::catalogue::{CatalogueOption, Category, Input, MeaningOf, ValueKind};
use crate::check::{self, Severity};
use crate::{Catalogue, Choice, Hive, OptionId, Policy, RegistryData, RegistryValue, Setting};

/// An option that files set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundOption {
    /// The option.
    pub option: OptionId,
    /// The value as the file has it.
    pub value: RegistryValue,
    /// What the policy writes instead, where that is not the same; else empty.
    pub note: String,
}

/// A value that no setting of an option writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownValue {
    /// The value.
    pub value: RegistryValue,
    /// Why it is not a setting.
    pub why: Unmatched,
}

/// Why a value is not the setting of an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unmatched {
    /// No option has this value.
    NotInCatalogue,
    /// An option has it.
    Known {
        /// The option.
        option: OptionId,
        /// What of it does not fit.
        misfit: Misfit,
        /// Why, in words.
        reason: String,
    },
}

/// What of a value does not fit its option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misfit {
    /// Its data.
    Data,
    /// Its type.
    Type,
    /// Its hive.
    Hive,
    /// The option must not be written.
    NotExportable,
    /// The other hive holds it too, and clients follow that.
    Overruled,
}

impl Misfit {
    /// In words: `other data`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Data => "other data",
            Self::Type => "other type",
            Self::Hive => "other hive",
            Self::NotExportable => "not exportable",
            Self::Overruled => "overruled",
        }
    }
}

/// `not in the catalogue`, or `known option disable-video (No video), other type: …`
impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInCatalogue => f.write_str("not in the catalogue"),
            Self::Known {
                option,
                misfit,
                reason,
            } => {
                let title = Catalogue::get().option(option.as_str());
                let title = title.map_or("", |option| option.title);
                write!(
                    f,
                    "known option {option} ({title}), {}: {reason}",
                    misfit.words()
                )
            }
        }
    }
}

/// Makes a policy of this name from what files hold.
#[must_use]
pub fn import(name: impl Into<String>, file: RegistryFile, catalogue: &Catalogue) -> Imported {
    let mut matching = Matching {
        catalogue,
        fitting: BTreeMap::new(),
        unknown: Vec::new(),
    };
    let mut values = file.values;
    values.sort_by_cached_key(RegistryValue::place_of);
    for value in values {
        matching.take(value);
    }
    let (policy, found) = matching.decide(name.into());
    let mut unknown = matching.unknown;
    unknown.sort_by_cached_key(|unknown| unknown.value.place_of());
    Imported {
        policy,
        found,
        unknown,
        left_out: file.left_out.iter().map(ToString::to_string).collect(),
        superseded: file.superseded.iter().map(ToString::to_string).collect(),
        notices: file.notices,
        skipped: file.skipped,
    }
}

struct Matching<'a> {
    catalogue: &'a Catalogue,
    /// Values that a setting writes, by option; at most one for each hive.
    fitting: BTreeMap<&'static str, Vec<(RegistryValue, Choice)>>,
    unknown: Vec<UnknownValue>,
}

impl Matching<'_> {
    fn take(&mut self, value: RegistryValue) {
        let Some(option) = self.catalogue.option_of(&value.key, &value.name) else {
            let why = Unmatched::NotInCatalogue;
            self.unknown.push(UnknownValue { value, why });
            return;
        };
        match fit(option, &value) {
            Ok(choice) => {
                let fitting = self.fitting.entry(option.id).or_default();
                fitting.push((value, choice));
            }
            Err((misfit, reason)) => self.misfit(option, value, misfit, reason),
        }
    }

    fn misfit(
        &mut self,
        option: &CatalogueOption,
        value: RegistryValue,
        misfit: Misfit,
        reason: String,
    ) {
        let why = Unmatched::Known {
            option: option.option_id(),
            misfit,
            reason,
        };
        self.unknown.push(UnknownValue { value, why });
    }

    /// Where both hives hold an option, takes the one that clients follow.
    fn decide(&mut self, name: String) -> (Policy, Vec<FoundOption>) {
        let mut policy = Policy::new(name);
        let mut found = Vec::new();
        let fitting = std::mem::take(&mut self.fitting);
        let per_machine = fitting
            .get("ie-proxy-per-machine")
            .is_some_and(|it| it.iter().any(|(_, choice)| choice.setting == Setting::On));
        for (id, values) in fitting {
            let Some(option) = self.catalogue.option(id) else {
                continue;
            };
            let (followed, why) = if !of_each_user(option) {
                (
                    Hive::LocalMachine,
                    "clients follow HKLM where both hives hold it",
                )
            } else if per_machine {
                (
                    Hive::LocalMachine,
                    "proxy settings are per machine here (ProxySettingsPerUser is 0), and then HKLM counts",
                )
            } else {
                (
                    Hive::CurrentUser,
                    "HKLM counts only where proxy settings are per machine (ProxySettingsPerUser is 0)",
                )
            };
            let both = values.len() > 1;
            for (value, choice) in values {
                if both && value.hive != followed {
                    self.misfit(option, value, Misfit::Overruled, why.to_owned());
                    continue;
                }
                found.push(FoundOption {
                    option: option.option_id(),
                    note: note(option, &value, &choice),
                    value,
                });
                policy.set(id, choice);
            }
        }
        (policy, found)
    }
}

/// Internet Explorer's own proxy settings, which each user has.
fn of_each_user(option: &CatalogueOption) -> bool {
    option.category == Category::Proxy
        && option
            .key
            .eq_ignore_ascii_case("Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings")
}

/// What the policy writes, where that is not what the file has.
fn note(option: &CatalogueOption, value: &RegistryValue, choice: &Choice) -> String {
    match (option.switch(), &choice.setting) {
        (Some((on, _)), Setting::On) if value.data != on => {
            format!("any value but 0 is on; the policy writes {on}")
        }
        _ => String::new(),
    }
}

/// The choice that writes this value, or what does not fit.
fn fit(option: &CatalogueOption, value: &RegistryValue) -> Result<Choice, (Misfit, String)> {
    if !option.exportable {
        let reason = format!("not exportable because {}", option.reason);
        return Err((Misfit::NotExportable, reason));
    }
    if !option.hives.contains(&value.hive) {
        let hives: Vec<&str> = option.hives.iter().map(|hive| hive.short()).collect();
        let reason = format!(
            "it stands in {}, and clients read it from {} only",
            value.hive,
            hives.join(" and ")
        );
        return Err((Misfit::Hive, reason));
    }
    let data = |reason: String| (Misfit::Data, reason);
    let setting = match (option.kind, &value.data) {
        (_, RegistryData::Absent) => absent(option).ok_or_else(|| data(why_absent(option)))?,
        (ValueKind::Dword, RegistryData::Dword(number)) => number_of(option, *number)
            .ok_or_else(|| data(format!("no setting writes {number}; {}", would_fit(option))))?,
        (ValueKind::Sz, RegistryData::Sz(text)) => Setting::Text(text.clone()),
        // Some programs write no zero at the end of a string, or two.
        (ValueKind::Sz, RegistryData::Other { kind: 1, bytes }) => {
            let text = text_of(bytes).ok_or_else(|| data("its bytes are no text".to_owned()))?;
            Setting::Text(text)
        }
        (kind, found) => {
            let reason = format!(
                "it is {}, and clients read {}; {}",
                found.type_name(),
                kind.title(),
                would_fit(option)
            );
            return Err((Misfit::Type, reason));
        }
    };
    let hive = (option.hives.first() != Some(&value.hive)).then_some(value.hive);
    let choice = Choice { setting, hive };
    let problems = check::choice(option, &choice);
    let errors: Vec<&str> = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| problem.message.as_str())
        .collect();
    if errors.is_empty() {
        Ok(choice)
    } else {
        Err(data(errors.join("; ")))
    }
}

fn number_of(option: &CatalogueOption, number: u32) -> Option<Setting> {
    match option.input {
        Input::Switch { on, .. } if number == on => Some(Setting::On),
        Input::Switch { off, .. } if Some(number) == off => Some(Setting::Off),
        Input::Switch { .. } if option.nonzero && number != 0 => Some(Setting::On),
        Input::OneOf | Input::Number { .. } => Some(Setting::Number(number)),
        Input::Switch { .. } | Input::ServerSwitch | Input::Text { .. } => None,
    }
}

/// The setting that removes the value.
fn absent(option: &CatalogueOption) -> Option<Setting> {
    matches!(option.input, Input::Switch { off: None, .. }).then_some(Setting::Off)
}

fn why_absent(option: &CatalogueOption) -> String {
    let off = match option.switch() {
        Some((_, off)) => format!("off writes {off}, and "),
        None => String::new(),
    };
    format!("the value is removed; {off}a policy that does not set the option leaves it as it is")
}

/// What an option may hold.
fn would_fit(option: &CatalogueOption) -> String {
    match option.input {
        Input::Switch { on, off } => {
            let any = if option.nonzero {
                " (any value but 0)"
            } else {
                ""
            };
            let off = off.map_or_else(|| "no value".to_owned(), |off| off.to_string());
            format!("on is {on}{any}, off is {off}")
        }
        Input::OneOf => {
            let values = option.meanings.iter().filter_map(|it| match it.value {
                MeaningOf::Number(number) => Some(format!("{number} ({})", it.meaning)),
                MeaningOf::Text(_) => None,
            });
            format!("it may be {}", values.collect::<Vec<_>>().join(", "))
        }
        Input::Number { min, max, unit } => format!("it may be {min} to {max} {unit}"),
        Input::Text { .. } => "it may be a text".to_owned(),
        Input::ServerSwitch => "clients do not read it".to_owned(),
    }
}
