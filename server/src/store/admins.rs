//! Console accounts.

use super::{Store, StoreError, Transaction, touched};
use crate::clock::UnixMs;
use sqlx::SqliteExecutor;

/// One console account.
#[derive(Clone, Debug)]
pub struct AdminRow {
    /// Account name, as typed; compared without regard to case.
    pub name: String,
    /// `viewer`, `operator` or `administrator`.
    pub role: String,
    /// argon2id, PHC string.
    pub password_hash: String,
    /// A number that no other account has had: a session belongs to it and not to the name.
    pub generation: i64,
}

impl Store {
    /// All console accounts, by name.
    pub async fn admins(&self) -> Result<Vec<AdminRow>, StoreError> {
        admins(&self.pool).await
    }

    /// One console account.
    pub async fn admin(&self, name: &str) -> Result<Option<AdminRow>, StoreError> {
        Ok(sqlx::query_as!(
            AdminRow,
            "SELECT name, role, password_hash, generation FROM admins WHERE name = ?",
            name
        )
        .fetch_optional(&self.pool)
        .await?)
    }
}

impl Transaction {
    /// All console accounts, by name.
    pub async fn admins(&mut self) -> Result<Vec<AdminRow>, StoreError> {
        admins(self.db()).await
    }

    /// Makes a console account.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if the name is taken.
    pub async fn add_admin(&mut self, admin: &AdminRow, now_ms: UnixMs) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO admins (name, role, password_hash, created_ms, generation)
             VALUES (?, ?, ?, ?, ?)",
            admin.name,
            admin.role,
            admin.password_hash,
            now_ms,
            admin.generation
        )
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Removes a console account. Its sessions end with its next request.
    pub async fn remove_admin(&mut self, name: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("DELETE FROM admins WHERE name = ?", name)
                .execute(self.db())
                .await?,
        )
    }
}

async fn admins(db: impl SqliteExecutor<'_>) -> Result<Vec<AdminRow>, StoreError> {
    Ok(sqlx::query_as!(
        AdminRow,
        "SELECT name, role, password_hash, generation FROM admins ORDER BY name"
    )
    .fetch_all(db)
    .await?)
}
