//! Small facts about this database, such as a high-water mark.

use super::{Store, StoreError, Transaction};
use sqlx::SqliteExecutor;

impl Store {
    /// What is kept under a name.
    pub async fn fact(&self, name: &str) -> Result<Option<String>, StoreError> {
        fact(&self.pool, name).await
    }
}

impl Transaction {
    /// What is kept under a name.
    pub async fn fact(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        fact(self.db(), name).await
    }

    /// Keeps a fact in place of an older one.
    pub async fn set_fact(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
            name,
            value
        )
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Forgets a fact.
    pub async fn clear_fact(&mut self, name: &str) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM facts WHERE name = ?", name)
            .execute(self.db())
            .await?;
        Ok(())
    }
}

pub(super) async fn fact(
    db: impl SqliteExecutor<'_>,
    name: &str,
) -> Result<Option<String>, StoreError> {
    Ok(
        sqlx::query_scalar!("SELECT value FROM facts WHERE name = ?", name)
            .fetch_optional(db)
            .await?,
    )
}
