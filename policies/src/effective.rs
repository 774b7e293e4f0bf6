//! Several policies and one user: which setting counts, and why. A pure
//! function of the policies, the user's name and the user's groups.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Catalogue, Choice, Feature, FeatureSet, OptionId, Policy, RegistryValue, Setting};

/// For whom a policy counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Every user.
    Everyone,
    /// The members of a group, by its name.
    Group(String),
    /// One user, by alias.
    User(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Group(group) => write!(f, "group {group}"),
            Self::User(user) => write!(f, "user {user}"),
        }
    }
}

/// A policy, for whom it counts, and how strongly.
#[derive(Debug, Clone, Copy)]
pub struct Assigned<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// For whom it counts; for nobody when empty.
    pub targets: &'a [Target],
    /// Among policies that reach a user in the same way the greater number wins.
    pub priority: i32,
}

/// Where the settings are to have effect; policies may be for one of the two
/// only ([`Mode`](crate::Mode)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// In exported files.
    Files,
    /// On the wire.
    Wire,
}

/// A policy's say on one option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The policy's name.
    pub policy: String,
    /// How it reaches the user.
    pub target: Target,
    /// Its priority.
    pub priority: i32,
    /// What it chooses.
    pub choice: Choice,
}

/// What counts for one option, and what it won against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What counts.
    pub winner: Vote,
    /// What other policies chose, strongest first.
    pub overruled: Vec<Vote>,
}

/// All that counts for one user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effective {
    /// What counts, by option.
    pub decisions: BTreeMap<OptionId, Decision>,
    /// Values that no option knows, from all policies that reach the user; in files alone.
    pub other_values: Vec<RegistryValue>,
}

impl Effective {
    /// The features that the user may not use.
    #[must_use]
    pub fn forbidden(&self) -> FeatureSet {
        Feature::ALL
            .into_iter()
            .filter(|feature| self.against(*feature).is_some())
            .collect()
    }

    /// The decision that forbids a feature, if it is forbidden.
    #[must_use]
    pub fn against(&self, feature: Feature) -> Option<&Decision> {
        let option = Catalogue::get().option_against(feature)?;
        let decision = self.decisions.get(option.id)?;
        (decision.winner.choice.setting == Setting::On).then_some(decision)
    }

    /// The settings as one policy of this name, to be exported.
    #[must_use]
    pub fn policy(&self, name: impl Into<String>) -> Policy {
        Policy {
            settings: self
                .decisions
                .iter()
                .map(|(id, d)| (id.clone(), d.winner.choice.clone()))
                .collect(),
            other_values: self.other_values.clone(),
            ..Policy::new(name)
        }
    }
}

/// How close a target is to the user: a policy for the user alone is stronger
/// than one for a group, and that stronger than one for everyone. NT system
/// policies are ordered so, too (KB Q161334).
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Everyone,
    Group,
    User,
}

/// What counts for `user`, a member of `groups`. Names are compared without
/// regard to case. Policies that are equally close and of the same priority
/// are taken in the order of their names.
#[must_use]
pub fn effective(
    policies: &[Assigned<'_>],
    user: &str,
    groups: &[&str],
    effect: Effect,
) -> Effective {
    let mut reaching: Vec<(Closeness, &Target, &Assigned<'_>)> = policies
        .iter()
        .filter(|assigned| match effect {
            Effect::Files => assigned.policy.mode.exports(),
            Effect::Wire => assigned.policy.mode.enforces(),
        })
        .filter_map(|assigned| {
            let reached = |target| Some((closeness(target, user, groups)?, target));
            let (closeness, target) = assigned.targets.iter().filter_map(reached).max()?;
            Some((closeness, target, assigned))
        })
        .collect();
    reaching.sort_by(|a, b| {
        let strength = |r: &(Closeness, &Target, &Assigned<'_>)| r.2.priority;
        b.0.cmp(&a.0)
            .then_with(|| Reverse(strength(a)).cmp(&Reverse(strength(b))))
            .then_with(|| a.2.policy.name.cmp(&b.2.policy.name))
    });

    let mut effective = Effective::default();
    let mut known = HashSet::new();
    for (_, target, assigned) in reaching {
        for (id, choice) in &assigned.policy.settings {
            if choice.setting == Setting::NotSet {
                continue;
            }
            let vote = Vote {
                policy: assigned.policy.name.clone(),
                target: target.clone(),
                priority: assigned.priority,
                choice: choice.clone(),
            };
            match effective.decisions.get_mut(id) {
                Some(decision) => decision.overruled.push(vote),
                None => {
                    effective.decisions.insert(
                        id.clone(),
                        Decision {
                            winner: vote,
                            overruled: Vec::new(),
                        },
                    );
                }
            }
        }
        // Nothing on the wire reads values that no option knows.
        if effect == Effect::Files {
            let others = assigned.policy.other_values.iter();
            let first = others.filter(|value| known.insert(value.place_of()));
            effective.other_values.extend(first.cloned());
        }
    }
    effective
}

fn closeness(target: &Target, user: &str, groups: &[&str]) -> Option<Closeness> {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    match target {
        Target::Everyone => Some(Closeness::Everyone),
        Target::Group(group) => groups
            .iter()
            .any(|g| same(g, group))
            .then_some(Closeness::Group),
        Target::User(name) => same(name, user).then_some(Closeness::User),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mode;

    fn policy(name: &str, setting: Setting) -> Policy {
        Policy::new(name).with("disable-file-transfer", setting)
    }

    fn decided(
        policies: &[Assigned<'_>],
        user: &str,
        groups: &[&str],
    ) -> Option<(String, Vec<String>)> {
        let mut effective = effective(policies, user, groups, Effect::Wire);
        let decision = effective.decisions.remove("disable-file-transfer")?;
        Some((
            decision.winner.policy,
            decision
                .overruled
                .into_iter()
                .map(|vote| vote.policy)
                .collect(),
        ))
    }

    #[test]
    fn the_closest_policy_wins_whatever_the_priority() {
        let (all, group, own) = (
            policy("all", Setting::On),
            policy("group", Setting::Off),
            policy("own", Setting::On),
        );
        let policies = [
            Assigned {
                policy: &all,
                targets: &[Target::Everyone],
                priority: 99,
            },
            Assigned {
                policy: &own,
                targets: &[Target::User("Alice".to_owned())],
                priority: 0,
            },
            Assigned {
                policy: &group,
                targets: &[Target::Group("Branch".to_owned())],
                priority: 5,
            },
        ];
        let outcome = |user, groups: &[&str]| decided(&policies, user, groups).unwrap();
        assert_eq!(outcome("alice", &["branch"]).0, "own");
        assert_eq!(outcome("alice", &["branch"]).1, ["group", "all"]);
        assert_eq!(outcome("bob", &["BRANCH", "other"]).0, "group");
        assert_eq!(outcome("carol", &[]), ("all".to_owned(), vec![]));
    }

    #[test]
    fn among_equals_priority_and_then_the_name_decides() {
        let (b, a, c) = (
            policy("b", Setting::On),
            policy("a", Setting::Off),
            policy("c", Setting::Off),
        );
        let targets = [Target::Everyone];
        let assigned = |policy, priority| Assigned {
            policy,
            targets: &targets,
            priority,
        };
        let order = decided(
            &[assigned(&b, 1), assigned(&a, 1), assigned(&c, 2)],
            "x",
            &[],
        )
        .unwrap();
        assert_eq!(
            order,
            ("c".to_owned(), vec!["a".to_owned(), "b".to_owned()])
        );
    }

    #[test]
    fn off_for_one_user_lifts_what_is_forbidden_for_all() {
        let (all, own) = (policy("all", Setting::On), policy("own", Setting::Off));
        let policies = [
            Assigned {
                policy: &all,
                targets: &[Target::Everyone],
                priority: 0,
            },
            Assigned {
                policy: &own,
                targets: &[Target::User("alice".to_owned())],
                priority: 0,
            },
        ];
        let forbidden = |user| effective(&policies, user, &[], Effect::Wire).forbidden();
        assert!(forbidden("alice").is_empty());
        assert!(forbidden("bob").contains(Feature::FileTransfer));
    }

    #[test]
    fn a_policy_for_files_alone_has_no_say_on_the_wire() {
        let mut files = policy("files", Setting::Off);
        files.mode = Mode::ExportOnly;
        let wire = policy("wire", Setting::On);
        let policies = [
            Assigned {
                policy: &files,
                targets: &[Target::User("alice".to_owned())],
                priority: 0,
            },
            Assigned {
                policy: &wire,
                targets: &[Target::Everyone],
                priority: 0,
            },
        ];
        let on_wire = effective(&policies, "alice", &[], Effect::Wire);
        assert_eq!(
            on_wire
                .against(Feature::FileTransfer)
                .unwrap()
                .winner
                .policy,
            "wire"
        );
        let in_files = effective(&policies, "alice", &[], Effect::Files).policy("alice");
        assert_eq!(*in_files.setting("disable-file-transfer"), Setting::Off);
    }

    #[test]
    fn a_policy_without_a_target_reaches_nobody() {
        let nobody = policy("nobody", Setting::On);
        assert_eq!(
            decided(
                &[Assigned {
                    policy: &nobody,
                    targets: &[],
                    priority: 0
                }],
                "alice",
                &[]
            ),
            None
        );
    }
}
