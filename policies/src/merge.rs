//! Two changes of one revision of a policy, put together.

use std::collections::{HashMap, HashSet};

use crate::diff::{diff, set};
use crate::{Change, OptionId, Place, Policy, RegistryValue};

/// What a change is about: two changes of the same get into each other's way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Name,
    Description,
    Mode,
    Option(OptionId),
    Value(Place),
}

impl Part {
    fn of(change: &Change) -> Self {
        match change {
            Change::Name { .. } => Self::Name,
            Change::Description { .. } => Self::Description,
            Change::Mode { .. } => Self::Mode,
            Change::Choice { option, .. } => Self::Option(option.clone()),
            Change::ValueAdded(value) | Change::ValueRemoved(value) => {
                Self::Value(value.place_of())
            }
        }
    }
}

/// What becomes of `newest` when it is changed as `mine` changes `base`, both being revisions of
/// one policy. The name is that of `newest`.
///
/// # Errors
/// Both changed the same, and not to the same: the changes of `newest` that are meant.
pub fn merge(base: &Policy, newest: &Policy, mine: &Policy) -> Result<Policy, Vec<Change>> {
    let theirs = diff(base, newest);
    let ours: HashSet<Part> = diff(base, mine).iter().map(Part::of).collect();
    let (of_newest, of_mine) = (by_place(newest, &ours), by_place(mine, &ours));
    let same = |part: &Part| match part {
        Part::Name => true,
        Part::Description => newest.description == mine.description,
        Part::Mode => newest.mode == mine.mode,
        Part::Option(option) => set(newest, option) == set(mine, option),
        Part::Value(place) => of_newest.get(place) == of_mine.get(place),
    };
    let in_the_way = |change: &Change| {
        let part = Part::of(change);
        ours.contains(&part) && !same(&part)
    };
    let (clashes, fitting): (Vec<_>, Vec<_>) = theirs.into_iter().partition(in_the_way);
    if !clashes.is_empty() {
        return Err(clashes);
    }
    let values_of_both = fitting
        .iter()
        .any(|it| matches!(it, Change::ValueAdded(_) | Change::ValueRemoved(_)));
    let mut merged = newest.clone();
    for part in &ours {
        match part {
            Part::Name | Part::Value(_) => {}
            Part::Description => merged.description.clone_from(&mine.description),
            Part::Mode => merged.mode = mine.mode,
            Part::Option(option) => match set(mine, option) {
                Some(choice) => merged.set(option.clone(), choice.clone()),
                None => _ = merged.settings.remove(option),
            },
        }
    }
    if !values_of_both {
        merged.other_values.clone_from(&mine.other_values);
    } else if !(of_newest.is_empty() && of_mine.is_empty()) {
        merged.other_values = joined(newest, &ours, of_mine);
    }
    Ok(merged)
}

type ByPlace<'a> = HashMap<Place, Vec<&'a RegistryValue>>;

/// The values of those places that are among the parts.
fn by_place<'a>(policy: &'a Policy, parts: &HashSet<Part>) -> ByPlace<'a> {
    let mut values = ByPlace::new();
    if !parts.iter().any(|part| matches!(part, Part::Value(_))) {
        return values;
    }
    for value in &policy.other_values {
        let place = value.place_of();
        if parts.contains(&Part::Value(place.clone())) {
            values.entry(place).or_default().push(value);
        }
    }
    values
}

/// The values of `newest` in their order, with what is mine in the places that I changed.
fn joined(newest: &Policy, ours: &HashSet<Part>, mut mine: ByPlace<'_>) -> Vec<RegistryValue> {
    let mut values = Vec::with_capacity(newest.other_values.len());
    for value in &newest.other_values {
        let place = value.place_of();
        if let Some(instead) = mine.remove(&place) {
            values.extend(instead.into_iter().cloned());
        } else if !ours.contains(&Part::Value(place)) {
            values.push(value.clone());
        }
    }
    let mut added: Vec<_> = mine.into_iter().collect();
    added.sort_by(|(a, _), (b, _)| a.cmp(b));
    values.extend(added.into_iter().flat_map(|(_, values)| values).cloned());
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hive, Mode, RegistryData, Setting};

    fn value(name: &str, number: u32) -> RegistryValue {
        RegistryValue {
            hive: Hive::CurrentUser,
            key: "Software\\X".to_owned(),
            name: name.to_owned(),
            data: RegistryData::Dword(number),
            option: None,
        }
    }

    fn base() -> Policy {
        let mut policy = Policy::new("Branch")
            .with("disable-voice", Setting::On)
            .with("disable-video", Setting::On);
        policy.other_values = vec![value("a", 1), value("b", 1), value("c", 1)];
        policy
    }

    fn changed(change: impl FnOnce(&mut Policy)) -> Policy {
        let mut policy = base();
        change(&mut policy);
        policy
    }

    #[test]
    fn changes_of_different_options_and_values_go_together() {
        let newest = changed(|it| {
            it.set("disable-voice", Setting::Off);
            it.description = "theirs".to_owned();
            it.other_values.remove(0);
            it.other_values.push(value("d", 4));
        });
        let mine = changed(|it| {
            it.set("disable-video", Setting::NotSet);
            it.set("disable-phone", Setting::On);
            it.mode = Mode::ExportOnly;
            it.other_values[2] = value("C", 3);
            it.other_values.push(value("e", 5));
        });
        let merged = merge(&base(), &newest, &mine).unwrap();
        let mut expected = Policy::new("Branch")
            .with("disable-voice", Setting::Off)
            .with("disable-phone", Setting::On);
        expected.description = "theirs".to_owned();
        expected.mode = Mode::ExportOnly;
        expected.other_values = vec![value("b", 1), value("C", 3), value("d", 4), value("e", 5)];
        assert_eq!(merged, expected);
    }

    #[test]
    fn whoever_changes_nothing_takes_nothing_back() {
        let theirs = changed(|it| {
            it.set("disable-voice", Setting::NotSet);
            it.other_values.clear();
        });
        assert_eq!(merge(&base(), &theirs, &base()).unwrap(), theirs);
        assert_eq!(merge(&base(), &base(), &theirs).unwrap(), theirs);
        assert_eq!(merge(&base(), &theirs, &theirs).unwrap(), theirs);
    }

    #[test]
    fn the_same_option_or_value_changed_to_something_else_is_a_clash() {
        let clash = |theirs: Policy, mine: Policy| {
            let clashes = merge(&base(), &theirs, &mine).unwrap_err();
            clashes.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let theirs = changed(|it| {
            it.set("disable-voice", Setting::Off);
            it.set("disable-phone", Setting::On);
        });
        let mine = changed(|it| it.set("disable-voice", Setting::NotSet));
        assert_eq!(
            clash(theirs, mine),
            ["No voice between computers: from on to off"]
        );
        let theirs = changed(|it| it.other_values[1] = value("b", 2));
        let mine = changed(|it| it.other_values[1] = value("B", 3));
        assert_eq!(clash(theirs, mine).len(), 2);
        let theirs = changed(|it| _ = it.other_values.remove(1));
        let mine = changed(|it| it.other_values[1] = value("b", 3));
        assert_eq!(clash(theirs, mine).len(), 1);
        let theirs = changed(|it| it.description = "theirs".to_owned());
        let mine = changed(|it| it.description = "mine".to_owned());
        assert_eq!(clash(theirs, mine).len(), 1);
    }
}
