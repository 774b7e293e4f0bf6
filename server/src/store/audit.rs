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
    /// Who, without regard to case; empty for all.
    pub actor: String,
    /// What, or the noun before its first dot; empty for all.
    pub action: String,
    /// On whom, without regard to case; empty for all.
    pub target: String,
    /// From this moment on.
    pub since_ms: Option<UnixMs>,
    /// Before this moment.
    pub until_ms: Option<UnixMs>,
    /// Only those with a smaller number: they are older.
    pub before: Option<i64>,
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

    /// Adds the entry of an act that changed things, and what it changed of each.
    pub async fn add_change(
        &mut self,
        entry: &AuditEntry,
        changed: &[(Thing, Vec<FieldChange>)],
    ) -> Result<(), StoreError> {
        insert(self.db(), &[entry]).await?;
        // The transaction is alone, and the newest is its own.
        let id = sqlx::query_scalar!(r#"SELECT max(id) AS "id!: i64" FROM audit"#)
            .fetch_one(self.db())
            .await?;
        Ok(changes::insert(self.db(), id, changed).await?)
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
    /// How many entries match, of all numbers.
    pub async fn audit_matching(&self, filter: &AuditFilter) -> Result<i64, StoreError> {
        let pattern = like(&filter.search);
        let (since, until) = filter.times();
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "n!: i64" FROM audit
               WHERE actor || ' ' || came_from || ' ' || action || ' ' || target || ' ' || detail LIKE ?1 ESCAPE '\'
                 AND (?2 = '' OR actor = ?2 COLLATE NOCASE)
                 AND (?3 = '' OR action = ?3 OR substr(action, 1, length(?3) + 1) = ?3 || '.')
                 AND (?4 = '' OR target = ?4 COLLATE NOCASE)
                 AND at_ms >= ?5 AND at_ms < ?6"#,
            pattern,
            filter.actor,
            filter.action,
            filter.target,
            since,
            until
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The entries that match, as many as the filter says.
    pub async fn audit_rows(&self, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let pattern = like(&filter.search);
        let (since, until) = filter.times();
        let before = filter.before.unwrap_or(i64::MAX);
        Ok(sqlx::query_as!(
            AuditEntry,
            r#"SELECT id, at_ms, actor, came_from, action, target, detail FROM audit
               WHERE actor || ' ' || came_from || ' ' || action || ' ' || target || ' ' || detail LIKE ?1 ESCAPE '\'
                 AND (?2 = '' OR actor = ?2 COLLATE NOCASE)
                 AND (?3 = '' OR action = ?3 OR substr(action, 1, length(?3) + 1) = ?3 || '.')
                 AND (?4 = '' OR target = ?4 COLLATE NOCASE)
                 AND at_ms >= ?5 AND at_ms < ?6 AND id < ?7
               ORDER BY id DESC LIMIT ?8 OFFSET ?9"#,
            pattern,
            filter.actor,
            filter.action,
            filter.target,
            since,
            until,
            before,
            filter.limit,
            filter.offset
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The entries that match, and how many there are in all.
    pub async fn audit(&self, filter: &AuditFilter) -> Result<(Vec<AuditEntry>, i64), StoreError> {
        let matching = self.audit_matching(filter).await?;
        Ok((self.audit_rows(filter).await?, matching))
    }
}

impl AuditFilter {
    fn times(&self) -> (UnixMs, UnixMs) {
        let (since, until) = (self.since_ms, self.until_ms);
        (since.unwrap_or(UnixMs::MIN), until.unwrap_or(UnixMs::MAX))
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
