//! Client policies and their revisions.

use super::{Store, StoreError, Transaction, touched};
use crate::clock::UnixMs;
use sqlx::{SqliteConnection, SqliteExecutor};
use std::sync::Arc;

/// One revision of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// One revision in the history of a policy: without the policy, which may be large.
#[derive(Clone, Debug)]
pub struct RevisionRow {
    /// Revision, from 1.
    pub revision: i64,
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
        policies(&self.pool).await
    }

    /// The newest revision of one policy.
    pub async fn policy(&self, name: &str) -> Result<Option<PolicyRow>, StoreError> {
        policy(&self.pool, name).await
    }

    /// Every revision of one policy, newest first; none if there is no such policy.
    pub async fn policy_revisions(&self, name: &str) -> Result<Vec<RevisionRow>, StoreError> {
        Ok(sqlx::query_as!(
            RevisionRow,
            "SELECT revision, saved_ms, saved_by, comment FROM policy_revisions
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
        policy_revision(&self.pool, name, revision).await
    }
}

impl Transaction {
    /// The newest revision of one policy.
    pub async fn policy(&mut self, name: &str) -> Result<Option<PolicyRow>, StoreError> {
        policy(self.db(), name).await
    }

    /// One revision of one policy.
    pub async fn policy_revision(
        &mut self,
        name: &str,
        revision: i64,
    ) -> Result<Option<PolicyRow>, StoreError> {
        policy_revision(self.db(), name, revision).await
    }

    /// The last revision of a policy of this name that was deleted; none if none was.
    pub async fn ended_policy(&mut self, name: &str) -> Result<Option<i64>, StoreError> {
        let ended = sqlx::query_scalar!("SELECT revision FROM ended_policies WHERE name = ?", name);
        Ok(ended.fetch_optional(self.db()).await?)
    }

    /// Adds a revision.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if this revision was saved before.
    pub async fn add_policy_revision(&mut self, row: &PolicyRow) -> Result<(), StoreError> {
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
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Removes a policy with all its revisions and its assignment.
    pub async fn remove_policy(&mut self, name: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("DELETE FROM policy_revisions WHERE name = ?", name)
                .execute(self.db())
                .await?,
        )
    }
}

pub(super) async fn policies(db: impl SqliteExecutor<'_>) -> Result<Vec<PolicyRow>, StoreError> {
    Ok(sqlx::query_as!(
        PolicyRow,
        "SELECT name, revision, policy, saved_ms, saved_by, comment FROM policy_revisions AS p
             WHERE revision = (SELECT max(revision) FROM policy_revisions AS q WHERE q.name = p.name)
             ORDER BY name"
    )
    .fetch_all(db)
    .await?)
}

/// The newest revision of each policy, by name. A revision that is `known` is not read again: none
/// is ever changed.
pub(super) async fn newest(
    db: &mut SqliteConnection,
    known: &[Arc<PolicyRow>],
) -> Result<Vec<Arc<PolicyRow>>, StoreError> {
    let newest: Vec<(String, i64)> = sqlx::query_as(
        "SELECT name, max(revision) FROM policy_revisions GROUP BY name ORDER BY name",
    )
    .fetch_all(&mut *db)
    .await?;
    let mut rows = Vec::with_capacity(newest.len());
    for (name, revision) in newest {
        let is_it = |row: &&Arc<PolicyRow>| row.name == name && row.revision == revision;
        match known.iter().find(is_it) {
            Some(row) => rows.push(row.clone()),
            None => {
                let read = policy_revision(&mut *db, &name, revision).await?;
                rows.extend(read.map(Arc::new));
            }
        }
    }
    Ok(rows)
}

async fn policy(db: impl SqliteExecutor<'_>, name: &str) -> Result<Option<PolicyRow>, StoreError> {
    Ok(sqlx::query_as!(
        PolicyRow,
        "SELECT name, revision, policy, saved_ms, saved_by, comment FROM policy_revisions
             WHERE name = ? ORDER BY revision DESC LIMIT 1",
        name
    )
    .fetch_optional(db)
    .await?)
}

async fn policy_revision(
    db: impl SqliteExecutor<'_>,
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
    .fetch_optional(db)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, revision: i64, policy: &str) -> PolicyRow {
        PolicyRow {
            name: name.to_owned(),
            revision,
            policy: policy.to_owned(),
            saved_ms: 0,
            saved_by: "ada".to_owned(),
            comment: String::new(),
        }
    }

    #[tokio::test]
    async fn what_is_known_of_policies_is_not_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let mut known = Vec::new();
        let steps: [&[PolicyRow]; 3] = [
            &[row("a", 1, "a1"), row("b", 1, "b1"), row("B2", 1, "c1")],
            &[row("b", 2, "b2")],
            &[],
        ];
        for rows in steps {
            let mut change = store.begin().await.unwrap();
            for row in rows {
                change.add_policy_revision(row).await.unwrap();
            }
            let now = change.snapshot(&known).await.unwrap().policies;
            change.commit().await.unwrap();
            let texts = |rows: Vec<Arc<PolicyRow>>| -> Vec<_> {
                rows.iter().map(|row| row.policy.clone()).collect()
            };
            let fresh = store.policies().await.unwrap();
            let fresh = fresh.into_iter().map(Arc::new).collect();
            assert_eq!(texts(now.clone()), texts(fresh));
            let same = |row: &&Arc<PolicyRow>| known.iter().any(|old| Arc::ptr_eq(old, row));
            let kept = now.iter().filter(same).count();
            assert_eq!(
                kept,
                now.len() - rows.len(),
                "the others are what they were"
            );
            known = now;
        }
    }

    /// A data directory of an older version has policies whose words meant the opposite.
    #[tokio::test]
    async fn saved_policies_keep_what_they_write_when_two_words_change_places() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let option = |setting: &str| {
            format!(
                r#"{{"name":"x","settings":{{"disable-voice":{{"setting":"on"}},"no-usage-reporting":{setting}}}}}"#
            )
        };
        let cases = [
            (
                option(r#"{"setting":"off","hive":"HKCU"}"#),
                option(r#"{"setting":"on","hive":"HKCU"}"#),
            ),
            (
                option(r#"{"setting":"on"}"#),
                option(r#"{"setting":"off"}"#),
            ),
            (
                option(r#"{"setting":{"number":7}}"#),
                option(r#"{"setting":{"number":7}}"#),
            ),
            ("{\"name\":\"x\"}".to_owned(), "{\"name\":\"x\"}".to_owned()),
            ("no JSON".to_owned(), "no JSON".to_owned()),
        ];
        for (at, (before, _)) in cases.iter().enumerate() {
            let row = PolicyRow {
                name: format!("p{at}"),
                revision: 1,
                policy: before.clone(),
                saved_ms: 0,
                saved_by: "ada".to_owned(),
                comment: String::new(),
            };
            let mut change = store.begin().await.unwrap();
            change.add_policy_revision(&row).await.unwrap();
            change.commit().await.unwrap();
        }
        let migration = include_str!("../../../migrations/0012_no_usage_reporting.sql");
        sqlx::raw_sql(migration).execute(&store.pool).await.unwrap();
        for (at, (_, after)) in cases.iter().enumerate() {
            let row = store.policy(&format!("p{at}")).await.unwrap().unwrap();
            assert_eq!(&row.policy, after);
        }
    }
}
