//! Values kept from an imported file that the policy's own options make idle.

use std::collections::HashMap;

use super::{Problem, ProblemKind, Severity};
use crate::{Catalogue, Hive, Place, Policy, RegistryValue};

pub(super) fn kept(policy: &Policy, catalogue: &Catalogue) -> Vec<Problem> {
    if policy.other_values.is_empty() {
        return Vec::new();
    }
    let chosen = Policy {
        other_values: Vec::new(),
        settings: policy.settings.clone(),
        ..Policy::default()
    };
    let written: HashMap<Place, RegistryValue> = chosen
        .values(catalogue)
        .into_iter()
        .map(|value| (value.place_of(), value))
        .collect();
    let problems = policy.other_values.iter().filter_map(|kept| {
        let there = kept.place_of();
        let same = written.get(&there);
        let above = || {
            let above = written.get(&there.clone().under(Hive::LocalMachine));
            above.filter(|_| kept.hive == Hive::CurrentUser)
        };
        let place = || format!("{}\\{}", kept.path(), kept.name);
        let (kind, option, message) = if let Some(value) = same {
            let message = format!("the value {}, kept from a file, is not written, because this option writes the same value; take one of the two out", place());
            (ProblemKind::KeptAgainstOption, value, message)
        } else {
            let value = above()?;
            let message = format!("the value {}, kept from a file, has no effect, because this option writes the same value to HKLM and clients follow that, even where it says allowed; take one of the two out", place());
            (ProblemKind::MachineOverUser, value, message)
        };
        Some(Problem {
            severity: Severity::Warning,
            kind,
            option: option.option.clone(),
            message,
        })
    });
    problems.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Choice, RegistryData, Setting};

    fn policy(hive: Hive) -> Policy {
        let choice = Choice {
            setting: Setting::Off,
            hive: Some(hive),
        };
        let mut policy = Policy::new("x").with("disable-voice", choice);
        let mut kept = policy.values(Catalogue::get());
        kept[0].option = None;
        kept[0].hive = Hive::CurrentUser;
        kept[0].data = RegistryData::Dword(1);
        policy.other_values = kept;
        policy
    }

    fn kinds(policy: &Policy) -> Vec<ProblemKind> {
        let problems = kept(policy, Catalogue::get());
        problems.iter().map(|problem| problem.kind).collect()
    }

    #[test]
    fn what_an_option_writes_itself_is_said() {
        assert_eq!(
            kinds(&policy(Hive::CurrentUser)),
            [ProblemKind::KeptAgainstOption]
        );
    }

    #[test]
    fn what_hklm_overrides_is_said_even_where_it_allows() {
        let policy = policy(Hive::LocalMachine);
        assert_eq!(kinds(&policy), [ProblemKind::MachineOverUser]);
        assert!(kept(&policy, Catalogue::get())[0].message.contains("HKLM"));
    }

    #[test]
    fn what_stands_for_itself_is_not_a_problem() {
        let mut policy = policy(Hive::LocalMachine);
        policy.other_values[0].name = "Unheard".to_owned();
        assert_eq!(kinds(&policy), []);
    }
}
