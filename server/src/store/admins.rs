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
    /// May sign in.
    pub enabled: bool,
    /// When it was made.
    pub created_ms: UnixMs,
    /// When somebody signed in with it last.
    pub signed_in_ms: Option<UnixMs>,
    /// From which address.
    pub signed_in_from: Option<String>,
}

impl Store {
    /// All console accounts, by name.
    pub async fn admins(&self) -> Result<Vec<AdminRow>, StoreError> {
        admins(&self.pool).await
    }

    /// One console account.
    pub async fn admin(&self, name: &str) -> Result<Option<AdminRow>, StoreError> {
        admin(&self.pool, name).await
    }
}

impl Transaction {
    /// All console accounts, by name.
    pub async fn admins(&mut self) -> Result<Vec<AdminRow>, StoreError> {
        admins(self.db()).await
    }

    /// One console account.
    pub async fn admin(&mut self, name: &str) -> Result<Option<AdminRow>, StoreError> {
        admin(self.db(), name).await
    }

    /// Makes a console account, with which nobody has signed in yet.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if the name is taken.
    pub async fn add_admin(&mut self, admin: &AdminRow) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO admins (name, role, password_hash, created_ms, generation, enabled)
             VALUES (?, ?, ?, ?, ?, ?)",
            admin.name,
            admin.role,
            admin.password_hash,
            admin.created_ms,
            admin.generation,
            admin.enabled
        )
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Changes role, password, generation and whether it may sign in.
    pub async fn change_admin(&mut self, admin: &AdminRow) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE admins SET role = ?, password_hash = ?, generation = ?, enabled = ?
                 WHERE name = ?",
                admin.role,
                admin.password_hash,
                admin.generation,
                admin.enabled,
                admin.name
            )
            .execute(self.db())
            .await?,
        )
    }

    /// Notes that somebody signed in, if the account is still the one of this generation.
    pub async fn admin_signed_in(
        &mut self,
        name: &str,
        generation: i64,
        at: UnixMs,
        from: &str,
    ) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE admins SET signed_in_ms = ?, signed_in_from = ?
                 WHERE name = ? AND generation = ?",
                at,
                from,
                name,
                generation
            )
            .execute(self.db())
            .await?,
        )
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

async fn admin(db: impl SqliteExecutor<'_>, name: &str) -> Result<Option<AdminRow>, StoreError> {
    Ok(sqlx::query_as!(
        AdminRow,
        r#"SELECT name, role, password_hash, generation, enabled AS "enabled: bool", created_ms,
                  signed_in_ms, signed_in_from
           FROM admins WHERE name = ?"#,
        name
    )
    .fetch_optional(db)
    .await?)
}

async fn admins(db: impl SqliteExecutor<'_>) -> Result<Vec<AdminRow>, StoreError> {
    Ok(sqlx::query_as!(
        AdminRow,
        r#"SELECT name, role, password_hash, generation, enabled AS "enabled: bool", created_ms,
                  signed_in_ms, signed_in_from
           FROM admins ORDER BY name"#
    )
    .fetch_all(db)
    .await?)
}
