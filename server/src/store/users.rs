//! People who sign on with a client.

use super::{Store, StoreError, touched};
use crate::clock::UnixMs;

/// One account, as kept.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// Routing key: lower case.
    pub alias: String,
    /// The alias as it was typed.
    pub spelled: String,
    /// Name to show; may be empty.
    pub display_name: String,
    /// Mail address; may be empty.
    pub email: String,
    /// May sign on.
    pub enabled: bool,
    /// Sealed verifiers.
    pub verifiers: Vec<u8>,
    /// When it was made.
    pub created_ms: UnixMs,
    /// Last successful sign-on.
    pub last_sign_on_ms: Option<UnixMs>,
    /// Fresh sign-ons refused until then.
    pub blocked_until_ms: Option<UnixMs>,
    /// Why.
    pub blocked_reason: Option<String>,
    /// The node's ACL as an `rvpacl` document.
    pub acl: Option<Vec<u8>>,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUserRow {
    /// Routing key: lower case.
    pub alias: String,
    /// The alias as it was typed.
    pub spelled: String,
    /// Name to show.
    pub display_name: String,
    /// Mail address.
    pub email: String,
    /// Sealed verifiers.
    pub verifiers: Vec<u8>,
    /// When.
    pub created_ms: UnixMs,
}

impl Store {
    /// All accounts, by alias.
    pub async fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        Ok(sqlx::query_as!(
            UserRow,
            r#"SELECT alias, spelled, display_name, email, enabled AS "enabled: bool", verifiers,
                      created_ms, last_sign_on_ms, blocked_until_ms, blocked_reason, acl
               FROM users ORDER BY alias"#
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Makes accounts, all or none.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if one of them is there already, or a group of that name is.
    pub async fn add_users(&self, users: &[NewUserRow]) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        for user in users {
            let made = sqlx::query!(
                "INSERT INTO users (alias, spelled, display_name, email, enabled, verifiers, created_ms)
                 SELECT ?1, ?2, ?3, ?4, 1, ?5, ?6
                 WHERE NOT EXISTS (SELECT 1 FROM user_groups WHERE name = ?1)",
                user.alias,
                user.spelled,
                user.display_name,
                user.email,
                user.verifiers,
                user.created_ms
            )
            .execute(&mut *tx)
            .await?;
            if made.rows_affected() == 0 {
                return Err(StoreError::Exists);
            }
        }
        Ok(tx.commit().await?)
    }

    /// Changes what can be changed of an account.
    pub async fn edit_user(
        &self,
        alias: &str,
        display_name: &str,
        email: &str,
        enabled: bool,
    ) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE users SET display_name = ?, email = ?, enabled = ? WHERE alias = ?",
                display_name,
                email,
                enabled,
                alias
            )
            .execute(&self.pool)
            .await?,
        )
    }

    /// Replaces the sealed verifiers: a new password.
    pub async fn set_verifiers(&self, alias: &str, verifiers: &[u8]) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE users SET verifiers = ? WHERE alias = ?",
                verifiers,
                alias
            )
            .execute(&self.pool)
            .await?,
        )
    }

    /// Refuses fresh sign-ons until a time, or again lets them (`None`).
    pub async fn set_block(
        &self,
        alias: &str,
        until_ms: Option<UnixMs>,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE users SET blocked_until_ms = ?, blocked_reason = ? WHERE alias = ?",
                until_ms,
                reason,
                alias
            )
            .execute(&self.pool)
            .await?,
        )
    }

    /// Keeps a node's ACL; none is the default one.
    pub async fn set_acl(&self, alias: &str, acl: Option<&[u8]>) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("UPDATE users SET acl = ? WHERE alias = ?", acl, alias)
                .execute(&self.pool)
                .await?,
        )
    }

    /// Deletes an account and all that belongs to its node.
    pub async fn remove_user(&self, alias: &str) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let removed = sqlx::query!("DELETE FROM users WHERE alias = ?", alias)
            .execute(&mut *tx)
            .await?;
        touched(&removed)?;
        sqlx::query!(
            "DELETE FROM subscriptions WHERE target = ? OR subscriber = ?",
            alias,
            alias
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("DELETE FROM leases WHERE id NOT IN (SELECT id FROM subscriptions)")
            .execute(&mut *tx)
            .await?;
        sqlx::query!("DELETE FROM views WHERE alias = ?", alias)
            .execute(&mut *tx)
            .await?;
        sqlx::query!("DELETE FROM properties WHERE alias = ?", alias)
            .execute(&mut *tx)
            .await?;
        sqlx::query!("DELETE FROM contact_lists WHERE alias = ?", alias)
            .execute(&mut *tx)
            .await?;
        sqlx::query!("DELETE FROM contact_values WHERE alias = ?", alias)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
