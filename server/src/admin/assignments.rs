//! For whom policies count, and what counts for one user, with why.

use super::change::{Change, stale};
use super::groups::wanted;
use super::policies::read;
use super::registry::Handle;
use super::{Admin, internal, invalid, revision_number};
use crate::enforcement::AssignedPolicy;
use crate::groups::GroupsNow;
use crate::store::{AssignmentRow, FieldChange, Noun, PolicyRow, Snapshot, Thing};
use api::{
    Actor, AssignPolicy, Assignment, EffectiveOption, EffectivePolicy, Error, GetEffective,
    GetReach, PolicyReach, Say,
};
use policies::{Catalogue, Decision, Effect, Effective, Target, Vote, effective};
use rvp::Alias;
use std::collections::BTreeSet;
use std::sync::Arc;
use web::off_thread;

/// Bounds of a priority.
const PRIORITIES: std::ops::RangeInclusive<i32> = -1000..=1000;

impl Handle<GetReach> for Admin {
    async fn handle(&self, _: &Actor, asked: GetReach) -> Result<PolicyReach, Error> {
        let groups = self.groups_now().await?;
        let name = self.policy_row(&asked.name).await?.name;
        // The revision first: who goes by it has seen no less than it says.
        let revision = self.store.revision(&thing(&name)).await;
        let rows = self.store.assignments().await.map_err(internal)?;
        Ok(PolicyReach {
            revision: revision_number(revision.map_err(internal)?),
            assignment: kept(rows, &name, &groups),
            groups: groups.iter().map(|(_, g)| g.spelled.to_string()).collect(),
            script: self.script_state().await?,
        })
    }
}

impl Handle<AssignPolicy> for Admin {
    async fn handle(&self, actor: &Actor, order: AssignPolicy) -> Result<Assignment, Error> {
        let (name, seen) = (order.name.clone(), order.revision);
        let meant = Meant::of(order)?;
        let mut change = self.begin(actor).await?;
        let name = change.policy_named(&name).await?.name;
        let counts = change.assign(&name, &meant, seen).await?;
        if change.is_something() {
            change.commit_followed(|_| ()).await?;
        }
        Ok(counts)
    }
}

impl Handle<GetEffective> for Admin {
    async fn handle(&self, _: &Actor, asked: GetEffective) -> Result<EffectivePolicy, Error> {
        let alias = Self::alias(&asked.alias)?;
        // Says that there is no such user, where there is none.
        self.list_of(&alias).await?;
        let rows = self.store.snapshot().await.map_err(internal)?;
        off_thread(move || Ok(counting(&rows, &alias))).await
    }
}

impl Admin {
    /// All policies with for whom they count, and the groups of that moment.
    pub(super) async fn assigned_policies(
        &self,
    ) -> Result<(GroupsNow, Vec<AssignedPolicy>), Error> {
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

/// For whom somebody means a policy to count, as far as it can be checked without looking; what is
/// left out stays.
pub(super) struct Meant {
    everyone: Option<bool>,
    groups: Option<Vec<String>>,
    users: Option<BTreeSet<Alias>>,
    priority: Option<i32>,
}

impl Meant {
    fn of(order: AssignPolicy) -> Result<Self, Error> {
        let users = order.users.as_deref().map(wanted).transpose();
        if order.priority.is_some_and(|it| !PRIORITIES.contains(&it)) {
            return Err(invalid(
                "priority",
                "The priority must be a number from -1000 to 1000. The greater wins.",
            ));
        }
        Ok(Self {
            everyone: order.everyone,
            groups: order.groups,
            users: users.map_err(about_users)?,
            priority: order.priority,
        })
    }

    /// All that this says.
    pub(super) fn whole(assignment: &Assignment) -> Result<Self, Error> {
        Self::of(AssignPolicy::whole(String::new(), None, assignment.clone()))
    }
}

impl Change<'_> {
    /// Lets a policy count for those who are meant; all of them must exist. What others changed
    /// since `seen` stays, and who wants to change the same is refused.
    pub(super) async fn assign(
        &mut self,
        policy: &str,
        meant: &Meant,
        seen: Option<u32>,
    ) -> Result<Assignment, Error> {
        let rows = self.rows.assignments().await.map_err(internal)?;
        let groups = self.groups().await?;
        let before = kept(rows, policy, &groups);
        let mut counts = self.meant(&before, meant, &groups).await?;
        let since = self.since(&thing(policy), seen).await?;
        let mut changes = Vec::new();
        for ((field, is), (_, wanted)) in before.fields().into_iter().zip(counts.fields()) {
            if is == wanted {
                continue;
            }
            let others = since.iter().position(|it| it.field == field);
            match others.and_then(|at| Some((at, since.get(at)?))) {
                // Whoever sends what was there when they looked has not touched it.
                Some((_, it)) if it.before == wanted => restore(&mut counts, &before, field),
                Some((at, _)) => return Err(stale(at, since)),
                None => changes.push(FieldChange {
                    field: field.to_owned(),
                    before: is,
                    after: wanted,
                }),
            }
        }
        if changes.is_empty() {
            return Ok(before);
        }
        let row = AssignmentRow {
            policy: policy.to_owned(),
            everyone: counts.everyone,
            priority: i64::from(counts.priority),
            groups: keys(&counts.groups),
            users: counts.users.clone(),
        };
        self.rows.assign(&row).await.map_err(internal)?;
        let mut detail = told(&counts);
        if before != Assignment::default() {
            detail = format!("{detail}; before: {}", told(&before));
        }
        self.audit_act("policy.assign", policy, detail, thing(policy), changes);
        Ok(counts)
    }

    /// For whom it is meant to count, where it counted so before.
    async fn meant(
        &mut self,
        before: &Assignment,
        meant: &Meant,
        groups: &GroupsNow,
    ) -> Result<Assignment, Error> {
        let mut counts = before.clone();
        if let Some(everyone) = meant.everyone {
            counts.everyone = everyone;
        }
        if let Some(priority) = meant.priority {
            counts.priority = priority;
        }
        if let Some(users) = &meant.users {
            let users = self.existing(users.clone()).await;
            counts.users = users.map_err(about_users)?;
        }
        if let Some(names) = &meant.groups {
            let mut keys = BTreeSet::new();
            for name in names {
                let key = Alias::new(name.trim()).ok();
                let key = key.filter(|key| groups.get(key).is_some());
                keys.insert(key.ok_or_else(|| {
                    invalid(
                        "groups",
                        format!("There is no group {name}. Make it first, or leave it out."),
                    )
                })?);
            }
            let keys = keys.iter().map(Alias::as_str);
            counts.groups = keys.map(|key| spelled(groups, key)).collect();
        }
        Ok(counts)
    }

    /// The groups, with what this change does to them.
    pub(super) async fn groups(&mut self) -> Result<GroupsNow, Error> {
        let groups = self.rows.groups().await.map_err(internal)?;
        Ok(GroupsNow::of_rows(&groups, &[]))
    }
}

/// Leaves a field as it was.
fn restore(counts: &mut Assignment, before: &Assignment, field: &str) {
    match field {
        "everyone" => counts.everyone = before.everyone,
        "groups" => counts.groups.clone_from(&before.groups),
        "users" => counts.users.clone_from(&before.users),
        _ => counts.priority = before.priority,
    }
}

/// The names of groups, as rows have them.
fn keys(names: &[String]) -> Vec<String> {
    let keys = names.iter().filter_map(|name| Alias::new(name).ok());
    keys.map(|key| key.to_string()).collect()
}

fn thing(policy: &str) -> Thing {
    Thing::new(Noun::Assignment, policy)
}

/// A refusal of members, where the users of an assignment are meant.
fn about_users(error: Error) -> Error {
    match error {
        Error::Invalid { message, .. } => Error::invalid(
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
pub(super) fn kept(rows: Vec<AssignmentRow>, policy: &str, groups: &GroupsNow) -> Assignment {
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
