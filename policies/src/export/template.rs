//! What ADM and ADMX templates say about an option. Templates offer the options
//! that a policy sets, in the hive it chose, with its values as proposals; who
//! opens them in an editor still decides.

use super::Draft;
use crate::catalogue::{CatalogueOption, Input, MeaningOf};
use crate::{Catalogue, Hive, Setting};

/// One option as a template offers it.
pub(super) struct Offered {
    /// Letters, digits and `_` only.
    pub(super) id: String,
    pub(super) hive: Hive,
    pub(super) option: &'static CatalogueOption,
    /// What the policy chose.
    pub(super) setting: Setting,
    pub(super) explanation: String,
    pub(super) clients: String,
}

/// One entry of a list.
pub(super) struct Item {
    pub(super) id: String,
    pub(super) number: u32,
    pub(super) meaning: &'static str,
    /// Whether the policy chose it.
    pub(super) chosen: bool,
}

impl Offered {
    /// The numbers to choose from, where the option offers some.
    pub(super) fn items(&self) -> Vec<Item> {
        if self.option.input != Input::OneOf {
            return Vec::new();
        }
        let numbers = self
            .option
            .meanings
            .iter()
            .filter_map(|meaning| match meaning.value {
                MeaningOf::Number(number) => Some((number, meaning.meaning)),
                MeaningOf::Text(_) => None,
            });
        numbers
            .map(|(number, meaning)| Item {
                id: format!("{}_{number}", self.id),
                number,
                meaning,
                chosen: self.setting == Setting::Number(number),
            })
            .collect()
    }

    /// What on and off write, where the option is a switch; off may remove the value.
    pub(super) fn switch(&self) -> Option<(u32, Option<u32>)> {
        match self.option.input {
            Input::Switch { on, off } => Some((on, off)),
            _ => None,
        }
    }

    /// The least and the greatest number, where the option takes one.
    pub(super) fn limits(&self) -> Option<(u32, u32)> {
        match self.option.input {
            Input::Number { min, max, .. } => Some((min, max)),
            _ => None,
        }
    }

    /// The greatest length, where the option takes a text.
    pub(super) fn length(&self) -> Option<usize> {
        match self.option.input {
            Input::Text { max_length, .. } => Some(max_length),
            _ => None,
        }
    }

    /// The number that the policy chose.
    pub(super) fn number(&self) -> Option<u32> {
        match self.setting {
            Setting::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text that the policy chose; empty where it is none.
    pub(super) fn text(&self) -> &str {
        match &self.setting {
            Setting::Text(text) => text,
            _ => "",
        }
    }
}

/// The options of the draft's policy, machine first.
pub(super) fn offered(file: &Draft<'_>) -> Vec<Offered> {
    let mut offered: Vec<Offered> = file
        .values
        .iter()
        .filter_map(|value| {
            let option = Catalogue::get().option(value.option.as_ref()?.as_str())?;
            let setting = file.policy.setting(option.id).clone();
            let clients: Vec<&str> = option.clients.iter().map(|client| client.title()).collect();
            let mut explanation = format!(
                "{} Default: {}. The policy \"{}\" sets it to {setting}.",
                option.description,
                option.default,
                super::text::one_line(&file.policy.name),
            );
            for warning in option.warnings {
                explanation.push(' ');
                explanation.push_str(warning);
            }
            Some(Offered {
                id: option.id.replace('-', "_"),
                hive: value.hive,
                option,
                setting,
                explanation,
                clients: clients.join(", "),
            })
        })
        .collect();
    offered.sort_by_key(|offer| (offer.hive, offer.option.category, offer.option.id));
    offered
}
