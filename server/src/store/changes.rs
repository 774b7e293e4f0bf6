//! What acts changed, field by field, and the revisions that follow from it.

use super::{CHUNK, Store, StoreError, Transaction, json};
use serde::Serialize;
use sqlx::{SqliteConnection, SqliteExecutor};

/// What kind of thing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// Somebody who signs on with a client.
    User,
    /// A group of users.
    Group,
    /// What a policy sets.
    Policy,
    /// For whom a policy counts.
    Assignment,
    /// A console account.
    Account,
}

impl Noun {
    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Policy => "policy",
            Self::Assignment => "assignment",
            Self::Account => "account",
        }
    }
}

/// One thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    noun: Noun,
    key: String,
}

impl Thing {
    /// The thing of this key, without regard to case.
    #[must_use]
    pub fn new(noun: Noun, key: &str) -> Self {
        Self {
            noun,
            key: key.to_lowercase(),
        }
    }
}

/// One field that an act changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub field: String,
    /// What it was; empty if there was nothing.
    pub before: String,
    /// What it is from then on; empty if there is nothing.
    pub after: String,
}

/// A change of a field, with who made it.
#[derive(Clone, Debug)]
pub struct PastChange {
    /// Number of the act.
    pub audit_id: i64,
    /// Which field.
    pub field: String,
    /// What it was.
    pub before: String,
    /// What it was from then on.
    pub after: String,
    /// Who made it.
    pub actor: String,
}

impl Store {
    /// The revision of a thing; 0 if nothing of it was ever changed.
    pub async fn revision(&self, of: &Thing) -> Result<i64, StoreError> {
        revision(&self.pool, of).await
    }

    /// What the acts of these numbers changed.
    pub async fn changes_of(&self, acts: &[i64]) -> Result<Vec<PastChange>, StoreError> {
        let acts = json(acts)?;
        Ok(sqlx::query_as!(
            PastChange,
            "SELECT audit_id, field, before, after, actor
             FROM audit_changes JOIN audit ON audit.id = audit_id
             WHERE audit_id IN (SELECT value FROM json_each(?)) ORDER BY audit_id, field",
            acts
        )
        .fetch_all(&self.pool)
        .await?)
    }
}

impl Transaction {
    /// The revision of a thing; 0 if nothing of it was ever changed.
    pub async fn revision(&mut self, of: &Thing) -> Result<i64, StoreError> {
        revision(self.db(), of).await
    }

    /// What was changed of a thing since a revision, oldest first.
    pub async fn changes_since(
        &mut self,
        of: &Thing,
        revision: i64,
    ) -> Result<Vec<PastChange>, StoreError> {
        let noun = of.noun.word();
        Ok(sqlx::query_as!(
            PastChange,
            "SELECT audit_id, field, before, after, actor
             FROM audit_changes JOIN audit ON audit.id = audit_id
             WHERE kind = ? AND key = ? AND audit_id > ? ORDER BY audit_id, field",
            noun,
            of.key,
            revision
        )
        .fetch_all(self.db())
        .await?)
    }
}

/// A row to be added.
#[derive(Serialize)]
struct NewChange<'a> {
    kind: &'static str,
    key: &'a str,
    field: &'a str,
    before: &'a str,
    after: &'a str,
}

/// Adds what an act changed.
pub(super) async fn insert(
    db: &mut SqliteConnection,
    audit_id: i64,
    changed: &[(Thing, Vec<FieldChange>)],
) -> Result<(), sqlx::Error> {
    let rows = changed.iter().flat_map(|(thing, changes)| {
        changes.iter().map(|change| NewChange {
            kind: thing.noun.word(),
            key: &thing.key,
            field: &change.field,
            before: &change.before,
            after: &change.after,
        })
    });
    let rows: Vec<_> = rows.collect();
    for rows in rows.chunks(CHUNK) {
        let rows = json(rows)?;
        sqlx::query!(
            "INSERT INTO audit_changes (kind, key, audit_id, field, before, after)
             SELECT value->>'kind', value->>'key', ?1, value->>'field', value->>'before',
                    value->>'after'
             FROM json_each(?2)",
            audit_id,
            rows
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

async fn revision(db: impl SqliteExecutor<'_>, of: &Thing) -> Result<i64, StoreError> {
    let noun = of.noun.word();
    let newest = sqlx::query_scalar!(
        r#"SELECT max(audit_id) AS "newest: i64" FROM audit_changes WHERE kind = ? AND key = ?"#,
        noun,
        of.key
    )
    .fetch_one(db)
    .await?;
    Ok(newest.unwrap_or(0))
}
