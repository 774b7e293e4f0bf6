//! People who sign on with a client.

use super::{CHUNK, Store, StoreError, Transaction, hex, json, touched};
use crate::clock::UnixMs;
use serde::Serialize;
use sqlx::SqliteExecutor;

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
    /// Another number whenever what proves the account is another.
    pub generation: i64,
}

/// An account to be made.
#[derive(Clone, Debug, Serialize)]
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
    #[serde(serialize_with = "hex")]
    pub verifiers: Vec<u8>,
    /// When.
    pub created_ms: UnixMs,
    /// A number that no other account has had.
    pub generation: i64,
}

/// A name that somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenName {
    /// The name.
    pub name: String,
    /// It is a group's, and not a user's.
    pub of_group: bool,
}

impl Store {
    /// All accounts, by alias.
    pub async fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        Ok(sqlx::query_as!(
            UserRow,
            r#"SELECT alias, spelled, display_name, email, enabled AS "enabled: bool", verifiers,
                      created_ms, last_sign_on_ms, blocked_until_ms, blocked_reason, acl, generation
               FROM users ORDER BY alias"#
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// One account.
    pub async fn user(&self, alias: &str) -> Result<Option<UserRow>, StoreError> {
        user(&self.pool, alias).await
    }
}

impl Transaction {
    /// One account.
    pub async fn user(&mut self, alias: &str) -> Result<Option<UserRow>, StoreError> {
        user(self.db(), alias).await
    }

    /// Those of these names that a user or a group has.
    pub async fn taken(&mut self, names: &[String]) -> Result<Vec<TakenName>, StoreError> {
        let names = json(names)?;
        Ok(sqlx::query_as!(
            TakenName,
            r#"SELECT alias AS "name!", 0 AS "of_group!: bool" FROM users
               WHERE alias IN (SELECT value FROM json_each(?1))
               UNION ALL
               SELECT name, 1 FROM user_groups WHERE name IN (SELECT value FROM json_each(?1))
               ORDER BY 1"#,
            names
        )
        .fetch_all(self.db())
        .await?)
    }

    /// Makes accounts; no group may have one of their names. Nothing of earlier accounts of the
    /// same names is theirs.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if one of them is there already.
    pub async fn add_users(&mut self, users: &[NewUserRow]) -> Result<(), StoreError> {
        for users in users.chunks(CHUNK) {
            let rows = json(users)?;
            sqlx::query!(
                "INSERT INTO users (alias, spelled, display_name, email, enabled, verifiers, created_ms,
                                    generation)
                 SELECT value->>'alias', value->>'spelled', value->>'display_name', value->>'email', 1,
                        unhex(value->>'verifiers'), value->>'created_ms',
                        value->>'generation'
                 FROM json_each(?)",
                rows
            )
            .execute(self.db())
            .await?;
        }
        let aliases: Vec<_> = users.iter().map(|user| user.alias.as_str()).collect();
        self.forget_nodes(&aliases).await
    }

    /// Changes what is given of an account, and leaves the rest. Enabled or disabled anew, it is
    /// of the generation that is given with it.
    pub async fn edit_user(
        &mut self,
        alias: &str,
        display_name: Option<&str>,
        email: Option<&str>,
        enabled: Option<(bool, i64)>,
    ) -> Result<(), StoreError> {
        let (enabled, generation) = enabled.unzip();
        touched(
            &sqlx::query!(
                "UPDATE users SET display_name = coalesce(?1, display_name),
                     email = coalesce(?2, email), enabled = coalesce(?3, enabled),
                     generation = iif(coalesce(?3, enabled) = enabled, generation, ?4)
                 WHERE alias = ?5",
                display_name,
                email,
                enabled,
                generation,
                alias
            )
            .execute(self.db())
            .await?,
        )
    }

    /// Replaces the sealed verifiers; those of a new password are of a new generation.
    pub async fn set_verifiers(
        &mut self,
        alias: &str,
        verifiers: &[u8],
        generation: Option<i64>,
    ) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE users SET verifiers = ?, generation = coalesce(?, generation)
                 WHERE alias = ?",
                verifiers,
                generation,
                alias
            )
            .execute(self.db())
            .await?,
        )
    }

    /// Refuses fresh sign-ons of these users, each named once, until a time, or again lets them
    /// (`None`).
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is one of them no more.
    pub async fn set_block(
        &mut self,
        aliases: &[String],
        until_ms: Option<UnixMs>,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let named = json(aliases)?;
        let set = sqlx::query!(
            "UPDATE users SET blocked_until_ms = ?, blocked_reason = ?
             WHERE alias IN (SELECT value FROM json_each(?))",
            until_ms,
            reason,
            named
        )
        .execute(self.db())
        .await?;
        if set.rows_affected() < aliases.len() as u64 {
            return Err(StoreError::Missing);
        }
        Ok(())
    }

    /// Cuts blocks that end later than this.
    pub async fn cut_blocks(&mut self, latest: UnixMs) -> Result<u64, StoreError> {
        let cut = sqlx::query!(
            "UPDATE users SET blocked_until_ms = ?1 WHERE blocked_until_ms > ?1",
            latest
        )
        .execute(self.db())
        .await?;
        Ok(cut.rows_affected())
    }

    /// Keeps a node's ACL; none is the default one.
    pub async fn set_acl(&mut self, alias: &str, acl: Option<&[u8]>) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("UPDATE users SET acl = ? WHERE alias = ?", acl, alias)
                .execute(self.db())
                .await?,
        )
    }

    /// Deletes an account and all that belongs to its node.
    pub async fn remove_user(&mut self, alias: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("DELETE FROM users WHERE alias = ?", alias)
                .execute(self.db())
                .await?,
        )?;
        sqlx::query!("DELETE FROM contact_lists WHERE alias = ?", alias)
            .execute(self.db())
            .await?;
        sqlx::query!("DELETE FROM contact_values WHERE alias = ?", alias)
            .execute(self.db())
            .await?;
        self.forget_nodes(&[alias]).await
    }
}

async fn user(db: impl SqliteExecutor<'_>, alias: &str) -> Result<Option<UserRow>, StoreError> {
    Ok(sqlx::query_as!(
        UserRow,
        r#"SELECT alias, spelled, display_name, email, enabled AS "enabled: bool", verifiers,
                  created_ms, last_sign_on_ms, blocked_until_ms, blocked_reason, acl, generation
           FROM users WHERE alias = ?"#,
        alias
    )
    .fetch_optional(db)
    .await?)
}
