//! Console accounts.

use super::{Store, StoreError, touched};
use crate::clock::UnixMs;

/// One console account.
#[derive(Clone, Debug)]
pub struct AdminRow {
    /// Account name, as typed; compared without regard to case.
    pub name: String,
    /// `viewer`, `operator` or `administrator`.
    pub role: String,
    /// argon2id, PHC string.
    pub password_hash: String,
}

impl Store {
    /// All console accounts, by name.
    pub async fn admins(&self) -> Result<Vec<AdminRow>, StoreError> {
        Ok(sqlx::query_as!(
            AdminRow,
            "SELECT name, role, password_hash FROM admins ORDER BY name"
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// One console account.
    pub async fn admin(&self, name: &str) -> Result<Option<AdminRow>, StoreError> {
        Ok(sqlx::query_as!(
            AdminRow,
            "SELECT name, role, password_hash FROM admins WHERE name = ?",
            name
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Makes a console account.
    pub async fn add_admin(&self, admin: &AdminRow, now_ms: UnixMs) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO admins (name, role, password_hash, created_ms) VALUES (?, ?, ?, ?)",
            admin.name,
            admin.role,
            admin.password_hash,
            now_ms
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Makes the first console account; does nothing and says `false` if there is one already.
    pub async fn add_first_admin(
        &self,
        admin: &AdminRow,
        now_ms: UnixMs,
    ) -> Result<bool, StoreError> {
        let result = sqlx::query!(
            "INSERT INTO admins (name, role, password_hash, created_ms)
             SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM admins)",
            admin.name,
            admin.role,
            admin.password_hash,
            now_ms
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected() == 1)
    }

    /// Removes a console account. Its sessions end with its next request.
    pub async fn remove_admin(&self, name: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("DELETE FROM admins WHERE name = ?", name)
                .execute(&self.pool)
                .await?,
        )
    }
}
