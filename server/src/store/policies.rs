//! Client policies and their revisions.

use super::{Store, StoreError, touched};
use crate::clock::UnixMs;

/// One revision of a policy.
#[derive(Clone, Debug)]
pub struct PolicyRow {
    /// Name; compared without regard to case.
    pub name: String,
    /// Revision, from 1.
    pub revision: i64,
    /// JSON of the policy library.
    pub policy: String,
    /// When it was saved.
    pub saved_ms: UnixMs,
    /// Who saved it.
    pub saved_by: String,
    /// Why; may be empty.
    pub comment: String,
}

impl Store {
    /// The newest revision of each policy, by name.
    pub async fn policies(&self) -> Result<Vec<PolicyRow>, StoreError> {
        Ok(sqlx::query_as!(
            PolicyRow,
            "SELECT name, revision, policy, saved_ms, saved_by, comment FROM policy_revisions AS p
             WHERE revision = (SELECT max(revision) FROM policy_revisions AS q WHERE q.name = p.name)
             ORDER BY name"
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The newest revision of one policy.
    pub async fn policy(&self, name: &str) -> Result<Option<PolicyRow>, StoreError> {
        Ok(sqlx::query_as!(
            PolicyRow,
            "SELECT name, revision, policy, saved_ms, saved_by, comment FROM policy_revisions
             WHERE name = ? ORDER BY revision DESC LIMIT 1",
            name
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Every revision of one policy, newest first; none if there is no such policy.
    pub async fn policy_revisions(&self, name: &str) -> Result<Vec<PolicyRow>, StoreError> {
        Ok(sqlx::query_as!(
            PolicyRow,
            "SELECT name, revision, policy, saved_ms, saved_by, comment FROM policy_revisions
             WHERE name = ? ORDER BY revision DESC",
            name
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// One revision of one policy.
    pub async fn policy_revision(
        &self,
        name: &str,
        revision: i64,
    ) -> Result<Option<PolicyRow>, StoreError> {
        Ok(sqlx::query_as!(
            PolicyRow,
            "SELECT name, revision, policy, saved_ms, saved_by, comment FROM policy_revisions
             WHERE name = ? AND revision = ?",
            name,
            revision
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Adds a revision.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if somebody saved this revision before.
    pub async fn add_policy_revision(&self, row: &PolicyRow) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO policy_revisions (name, revision, policy, saved_ms, saved_by, comment)
             VALUES (?, ?, ?, ?, ?, ?)",
            row.name,
            row.revision,
            row.policy,
            row.saved_ms,
            row.saved_by,
            row.comment
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Removes a policy with all its revisions.
    pub async fn remove_policy(&self, name: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("DELETE FROM policy_revisions WHERE name = ?", name)
                .execute(&self.pool)
                .await?,
        )
    }
}
