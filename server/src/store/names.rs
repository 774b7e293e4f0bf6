//! A change of what the server is called.

use super::{AuditEntry, Store, StoreError};

/// All that a change of the names changes.
#[derive(Clone, Debug)]
pub struct NamesChange {
    /// Name and text of the fact that keeps the names.
    pub fact: (&'static str, String),
    /// Sealed verifiers by alias.
    pub verifiers: Vec<(String, Vec<u8>)>,
    /// ACLs by alias.
    pub acls: Vec<(String, Vec<u8>)>,
    /// The entry that tells of it.
    pub audit: Option<AuditEntry>,
}

impl Store {
    /// Changes the names, and what hangs on them, or nothing.
    pub async fn change_names(&self, change: &NamesChange) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let (name, value) = (change.fact.0, &change.fact.1);
        sqlx::query!(
            "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
            name,
            value
        )
        .execute(&mut *tx)
        .await?;
        for (alias, verifiers) in &change.verifiers {
            sqlx::query!(
                "UPDATE users SET verifiers = ? WHERE alias = ?",
                verifiers,
                alias
            )
            .execute(&mut *tx)
            .await?;
        }
        for (alias, acl) in &change.acls {
            sqlx::query!("UPDATE users SET acl = ? WHERE alias = ?", acl, alias)
                .execute(&mut *tx)
                .await?;
        }
        if let Some(entry) = &change.audit {
            sqlx::query!(
                "INSERT INTO audit (at_ms, actor, came_from, action, target, detail) VALUES (?, ?, ?, ?, ?, ?)",
                entry.at_ms,
                entry.actor,
                entry.came_from,
                entry.action,
                entry.target,
                entry.detail
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
