//! What is forbidden to whom: worked out once when policies, assignments, groups or users change,
//! so that a message costs a look into a map.

use crate::groups::GroupsNow;
use policies::{Assigned, Effect, Feature, FeatureSet, Policy, Target, effective};
use rvp::Alias;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A policy, for whom it counts, and how strongly.
#[derive(Clone, Debug)]
pub struct AssignedPolicy {
    /// The policy.
    pub policy: Policy,
    /// For whom it counts.
    pub targets: Vec<Target>,
    /// Among policies that reach a user in the same way the greater wins.
    pub priority: i32,
}

impl AssignedPolicy {
    /// As the policy library takes it.
    #[must_use]
    pub fn assigned(&self) -> Assigned<'_> {
        Assigned {
            policy: &self.policy,
            targets: &self.targets,
            priority: self.priority,
        }
    }
}

/// What is forbidden to one user, and by which policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    forbidden: FeatureSet,
    by: Vec<(Feature, Arc<str>)>,
}

impl Rules {
    fn of(policies: &[Assigned<'_>], user: &str, groups: &[&str]) -> Self {
        let effective = effective(policies, user, groups, Effect::Wire);
        let against = |feature| {
            let decision = effective.against(feature)?;
            Some((feature, Arc::from(decision.winner.policy.as_str())))
        };
        let by: Vec<_> = Feature::ALL.into_iter().filter_map(against).collect();
        Self {
            forbidden: by.iter().map(|(feature, _)| *feature).collect(),
            by,
        }
    }

    /// The first of these features that is forbidden, and the policy that forbids it.
    pub(super) fn against(&self, features: FeatureSet) -> Option<(Feature, Arc<str>)> {
        let feature = features.intersection(self.forbidden).iter().next()?;
        let (_, policy) = self.by.iter().find(|(f, _)| *f == feature)?;
        Some((feature, policy.clone()))
    }
}

/// What is forbidden to everybody, and to those for whom it is something else.
#[derive(Clone, Debug, Default)]
pub struct Table {
    everyone: Rules,
    users: HashMap<Alias, Arc<Rules>>,
}

impl Table {
    /// Works it out.
    #[must_use]
    pub fn new(policies: &[AssignedPolicy], groups: &GroupsNow) -> Self {
        let assigned: Vec<_> = policies.iter().map(AssignedPolicy::assigned).collect();
        let (mut named, mut relevant) = (BTreeSet::new(), BTreeSet::new());
        let wire = policies.iter().filter(|p| p.policy.mode.enforces());
        for target in wire.flat_map(|p| &p.targets) {
            match target {
                Target::Everyone => {}
                Target::Group(name) => relevant.extend(Alias::new(name)),
                Target::User(name) => named.extend(Alias::new(name)),
            }
        }
        let members = relevant.iter().filter_map(|group| groups.get(group));
        let reached: BTreeSet<_> = members
            .flat_map(|group| group.members.iter())
            .chain(&named)
            .cloned()
            .collect();
        // Users in the same groups, with no policy of their own, share what is worked out.
        let mut situations: HashMap<(Vec<&str>, Option<&Alias>), Arc<Rules>> = HashMap::new();
        let mut users = HashMap::with_capacity(reached.len());
        for user in &reached {
            let of: Vec<&str> = relevant
                .iter()
                .filter(|group| groups.of(user).contains(group))
                .map(Alias::as_str)
                .collect();
            let own = named.get(user);
            let rules = situations
                .entry((of.clone(), own))
                .or_insert_with(|| Arc::new(Rules::of(&assigned, user.as_str(), &of)));
            users.insert(user.clone(), rules.clone());
        }
        Self {
            everyone: Rules::of(&assigned, "", &[]),
            users,
        }
    }

    /// What is forbidden to a user.
    pub(super) fn rules(&self, user: &Alias) -> &Rules {
        self.users.get(user).map_or(&self.everyone, |rules| rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{GroupRow, MemberRow};
    use policies::{Mode, Setting};

    fn groups(members: &[(&str, &str)]) -> GroupsNow {
        let group = GroupRow {
            name: "branch".to_owned(),
            spelled: "Branch".to_owned(),
            description: String::new(),
            created_ms: 0,
        };
        let member = |(group, alias): &(&str, &str)| MemberRow {
            group_name: (*group).to_owned(),
            alias: (*alias).to_owned(),
        };
        let members: Vec<_> = members.iter().map(member).collect();
        GroupsNow::of_rows(&[group], &members)
    }

    fn policy(setting: Setting, target: Target) -> AssignedPolicy {
        AssignedPolicy {
            policy: Policy::new(target.to_string()).with("disable-file-transfer", setting),
            targets: vec![target],
            priority: 0,
        }
    }

    fn forbids(table: &Table, user: &str) -> Option<String> {
        let files = FeatureSet::from_iter([Feature::FileTransfer]);
        let rules = table.rules(&Alias::new(user).unwrap());
        rules.against(files).map(|(_, policy)| policy.to_string())
    }

    #[test]
    fn a_group_is_forbidden_what_others_may() {
        let policies = [policy(Setting::On, Target::Group("BRANCH".to_owned()))];
        let table = Table::new(&policies, &groups(&[("branch", "bob")]));
        assert_eq!(forbids(&table, "bob").as_deref(), Some("group BRANCH"));
        assert_eq!(forbids(&table, "alice"), None);
        let left = Table::new(&policies, &groups(&[]));
        assert_eq!(forbids(&left, "bob"), None);
    }

    #[test]
    fn one_user_may_what_is_forbidden_to_the_group_and_to_everyone() {
        let policies = [
            policy(Setting::On, Target::Everyone),
            policy(Setting::On, Target::Group("branch".to_owned())),
            policy(Setting::Off, Target::User("Alice".to_owned())),
        ];
        let table = Table::new(
            &policies,
            &groups(&[("branch", "alice"), ("branch", "bob")]),
        );
        assert_eq!(forbids(&table, "alice"), None);
        assert_eq!(forbids(&table, "bob").as_deref(), Some("group branch"));
        assert_eq!(forbids(&table, "carol").as_deref(), Some("everyone"));
    }

    #[test]
    fn a_policy_for_files_alone_forbids_nothing_here() {
        let mut policies = [policy(Setting::On, Target::Everyone)];
        policies[0].policy.mode = Mode::ExportOnly;
        let table = Table::new(&policies, &GroupsNow::default());
        assert_eq!(forbids(&table, "alice"), None);
    }

    #[test]
    fn members_of_one_group_share_their_rules() {
        let members: Vec<_> = (0..500).map(|n| format!("user{n}")).collect();
        let pairs: Vec<_> = members.iter().map(|m| ("branch", m.as_str())).collect();
        let policies = [policy(Setting::On, Target::Group("branch".to_owned()))];
        let table = Table::new(&policies, &groups(&pairs));
        let mut rules = table.users.values();
        let first = rules.next().unwrap();
        assert!(rules.all(|other| Arc::ptr_eq(first, other)));
    }
}
