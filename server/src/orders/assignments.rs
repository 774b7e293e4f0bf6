//! For whom policies count, and what counts for one user, with why.

use super::policies::read;
use super::{Orders, internal, invalid, require};
use crate::enforcement::AssignedPolicy;
use crate::groups::GroupsNow;
use crate::store::AssignmentRow;
use policies::{Catalogue, Decision, Effect, Effective, Policy, Target, Vote, effective};
use rvp::Alias;
use web::backend::{Actor, BackendError};
use web::model::{
    Assignment, EffectiveOption, EffectivePolicy, PolicyReach, PolicySummary, Role, Say,
};

/// Bounds of a priority.
const PRIORITIES: std::ops::RangeInclusive<i32> = -1000..=1000;

impl Orders {
    /// For whom a policy counts; for a policy that is to be made, under an empty name.
    pub async fn policy_reach(&self, name: &str) -> Result<PolicyReach, BackendError> {
        let groups = self.groups_now().await?;
        let assignment = if name.is_empty() {
            Assignment::default()
        } else {
            let name = self.policy(name).await?.summary.name;
            self.assignment(&name, &groups).await?
        };
        Ok(PolicyReach {
            assignment,
            groups: groups.iter().map(|(_, g)| g.spelled.to_string()).collect(),
            script: self.script_state().await?,
        })
    }

    /// Makes a policy that counts for these from its first moment on.
    pub async fn create_policy(
        &self,
        actor: &Actor,
        policy_json: &str,
        comment: &str,
        assignment: &Assignment,
    ) -> Result<PolicySummary, BackendError> {
        require(actor, Role::Administrator)?;
        let policy: Policy = serde_json::from_str(policy_json)
            .map_err(|e| invalid("policy", format!("The policy cannot be read: {e}.")))?;
        let name = policy.name.trim();
        let taken = self.store.policy(name).await.map_err(internal)?.is_some();
        if taken {
            // It says that the name is taken, and changes nothing.
            return self.save_policy(actor, policy_json, 0, comment).await;
        }
        let row = self.checked_assignment(name, assignment).await?;
        self.store.assign(&row).await.map_err(internal)?;
        let saved = self.save_policy(actor, policy_json, 0, comment).await;
        match &saved {
            Ok(_) => {
                let detail = told(assignment);
                self.audit(actor, "policy.assign", name, detail).await?;
            }
            Err(_) => self.store.unassign(name).await.map_err(internal)?,
        }
        saved
    }

    /// Saves what became of imported files. Under a new name it counts for `assignment`, else
    /// for nobody. A policy of that name is only touched where `replace` says so: it gets a new
    /// revision, and counts for whom it did unless `assignment` says something else.
    pub async fn import_policy(
        &self,
        actor: &Actor,
        policy_json: &str,
        comment: &str,
        assignment: Option<&Assignment>,
        replace: bool,
    ) -> Result<PolicySummary, BackendError> {
        require(actor, Role::Administrator)?;
        let policy: Policy = serde_json::from_str(policy_json)
            .map_err(|e| invalid("policy", format!("The policy cannot be read: {e}.")))?;
        let before = self.store.policy(policy.name.trim()).await;
        let Some(before) = before.map_err(internal)? else {
            let nobody = Assignment::default();
            let assignment = assignment.unwrap_or(&nobody);
            return self
                .create_policy(actor, policy_json, comment, assignment)
                .await;
        };
        if !replace {
            return Err(BackendError::Conflict(format!(
                "There is a policy {} already, and nothing was changed. Choose another name, or say that it is to be replaced (--replace, or the box on the page): that makes a new revision of it.",
                before.name
            )));
        }
        if let Some(assignment) = assignment {
            // Whom it names must exist before anything is saved.
            self.checked_assignment(&before.name, assignment).await?;
        }
        let base = u32::try_from(before.revision).unwrap_or(u32::MAX);
        let saved = self.save_policy(actor, policy_json, base, comment).await?;
        if let Some(assignment) = assignment {
            self.assign_policy(actor, &saved.name, assignment).await?;
        }
        Ok(saved)
    }

    /// Sets for whom a policy counts. It has effect at once.
    pub async fn assign_policy(
        &self,
        actor: &Actor,
        name: &str,
        assignment: &Assignment,
    ) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        let name = self.policy(name).await?.summary.name;
        let before = self.assignment(&name, &*self.groups_now().await?).await?;
        let row = self.checked_assignment(&name, assignment).await?;
        self.store.assign(&row).await.map_err(internal)?;
        self.redraw().await?;
        let detail = format!("{}; before: {}", told(assignment), told(&before));
        self.audit(actor, "policy.assign", &name, detail).await
    }

    /// What counts for a user, and why.
    pub async fn effective_policy(&self, alias: &str) -> Result<EffectivePolicy, BackendError> {
        let alias = Self::alias(alias)?;
        // Says that there is no such user, where there is none.
        self.list_of(&alias).await?;
        let groups = self.groups_now().await?;
        let policies = self.assigned_policies(&groups).await?;
        let assigned: Vec<_> = policies.iter().map(AssignedPolicy::assigned).collect();
        let of: Vec<&str> = groups.of(&alias).iter().map(Alias::as_str).collect();
        let counts = |effect| effective(&assigned, alias.as_str(), &of, effect);
        let (files, wire) = (counts(Effect::Files), counts(Effect::Wire));
        Ok(EffectivePolicy {
            groups: Self::groups_of(&groups, &alias),
            refused: wire
                .forbidden()
                .iter()
                .map(|f| f.title().to_owned())
                .collect(),
            options: options(&files, &wire),
            alias: alias.to_string(),
        })
    }

    /// All policies with for whom they count.
    pub(super) async fn assigned_policies(
        &self,
        groups: &GroupsNow,
    ) -> Result<Vec<AssignedPolicy>, BackendError> {
        let rows = self.store.policies().await.map_err(internal)?;
        let assignments = self.store.assignments().await.map_err(internal)?;
        rows.iter()
            .map(|row| {
                let mut policy = read(row)?;
                // The name as it was first typed is what people see.
                policy.name.clone_from(&row.name);
                let assignment = assignments
                    .iter()
                    .find(|a| a.policy.eq_ignore_ascii_case(&row.name));
                Ok(AssignedPolicy {
                    policy,
                    targets: assignment.map_or_else(Vec::new, |a| targets(a, groups)),
                    priority: assignment.map_or(0, |a| priority(a.priority)),
                })
            })
            .collect()
    }

    async fn assignment(
        &self,
        policy: &str,
        groups: &GroupsNow,
    ) -> Result<Assignment, BackendError> {
        let rows = self.store.assignments().await.map_err(internal)?;
        let row = rows
            .into_iter()
            .find(|a| a.policy.eq_ignore_ascii_case(policy));
        let row = row.unwrap_or_default();
        Ok(Assignment {
            everyone: row.everyone,
            groups: row.groups.iter().map(|g| spelled(groups, g)).collect(),
            users: row.users,
            priority: priority(row.priority),
        })
    }

    async fn checked_assignment(
        &self,
        policy: &str,
        assignment: &Assignment,
    ) -> Result<AssignmentRow, BackendError> {
        if !PRIORITIES.contains(&assignment.priority) {
            return Err(invalid(
                "priority",
                "The priority must be a number from -1000 to 1000. The greater wins.",
            ));
        }
        let now = self.groups_now().await?;
        let mut groups = Vec::new();
        for name in &assignment.groups {
            let key = Alias::new(name.trim())
                .ok()
                .filter(|key| now.get(key).is_some());
            let key = key.ok_or_else(|| {
                invalid(
                    "groups",
                    format!("There is no group {name}. Make it first, or leave it out."),
                )
            })?;
            groups.push(key.to_string());
        }
        groups.sort();
        groups.dedup();
        let users = self
            .users_named(&assignment.users)
            .await
            .map_err(|error| match error {
                BackendError::Invalid { message, .. } => BackendError::Invalid {
                    field: "users",
                    message: message.replace("Nobody was added.", "Nothing was changed."),
                },
                error => error,
            })?;
        Ok(AssignmentRow {
            policy: policy.to_owned(),
            everyone: assignment.everyone,
            priority: i64::from(assignment.priority),
            groups,
            users,
        })
    }
}

fn priority(stored: i64) -> i32 {
    i32::try_from(stored).unwrap_or(0)
}

fn spelled(groups: &GroupsNow, key: &str) -> String {
    let group = Alias::new(key)
        .ok()
        .and_then(|key| groups.get(&key).cloned());
    group.map_or_else(|| key.to_owned(), |group| group.spelled.to_string())
}

fn targets(row: &AssignmentRow, groups: &GroupsNow) -> Vec<Target> {
    let everyone = row.everyone.then_some(Target::Everyone);
    let of_groups = row.groups.iter().map(|g| Target::Group(spelled(groups, g)));
    let of_users = row.users.iter().cloned().map(Target::User);
    everyone
        .into_iter()
        .chain(of_groups)
        .chain(of_users)
        .collect()
}

fn told(assignment: &Assignment) -> String {
    format!(
        "counts for {}, priority {}",
        assignment.words(),
        assignment.priority
    )
}

/// The options of both effects, once where both agree.
fn options(files: &Effective, wire: &Effective) -> Vec<EffectiveOption> {
    let catalogue = Catalogue::get();
    let mut options = Vec::new();
    let ids = files.decisions.keys().chain(wire.decisions.keys());
    let mut ids: Vec<_> = ids.collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        let option = catalogue.option(id.as_str());
        let written = option.is_none_or(|option| !option.is_server_only());
        let enforced = option.is_some_and(|option| option.feature.is_some());
        let title = option.map_or(id.as_str(), |option| option.title);
        let mut add = |effect: &str, decision: &Decision| {
            options.push(EffectiveOption {
                id: id.to_string(),
                title: title.to_owned(),
                effect: effect.to_owned(),
                decided: say(&decision.winner),
                overruled: decision.overruled.iter().map(say).collect(),
            });
        };
        let in_files = files.decisions.get(id).filter(|_| written);
        let on_wire = wire.decisions.get(id).filter(|_| enforced);
        match (in_files, on_wire) {
            (Some(file), Some(wire)) if file == wire => add("files and server", file),
            (file, wire) => {
                if let Some(file) = file {
                    add("files", file);
                }
                if let Some(wire) = wire {
                    add("server", wire);
                }
            }
        }
    }
    options.sort_by(|a, b| a.title.cmp(&b.title));
    options
}

fn say(vote: &Vote) -> Say {
    Say {
        policy: vote.policy.clone(),
        through: vote.target.to_string(),
        priority: vote.priority,
        value: vote.choice.setting.to_string(),
    }
}
