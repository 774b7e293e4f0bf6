//! A policy: what an administrator chose, by option. How long it lives, for
//! whom it counts and who changed it is kept elsewhere.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalogue::{CatalogueOption, Input};
use crate::check::{self, Problem, Severity};
use crate::{Catalogue, FeatureSet, Hive, OptionId, RegistryData, RegistryValue, registry};

/// What was chosen for one option.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// Nothing: the policy leaves the client as it is. The same as no entry.
    #[default]
    NotSet,
    /// On.
    On,
    /// Off, which is not the same as *not set*: it is written, too.
    Off,
    /// A number, for options that take one or offer a list.
    Number(u32),
    /// A text.
    Text(String),
}

/// The choice for people: `on`, `500`, `"text"`.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => f.write_str("not set"),
            Self::On => f.write_str("on"),
            Self::Off => f.write_str("off"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

/// A setting and the hive it goes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Choice {
    /// What was chosen.
    pub setting: Setting,
    /// Where it is written; `None` is the option's usual hive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hive: Option<Hive>,
}

impl Choice {
    /// The setting in the option's usual hive.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        Self {
            setting,
            hive: None,
        }
    }

    /// The hive it is written to, or `None` where no hive is known.
    #[must_use]
    pub fn hive_for(&self, option: &CatalogueOption) -> Option<Hive> {
        self.hive.or_else(|| option.hives.first().copied())
    }
}

impl From<Setting> for Choice {
    fn from(setting: Setting) -> Self {
        Self::new(setting)
    }
}

/// Where a policy has effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// In exported files and on the wire.
    #[default]
    Both,
    /// In exported files only.
    ExportOnly,
    /// On the wire only.
    EnforceOnly,
}

impl Mode {
    /// All of them, in the order in which pages list them.
    pub const ALL: [Self; 3] = [Self::Both, Self::ExportOnly, Self::EnforceOnly];

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Both => "files and server",
            Self::ExportOnly => "files only",
            Self::EnforceOnly => "server only",
        }
    }

    /// Whether the server refuses what the policy forbids.
    #[must_use]
    pub fn enforces(self) -> bool {
        self != Self::ExportOnly
    }

    /// Whether the policy goes into files.
    #[must_use]
    pub fn exports(self) -> bool {
        self != Self::EnforceOnly
    }
}

/// What an administrator wants of clients, under a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Where it has effect.
    #[serde(default)]
    pub mode: Mode,
    /// The choices; an option without an entry is not set.
    #[serde(default)]
    pub settings: BTreeMap<OptionId, Choice>,
    /// Values that the catalogue does not know, kept from an imported file and
    /// written as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_values: Vec<RegistryValue>,
}

impl Policy {
    /// A policy of this name that sets nothing.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Chooses for one option; [`Setting::NotSet`] takes the choice back.
    pub fn set(&mut self, id: impl Into<OptionId>, choice: impl Into<Choice>) {
        let (id, choice) = (id.into(), choice.into());
        if choice.setting == Setting::NotSet {
            self.settings.remove(&id);
        } else {
            self.settings.insert(id, choice);
        }
    }

    /// The same with one more choice, for building a policy in one expression.
    #[must_use]
    pub fn with(mut self, id: impl Into<OptionId>, choice: impl Into<Choice>) -> Self {
        self.set(id, choice);
        self
    }

    /// What was chosen for an option.
    #[must_use]
    pub fn setting(&self, id: &str) -> &Setting {
        self.settings
            .get(id)
            .map_or(&Setting::NotSet, |choice| &choice.setting)
    }

    /// Everything that is wrong with the policy or worth knowing before it is
    /// used, errors first. With an error in it the policy cannot be exported.
    #[must_use]
    pub fn check(&self, catalogue: &Catalogue) -> Vec<Problem> {
        check::check(self, catalogue)
    }

    /// Whether presence of this server (its full DNS name) reaches clients that use the policy's
    /// proxy exceptions; a problem if not.
    #[must_use]
    pub fn check_reach(&self, server: &str) -> Option<Problem> {
        check::reach(self, server)
    }

    /// The features that the policy forbids on the wire: the options that are
    /// *on* and stand against a feature, unless the policy is for export only.
    #[must_use]
    pub fn forbidden(&self) -> FeatureSet {
        if !self.mode.enforces() {
            return FeatureSet::EMPTY;
        }
        self.settings
            .iter()
            .filter(|(_, choice)| choice.setting == Setting::On)
            .filter_map(|(id, _)| Catalogue::get().option(id.as_str())?.feature)
            .collect()
    }

    /// The registry values that the policy writes, as a preview, ordered by
    /// hive, key and name. Choices with an error in them are left out: show
    /// [`Policy::check`] beside it.
    #[must_use]
    pub fn values(&self, catalogue: &Catalogue) -> Vec<RegistryValue> {
        let mut values: Vec<RegistryValue> = self
            .settings
            .iter()
            .filter_map(|(id, choice)| {
                let option = catalogue.option(id.as_str())?;
                let sound = check::choice(option, choice)
                    .iter()
                    .all(|problem| problem.severity != Severity::Error);
                if !sound || option.is_server_only() {
                    return None;
                }
                Some(RegistryValue {
                    hive: choice.hive_for(option)?,
                    key: option.key.to_owned(),
                    name: option.value_name.to_owned(),
                    data: data(option, &choice.setting)?,
                    option: Some(id.clone()),
                })
            })
            .collect();
        // What an option writes comes before the same value kept from a file.
        values.extend(self.other_values.iter().cloned());
        registry::in_order(values)
    }
}

/// What a setting writes for an option; `None` where the two do not fit.
fn data(option: &CatalogueOption, setting: &Setting) -> Option<RegistryData> {
    match (option.input, setting) {
        (Input::Switch { .. }, Setting::On) => option.switch().map(|(on, _)| on),
        (Input::Switch { .. }, Setting::Off) => option.switch().map(|(_, off)| off),
        (Input::OneOf | Input::Number { .. }, Setting::Number(number)) => {
            Some(RegistryData::Dword(*number))
        }
        (Input::Text { .. }, Setting::Text(text)) => Some(RegistryData::Sz(text.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Feature;

    fn written(policy: &Policy) -> Vec<String> {
        let values = policy.values(Catalogue::get());
        values
            .iter()
            .map(|v| format!("{}\\{} = {}", v.hive, v.name, v.data))
            .collect()
    }

    #[test]
    fn on_and_off_write_what_the_client_expects() {
        let policy = Policy::new("x")
            .with("no-usage-reporting", Setting::On)
            .with("ie-proxy-per-machine", Setting::On)
            .with("netmeeting-no-audio", Setting::Off)
            .with(
                "disable-voice",
                Choice {
                    setting: Setting::On,
                    hive: Some(Hive::CurrentUser),
                },
            );
        assert_eq!(
            written(&policy),
            [
                "HKLM\\CEIP = 2",
                "HKLM\\ProxySettingsPerUser = 0",
                "HKCU\\NoAudio = (removed)",
                "HKCU\\DisablePC2PCAudio = 1",
            ]
        );
    }

    #[test]
    fn what_must_not_be_written_is_not_in_the_preview() {
        let policy = Policy::new("x")
            .with("service-dotnet-off", Setting::On)
            .with("server-no-netmeeting", Setting::On)
            .with("service-selection", Setting::Number(7))
            .with("of-the-future", Setting::On);
        assert!(written(&policy).is_empty());
    }

    #[test]
    fn only_on_forbids_and_only_where_the_policy_is_enforced() {
        let mut policy = Policy::new("x")
            .with("disable-file-transfer", Setting::On)
            .with("disable-voice", Setting::Off)
            .with("server-no-netmeeting", Setting::On);
        assert_eq!(
            policy.forbidden(),
            FeatureSet::from_iter([Feature::FileTransfer, Feature::NetMeeting])
        );
        policy.mode = Mode::ExportOnly;
        assert!(policy.forbidden().is_empty());
    }

    #[test]
    fn json_keeps_a_policy_whole_with_options_it_does_not_know() {
        let policy = Policy::new("Branch")
            .with(
                "conversation-warning",
                Setting::Text("Mind \"the\" line".to_owned()),
            )
            .with("netmeeting-max-send-kb", Setting::Number(500))
            .with(
                "of-the-future",
                Choice {
                    setting: Setting::Off,
                    hive: Some(Hive::LocalMachine),
                },
            );
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
        insta::assert_snapshot!(json, @r#"{"name":"Branch","description":"","mode":"both","settings":{"conversation-warning":{"setting":{"text":"Mind \"the\" line"}},"netmeeting-max-send-kb":{"setting":{"number":500}},"of-the-future":{"setting":"off","hive":"HKLM"}}}"#);
    }

    #[test]
    fn an_option_of_the_catalogue_comes_before_the_same_value_kept_from_a_file() {
        let mut policy = Policy::new("x").with("disable-voice", Setting::On);
        policy.other_values = policy.values(Catalogue::get());
        policy.other_values[0].data = RegistryData::Dword(9);
        assert_eq!(written(&policy), ["HKLM\\DisablePC2PCAudio = 1"]);
    }
}
