//! For whom policies count, and what counts for one user, with why.

use super::change::Change;
use super::groups::wanted;
use super::policies::{Draft, read};
use super::{Admin, internal, invalid, require};
use crate::enforcement::AssignedPolicy;
use crate::groups::GroupsNow;
use crate::store::{AssignmentRow, PolicyRow, Snapshot};
use api::Actor;
use api::{Assignment, EffectiveOption, EffectivePolicy, PolicyReach, PolicySummary, Role, Say};
use policies::{Catalogue, Decision, Effect, Effective, Target, Vote, effective};
use rvp::Alias;
use std::collections::BTreeSet;
use std::sync::Arc;
use web::off_thread;

/// Bounds of a priority.
const PRIORITIES: std::ops::RangeInclusive<i32> = -1000..=1000;

impl Admin {
    /// For whom a policy counts; for a policy that is to be made, under an empty name.
    pub async fn policy_reach(&self, name: &str) -> Result<PolicyReach, api::Error> {
        let groups = self.groups_now().await?;
        let assignment = if name.is_empty() {
            Assignment::default()
        } else {
            let name = self.policy_row(name).await?.name;
            let rows = self.store.assignments().await.map_err(internal)?;
            kept(rows, &name, &groups)
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
    ) -> Result<PolicySummary, api::Error> {
        require(actor, Role::Administrator)?;
        let draft = Draft::read(policy_json, comment).await?;
        let meant = Meant::read(assignment)?;
        let mut change = self.begin(actor).await?;
        let saved = change.save(draft, 0).await?;
        change.assign(&saved.name, meant).await?;
        change.commit_followed(|_| ()).await?;
        Ok(saved)
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
    ) -> Result<PolicySummary, api::Error> {
        require(actor, Role::Administrator)?;
        let draft = Draft::read(policy_json, comment).await?;
        let meant = assignment.map(Meant::read).transpose()?;
        let mut change = self.begin(actor).await?;
        let before = change.rows.policy(&draft.policy.name).await;
        let before = before.map_err(internal)?;
        if let Some(before) = before.as_ref().filter(|_| !replace) {
            return Err(api::Error::Conflict(format!(
                "There is a policy {} already, and nothing was changed. Choose another name, or say that it is to be replaced (--replace, or the box on the page): that makes a new revision of it.",
                before.name
            )));
        }
        let newest = before.as_ref().map_or(0, |row| row.revision);
        let base = u32::try_from(newest).unwrap_or(u32::MAX);
        let saved = change.save(draft, base).await?;
        if let Some(meant) = meant {
            change.assign(&saved.name, meant).await?;
        } else if before.is_none() {
            let nobody = Meant::read(&Assignment::default())?;
            change.assign(&saved.name, nobody).await?;
        }
        change.commit_followed(|_| ()).await?;
        Ok(saved)
    }

    /// Sets for whom a policy counts. It has effect at once.
    pub async fn assign_policy(
        &self,
        actor: &Actor,
        name: &str,
        assignment: &Assignment,
    ) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let meant = Meant::read(assignment)?;
        let mut change = self.begin(actor).await?;
        let name = change.policy_named(name).await?.name;
        change.assign(&name, meant).await?;
        change.commit_followed(|_| ()).await.map(drop)
    }

    /// What counts for a user, and why.
    pub async fn effective_policy(&self, alias: &str) -> Result<EffectivePolicy, api::Error> {
        let alias = Self::alias(alias)?;
        // Says that there is no such user, where there is none.
        self.list_of(&alias).await?;
        let rows = self.store.snapshot().await.map_err(internal)?;
        off_thread(move || Ok(counting(&rows, &alias))).await
    }

    /// All policies with for whom they count, and the groups of that moment.
    pub(super) async fn assigned_policies(
        &self,
    ) -> Result<(GroupsNow, Vec<AssignedPolicy>), api::Error> {
        let rows = self.store.snapshot().await.map_err(internal)?;
        Ok(off_thread(move || {
            let groups = GroupsNow::of_rows(&rows.groups, &rows.members);
            let policies = assigned(&rows.policies, &rows.assignments, &groups);
            (groups, policies)
        })
        .await)
    }
}

/// What counts for a user by these rows. It may take a while.
fn counting(rows: &Snapshot, alias: &Alias) -> EffectivePolicy {
    let groups = GroupsNow::of_rows(&rows.groups, &rows.members);
    let policies = assigned(&rows.policies, &rows.assignments, &groups);
    let assigned: Vec<_> = policies.iter().map(AssignedPolicy::assigned).collect();
    let of: Vec<&str> = groups.of(alias).iter().map(Alias::as_str).collect();
    let counts = |effect| effective(&assigned, alias.as_str(), &of, effect);
    let (files, wire) = (counts(Effect::Files), counts(Effect::Wire));
    EffectivePolicy {
        groups: Admin::groups_of(&groups, alias),
        refused: wire
            .forbidden()
            .iter()
            .map(|f| f.title().to_owned())
            .collect(),
        options: options(&files, &wire),
        alias: alias.to_string(),
    }
}

/// For whom somebody means a policy to count, as far as it can be checked without looking.
struct Meant {
    assignment: Assignment,
    users: BTreeSet<Alias>,
}

impl Meant {
    fn read(assignment: &Assignment) -> Result<Self, api::Error> {
        if !PRIORITIES.contains(&assignment.priority) {
            return Err(invalid(
                "priority",
                "The priority must be a number from -1000 to 1000. The greater wins.",
            ));
        }
        Ok(Self {
            users: wanted(&assignment.users).map_err(about_users)?,
            assignment: assignment.clone(),
        })
    }
}

impl Change<'_> {
    /// Lets a policy count for those who are meant; all of them must exist.
    async fn assign(&mut self, policy: &str, meant: Meant) -> Result<(), api::Error> {
        let rows = self.rows.assignments().await.map_err(internal)?;
        let known = rows.iter().any(|a| a.policy.eq_ignore_ascii_case(policy));
        let before = kept(rows, policy, &self.groups().await?);
        let Meant { assignment, users } = meant;
        let mut groups = BTreeSet::new();
        for name in &assignment.groups {
            let group = self.group_named(name).await.map_err(|error| match error {
                api::Error::NotFound(_) => invalid(
                    "groups",
                    format!("There is no group {name}. Make it first, or leave it out."),
                ),
                error => error,
            })?;
            groups.insert(group.name);
        }
        let row = AssignmentRow {
            policy: policy.to_owned(),
            everyone: assignment.everyone,
            priority: i64::from(assignment.priority),
            groups: groups.into_iter().collect(),
            users: self.existing(users).await.map_err(about_users)?,
        };
        self.rows.assign(&row).await.map_err(internal)?;
        let mut detail = told(&assignment);
        if known {
            detail = format!("{detail}; before: {}", told(&before));
        }
        self.audit("policy.assign", policy, detail);
        Ok(())
    }

    /// The groups, with what this change does to them.
    async fn groups(&mut self) -> Result<GroupsNow, api::Error> {
        let groups = self.rows.groups().await.map_err(internal)?;
        Ok(GroupsNow::of_rows(&groups, &[]))
    }
}

/// A refusal of members, where the users of an assignment are meant.
fn about_users(error: api::Error) -> api::Error {
    match error {
        api::Error::Invalid { message, .. } => api::Error::invalid(
            "users",
            message.replace("Nobody was added.", "Nothing was changed."),
        ),
        error => error,
    }
}

/// Policies with for whom they count.
pub(super) fn assigned(
    policies: &[Arc<PolicyRow>],
    assignments: &[AssignmentRow],
    groups: &GroupsNow,
) -> Vec<AssignedPolicy> {
    let assigned = |row: &PolicyRow| {
        let mut policy = match read(row) {
            Ok(policy) => policy,
            Err(error) => {
                tracing::error!(policy = row.name, %error, "a policy was passed over: it cannot be read");
                return None;
            }
        };
        // The name as it was first typed is what people see.
        policy.name.clone_from(&row.name);
        let assignment = assignments
            .iter()
            .find(|a| a.policy.eq_ignore_ascii_case(&row.name));
        Some(AssignedPolicy {
            policy,
            targets: assignment.map_or_else(Vec::new, |a| targets(a, groups)),
            priority: assignment.map_or(0, |a| priority(a.priority)),
        })
    };
    policies.iter().filter_map(|row| assigned(row)).collect()
}

/// For whom a policy counts by these rows.
fn kept(rows: Vec<AssignmentRow>, policy: &str, groups: &GroupsNow) -> Assignment {
    let row = rows
        .into_iter()
        .find(|a| a.policy.eq_ignore_ascii_case(policy))
        .unwrap_or_default();
    Assignment {
        everyone: row.everyone,
        groups: row.groups.iter().map(|g| spelled(groups, g)).collect(),
        users: row.users,
        priority: priority(row.priority),
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
