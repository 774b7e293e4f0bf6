//! Client policies: saving and deleting.

use super::change::Change;
use super::{Admin, internal, invalid, require};
use crate::store::PolicyRow;
use api::Actor;
use api::{Millis, PolicySummary, PolicyView, Role};
use policies::{Catalogue, Policy, Severity};
use web::off_thread;

/// The longest name of a policy, in characters.
const LONGEST_NAME: usize = 64;
/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 300;
/// What follows `/policies/` in addresses of other pages.
const RESERVED: [&str; 2] = ["new", "import"];

impl Admin {
    /// All policies, by name.
    pub async fn policies(&self) -> Result<Vec<PolicySummary>, api::Error> {
        let rows = self.store.policies().await.map_err(internal)?;
        off_thread(move || rows.iter().map(summary).collect()).await
    }

    /// One policy.
    pub async fn policy(&self, name: &str) -> Result<PolicyView, api::Error> {
        let row = self.policy_row(name).await?;
        off_thread(move || view(row)).await
    }

    /// Saves a policy as a new revision, with what was said of it; it counts on the wire from
    /// then on.
    pub async fn save_policy(
        &self,
        actor: &Actor,
        policy_json: &str,
        base_revision: u32,
        comment: &str,
    ) -> Result<PolicySummary, api::Error> {
        require(actor, Role::Administrator)?;
        let draft = Draft::read(policy_json, comment).await?;
        let mut change = self.begin(actor).await?;
        let saved = change.save(draft, base_revision).await?;
        change.commit_followed(|_| ()).await?;
        Ok(saved)
    }

    /// Deletes a policy with all its revisions.
    pub async fn delete_policy(&self, actor: &Actor, name: &str) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let mut change = self.begin(actor).await?;
        let name = change.policy_named(name).await?.name;
        change.rows.remove_policy(&name).await.map_err(internal)?;
        change.audit("policy.delete", &name, "");
        change.commit_followed(|_| ()).await.map(drop)
    }

    pub(super) async fn policy_row(&self, name: &str) -> Result<PolicyRow, api::Error> {
        self.store
            .policy(name)
            .await
            .map_err(internal)?
            .ok_or_else(|| no_such_policy(name))
    }
}

/// A policy that is to be saved, checked as far as it can be without looking at others.
pub(super) struct Draft {
    pub(super) policy: Policy,
    comment: String,
    json: String,
}

impl Draft {
    /// Reads and checks it.
    pub(super) async fn read(policy_json: &str, comment: &str) -> Result<Self, api::Error> {
        let (json, comment) = (policy_json.to_owned(), comment.to_owned());
        off_thread(move || {
            let policy = serde_json::from_str(&json)
                .map_err(|e| invalid("policy", format!("The policy cannot be read: {e}.")))?;
            Self::of(policy, &comment)
        })
        .await
    }

    /// Checks it. It may take a while.
    pub(super) fn of(mut policy: Policy, comment: &str) -> Result<Self, api::Error> {
        policy.name = policy.name.trim().to_owned();
        if policy.name.is_empty()
            || policy.name.chars().count() > LONGEST_NAME
            || policy
                .name
                .chars()
                .any(|c| c.is_control() || "/\\?#%".contains(c))
        {
            return Err(invalid(
                "name",
                "The name must have 1 to 64 characters and none of / \\ ? # %.",
            ));
        }
        if RESERVED.contains(&policy.name.to_lowercase().as_str()) {
            return Err(invalid(
                "name",
                format!(
                    "A page of the console has the name {}. Choose another.",
                    policy.name
                ),
            ));
        }
        let comment = comment.trim();
        if comment.chars().count() > LONGEST_COMMENT || comment.chars().any(char::is_control) {
            return Err(invalid(
                "comment",
                "The comment must be one line of 300 characters at most.",
            ));
        }
        if let Some(problem) = policy
            .check(Catalogue::get())
            .iter()
            .find(|p| p.severity == Severity::Error)
        {
            let option = problem.option.as_ref();
            let option = option.and_then(|id| Catalogue::get().option(id.as_str()));
            return Err(invalid(
                // Where the form has it.
                option.map_or("policy", |option| option.id),
                format!("{}: {}", policy.name, problem.message),
            ));
        }
        Ok(Self {
            json: serde_json::to_string(&policy).map_err(internal)?,
            policy,
            comment: comment.to_owned(),
        })
    }
}

impl Change<'_> {
    /// The newest revision of a policy.
    pub(super) async fn policy_named(&mut self, name: &str) -> Result<PolicyRow, api::Error> {
        let found = self.rows.policy(name).await.map_err(internal)?;
        found.ok_or_else(|| no_such_policy(name))
    }

    /// Saves a policy as the revision after `base_revision`, if that is the newest.
    pub(super) async fn save(
        &mut self,
        draft: Draft,
        base_revision: u32,
    ) -> Result<PolicySummary, api::Error> {
        let Draft {
            policy,
            comment,
            json,
        } = draft;
        let before = self.rows.policy(&policy.name).await.map_err(internal)?;
        let revision = before.as_ref().map_or(0, |row| row.revision);
        if revision != i64::from(base_revision) {
            return Err(refuse_stale(before, base_revision));
        }
        let row = PolicyRow {
            // The name as it was first typed stays.
            name: before.map_or_else(|| policy.name.clone(), |row| row.name),
            revision: revision + 1,
            policy: json,
            saved_ms: self.now,
            saved_by: self.actor().name.clone(),
            comment,
        };
        self.rows
            .add_policy_revision(&row)
            .await
            .map_err(internal)?;
        let options = policy.settings.len();
        let mut detail = format!("revision {}, {options} options", row.revision);
        if !row.comment.is_empty() {
            detail.push_str(": ");
            detail.push_str(&row.comment);
        }
        self.audit("policy.save", &row.name, detail);
        Ok(summary_of(&row, &policy))
    }
}

/// Says who was faster.
fn refuse_stale(newest: Option<PolicyRow>, base_revision: u32) -> api::Error {
    api::Error::Conflict(match newest {
        Some(row) if base_revision == 0 => format!(
            "There is a policy {} already. Choose another name.",
            row.name
        ),
        Some(row) => format!(
            "{} saved revision {} of this policy while you were at it. Look at it, then save again.",
            row.saved_by, row.revision
        ),
        None => "This policy was deleted while you were at it. Save it as a new one.".into(),
    })
}

pub(super) fn no_such_policy(name: &str) -> api::Error {
    api::Error::NotFound(format!("There is no policy {name}."))
}

pub(super) fn read(row: &PolicyRow) -> Result<Policy, api::Error> {
    serde_json::from_str(&row.policy).map_err(internal)
}

/// A policy, opened. It may take a while.
pub(super) fn view(row: PolicyRow) -> Result<PolicyView, api::Error> {
    Ok(PolicyView {
        summary: summary(&row)?,
        policy: row.policy,
    })
}

pub(super) fn summary(row: &PolicyRow) -> Result<PolicySummary, api::Error> {
    Ok(summary_of(row, &read(row)?))
}

fn summary_of(row: &PolicyRow, policy: &Policy) -> PolicySummary {
    PolicySummary {
        name: row.name.clone(),
        description: policy.description.clone(),
        settings: u32::try_from(policy.settings.len()).unwrap_or(u32::MAX),
        revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
        saved: Millis(row.saved_ms),
        saved_by: row.saved_by.clone(),
    }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
