//! The revisions of a policy: what there is, what each was, and going back to one.

use super::policies::{Draft, no_such_policy, read, view};
use super::{Admin, internal, require};
use crate::store::RevisionRow;
use api::Actor;
use api::{Millis, PolicyRevision, PolicySummary, PolicyView, Role};
use web::off_thread;

impl Admin {
    /// The revisions of a policy, newest first.
    pub async fn policy_revisions(&self, name: &str) -> Result<Vec<PolicyRevision>, api::Error> {
        let rows = self.store.policy_revisions(name).await.map_err(internal)?;
        if rows.is_empty() {
            return Err(no_such_policy(name));
        }
        Ok(rows.into_iter().map(revision).collect())
    }

    /// A policy as it was.
    pub async fn policy_revision(
        &self,
        name: &str,
        revision: u32,
    ) -> Result<PolicyView, api::Error> {
        let row = self
            .store
            .policy_revision(name, i64::from(revision))
            .await
            .map_err(internal)?;
        let Some(row) = row else {
            // Of the two that may be missing, name the one that is.
            self.policy_row(name).await?;
            return Err(api::Error::NotFound(format!(
                "{name} has no revision {revision}. Its history lists those it has."
            )));
        };
        off_thread(move || view(row)).await
    }

    /// Saves an old revision as the newest one. `base` is the newest that the one who orders
    /// knows of.
    pub async fn revert_policy(
        &self,
        actor: &Actor,
        name: &str,
        revision: u32,
        base: u32,
    ) -> Result<PolicySummary, api::Error> {
        require(actor, Role::Administrator)?;
        let old = self.policy_revision(name, revision).await?;
        let newest = self.policy_row(name).await?;
        // The name as it is spelled now: an old spelling of it is not what is gone back to.
        let (again, comment) = (old.policy.clone(), format!("Back to revision {revision}"));
        let draft = off_thread(move || {
            let mut policy: policies::Policy = serde_json::from_str(&again).map_err(internal)?;
            policy.name.clone_from(&read(&newest)?.name);
            Draft::of(policy, &comment)
        })
        .await?;
        let mut change = self.begin(actor).await?;
        // A policy that was deleted and made anew meanwhile may have the same numbers.
        let first = change.rows.policy_revision(name, i64::from(revision)).await;
        if first.map_err(internal)?.map(|row| row.policy) != Some(old.policy) {
            return Err(no_such_policy(name));
        }
        let saved = change.save(draft, base).await?;
        change.commit_followed(|_| ()).await?;
        Ok(saved)
    }
}

fn revision(row: RevisionRow) -> PolicyRevision {
    PolicyRevision {
        revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
        saved: Millis(row.saved_ms),
        saved_by: row.saved_by,
        comment: row.comment,
    }
}
