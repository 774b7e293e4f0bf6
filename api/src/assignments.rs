//! For whom policies count, and what counts for one user.

use crate::{Done, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For whom a policy counts, and how strongly.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Assignment {
    /// Every user.
    pub everyone: bool,
    /// The members of these groups, by name.
    pub groups: Vec<String>,
    /// These users, by alias.
    pub users: Vec<String>,
    /// Among policies that reach a user in the same way the greater wins.
    pub priority: i32,
}

impl Assignment {
    /// For every user.
    #[must_use]
    pub fn everyone() -> Self {
        Self {
            everyone: true,
            ..Self::default()
        }
    }

    /// Its fields, each with what it says: what is compared, and written down.
    #[must_use]
    pub fn fields(&self) -> [(&'static str, String); 4] {
        let everyone = if self.everyone { "yes" } else { "no" };
        [
            ("everyone", everyone.to_owned()),
            ("groups", self.groups.join(", ")),
            ("users", self.users.join(", ")),
            ("priority", self.priority.to_string()),
        ]
    }

    /// For whom, in words fit for the middle of a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        let list = |one: &str, several: &str, names: &[String]| match names {
            [] => None,
            [name] => Some(format!("{one} {name}")),
            names => Some(format!("{several} {}", names.join(", "))),
        };
        let parts = [
            self.everyone.then(|| "everyone".to_owned()),
            list("the group", "the groups", &self.groups),
            list("the user", "the users", &self.users),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            "nobody".to_owned()
        } else {
            parts.join(" and ")
        }
    }
}

/// For whom a policy counts, with what the page needs to change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyReach {
    /// Changes with every change of for whom it counts.
    #[serde(default)]
    pub revision: u32,
    /// For whom it counts.
    pub assignment: Assignment,
    /// The names of all groups.
    pub groups: Vec<String>,
    /// The proxy script that clients can fetch from the RVP listener.
    pub script: ScriptState,
}

/// Whether a policy's proxy settings are served as a script.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScriptState {
    /// Where clients fetch it.
    pub url: String,
    /// The policy that it comes from; none: it is switched off.
    pub policy: Option<String>,
    /// Why there is none although it is switched on.
    pub problem: Option<String>,
}

/// What one policy says of an option, and how it reaches the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Say {
    /// The policy.
    pub policy: String,
    /// How it reaches the user: `everyone`, `group branch`, `user alice`.
    pub through: String,
    /// Its priority.
    pub priority: i32,
    /// What it chooses.
    pub value: String,
}

/// One option that counts for a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EffectiveOption {
    /// Its name in policies.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Where it has effect: in files, on the wire, or both, in words.
    pub effect: String,
    /// The policy that decides.
    pub decided: Say,
    /// What other policies say, strongest first.
    pub overruled: Vec<Say>,
}

/// All that counts for one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EffectivePolicy {
    /// Whose.
    pub alias: String,
    /// The groups that the user is in.
    pub groups: Vec<String>,
    /// What the server refuses, in words.
    pub refused: Vec<String>,
    /// The options, by title.
    pub options: Vec<EffectiveOption>,
}

/// For whom a policy counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetReach {
    /// The policy.
    pub name: String,
}
operation!(GetReach = "policies.get-reach", Query, Viewer, Get "/policies/{name}/assignment", PolicyReach);

/// Set for whom a policy counts; what is left out stays. What others changed since the revision
/// that is named stays, too, unless the command changes the same. Gives for whom it counts then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssignPolicy {
    /// The policy.
    pub name: String,
    /// The revision that the command goes by; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
    /// Every user.
    #[serde(default)]
    pub everyone: Option<bool>,
    /// The members of these groups, by name, and of no others.
    #[serde(default)]
    pub groups: Option<Vec<String>>,
    /// These users, by alias, and no others.
    #[serde(default)]
    pub users: Option<Vec<String>>,
    /// Among policies that reach a user in the same way the greater wins.
    #[serde(default)]
    pub priority: Option<i32>,
}
operation!(AssignPolicy = "policies.assign", Command, Administrator, Patch "/policies/{name}/assignment", Assignment);

impl AssignPolicy {
    /// Everything as this says.
    #[must_use]
    pub fn whole(name: String, revision: Option<u32>, wanted: Assignment) -> Self {
        Self {
            name,
            revision,
            everyone: Some(wanted.everyone),
            groups: Some(wanted.groups),
            users: Some(wanted.users),
            priority: Some(wanted.priority),
        }
    }
}

/// What counts for a user, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetEffective {
    /// Whose.
    pub alias: String,
}
operation!(GetEffective = "users.get-effective", Query, Viewer, Get "/users/{alias}/policy", EffectivePolicy);

/// Serve the proxy settings of a policy as a script; without a policy none is served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServeProxyScript {
    /// The policy.
    #[serde(default)]
    pub policy: Option<String>,
}
operation!(ServeProxyScript = "policies.serve-proxy-script", Command, Administrator, Put "/proxy-script", Done);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_whom_is_said_in_words() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        let mut assignment = Assignment::default();
        assert_eq!(assignment.words(), "nobody");
        assignment.groups = names(&["branch"]);
        assignment.users = names(&["alice", "bob"]);
        assert_eq!(
            assignment.words(),
            "the group branch and the users alice, bob"
        );
        assert_eq!(Assignment::everyone().words(), "everyone");
    }
}
