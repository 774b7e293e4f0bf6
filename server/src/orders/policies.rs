//! Client policies: saving and deleting.

use super::{Orders, internal, invalid, require};
use crate::enforcement::Table;
use crate::store::{PolicyRow, StoreError};
use policies::{Catalogue, Policy, Severity};
use web::backend::{Actor, BackendError};
use web::model::{Millis, PolicySummary, PolicyView, Role};

/// The longest name of a policy, in characters.
const LONGEST_NAME: usize = 64;
/// The longest comment, in characters.
const LONGEST_COMMENT: usize = 300;
/// What follows `/policies/` in addresses of other pages.
const RESERVED: [&str; 2] = ["new", "import"];

impl Orders {
    /// All policies, by name.
    pub async fn policies(&self) -> Result<Vec<PolicySummary>, BackendError> {
        self.store
            .policies()
            .await
            .map_err(internal)?
            .iter()
            .map(summary)
            .collect()
    }

    /// One policy.
    pub async fn policy(&self, name: &str) -> Result<PolicyView, BackendError> {
        let row = self.policy_row(name).await?;
        Ok(PolicyView {
            summary: summary(&row)?,
            policy: row.policy,
        })
    }

    /// Saves a policy as a new revision, with what was said of it; it counts on the wire from
    /// then on.
    pub async fn save_policy(
        &self,
        actor: &Actor,
        policy_json: &str,
        base_revision: u32,
        comment: &str,
    ) -> Result<PolicySummary, BackendError> {
        require(actor, Role::Administrator)?;
        let mut policy: Policy = serde_json::from_str(policy_json)
            .map_err(|e| invalid("policy", format!("The policy cannot be read: {e}.")))?;
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
            return Err(invalid(
                "policy",
                format!("{}: {}", policy.name, problem.message),
            ));
        }
        let before = self.store.policy(&policy.name).await.map_err(internal)?;
        let revision = before.as_ref().map_or(0, |row| row.revision);
        if revision != i64::from(base_revision) {
            return Err(BackendError::Conflict(match before {
                Some(row) if base_revision == 0 => {
                    format!(
                        "There is a policy {} already. Choose another name.",
                        row.name
                    )
                }
                Some(row) => format!(
                    "{} saved revision {} of this policy while you were at it. Look at it, then save again.",
                    row.saved_by, row.revision
                ),
                None => {
                    "This policy was deleted while you were at it. Save it as a new one.".into()
                }
            }));
        }
        let row = PolicyRow {
            // The name as it was first typed stays.
            name: before.map_or_else(|| policy.name.clone(), |row| row.name),
            revision: revision + 1,
            policy: serde_json::to_string(&policy).map_err(internal)?,
            saved_ms: self.clock.now_ms(),
            saved_by: actor.name.clone(),
            comment: comment.to_owned(),
        };
        self.store.add_policy_revision(&row).await.map_err(|error| match error {
            StoreError::Exists => BackendError::Conflict(
                "Somebody else saved this policy while you were at it. Look at it, then save again.".into(),
            ),
            error => internal(error),
        })?;
        self.redraw().await?;
        let mut detail = format!(
            "revision {}, {} options",
            row.revision,
            policy.settings.len()
        );
        if !row.comment.is_empty() {
            detail.push_str(": ");
            detail.push_str(&row.comment);
        }
        self.audit(actor, "policy.save", &row.name, detail).await?;
        summary(&row)
    }

    /// Deletes a policy with all its revisions.
    pub async fn delete_policy(&self, actor: &Actor, name: &str) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        self.store
            .remove_policy(name)
            .await
            .map_err(|error| match error {
                StoreError::Missing => no_such_policy(name),
                error => internal(error),
            })?;
        self.redraw().await?;
        self.audit(actor, "policy.delete", name, "").await
    }

    /// Makes the wire follow the groups and policies that are saved.
    pub(crate) async fn redraw(&self) -> Result<(), BackendError> {
        let Some(live) = &self.live else {
            return Ok(());
        };
        let _newest_last = self.drawing.lock().await;
        let groups = self.groups_stored().await?;
        live.nodes.show_groups(&groups);
        live.groups.show(groups);
        let groups = live.groups.now();
        let policies = self.assigned_policies(&groups).await?;
        live.enforcement.follow(Table::new(&policies, &groups));
        live.proxy_script.put(self.proxy_script().await?);
        Ok(())
    }

    pub(super) async fn policy_row(&self, name: &str) -> Result<PolicyRow, BackendError> {
        self.store
            .policy(name)
            .await
            .map_err(internal)?
            .ok_or_else(|| no_such_policy(name))
    }
}

pub(super) fn no_such_policy(name: &str) -> BackendError {
    BackendError::NotFound(format!("There is no policy {name}."))
}

pub(super) fn read(row: &PolicyRow) -> Result<Policy, BackendError> {
    serde_json::from_str(&row.policy).map_err(internal)
}

pub(super) fn summary(row: &PolicyRow) -> Result<PolicySummary, BackendError> {
    let policy = read(row)?;
    Ok(PolicySummary {
        name: row.name.clone(),
        description: policy.description,
        settings: u32::try_from(policy.settings.len()).unwrap_or(u32::MAX),
        revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
        saved: Millis(row.saved_ms),
        saved_by: row.saved_by.clone(),
    })
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
