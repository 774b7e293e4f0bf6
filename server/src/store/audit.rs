//! What administrators did. Entries are only ever added.

use super::changes::{self, FieldChange, Thing};
use super::{CHUNK, Store, StoreError, Transaction, json};
use crate::clock::UnixMs;
use serde::Serialize;
use sqlx::SqliteConnection;

/// One act.
#[derive(Clone, Debug, Serialize)]
pub struct AuditEntry {
    /// Number, from 1; 0 while it is not written yet.
    pub id: i64,
    /// When.
    pub at_ms: UnixMs,
    /// Who.
    pub actor: String,
    /// From where.
    pub came_from: String,
    /// What: a verb of a fixed list.
    pub action: String,
    /// On whom.
    pub target: String,
    /// Why, or what changed.
    pub detail: String,
}

/// Which entries are wanted, newest first.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Part of any column; empty for all.
    pub search: String,
    /// How many to pass over.
    pub offset: i64,
    /// How many at the most.
    pub limit: i64,
}

impl Transaction {
    /// Adds entries for what this transaction does: there is no other way to add one.
    pub async fn add_audit(&mut self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        let entries: Vec<_> = entries.iter().collect();
        Ok(insert(self.db(), &entries).await?)
    }

    /// Adds the entry of an act that changed a thing, and what it changed.
    pub async fn add_change(
        &mut self,
        entry: &AuditEntry,
        thing: &Thing,
        changes: &[FieldChange],
    ) -> Result<(), StoreError> {
        insert(self.db(), &[entry]).await?;
        // The transaction is alone, and the newest is its own.
        let id = sqlx::query_scalar!(r#"SELECT max(id) AS "id!: i64" FROM audit"#)
            .fetch_one(self.db())
            .await?;
        Ok(changes::insert(self.db(), id, thing, changes).await?)
    }
}

/// Adds entries within a transaction.
pub(super) async fn insert(
    db: &mut SqliteConnection,
    entries: &[&AuditEntry],
) -> Result<(), sqlx::Error> {
    for entries in entries.chunks(CHUNK) {
        let entries = json(entries)?;
        sqlx::query!(
            "INSERT INTO audit (at_ms, actor, came_from, action, target, detail)
             SELECT value->>'at_ms', value->>'actor', value->>'came_from', value->>'action',
                    value->>'target', value->>'detail'
             FROM json_each(?)",
            entries
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

impl Store {
    /// The entries that match, and how many there are in all.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<(Vec<AuditEntry>, i64), StoreError> {
        let pattern = like(&filter.search);
        let matching = sqlx::query_scalar!(
            r#"SELECT count(*) AS "n!: i64" FROM audit
               WHERE actor || ' ' || came_from || ' ' || action || ' ' || target || ' ' || detail LIKE ? ESCAPE '\'"#,
            pattern
        )
        .fetch_one(&self.pool)
        .await?;
        let rows = sqlx::query_as!(
            AuditEntry,
            r#"SELECT id, at_ms, actor, came_from, action, target, detail FROM audit
               WHERE actor || ' ' || came_from || ' ' || action || ' ' || target || ' ' || detail LIKE ? ESCAPE '\'
               ORDER BY id DESC LIMIT ? OFFSET ?"#,
            pattern,
            filter.limit,
            filter.offset
        )
        .fetch_all(&self.pool)
        .await?;
        Ok((rows, matching))
    }
}

/// A LIKE pattern for "contains this text".
pub(super) fn like(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}
