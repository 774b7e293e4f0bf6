//! Tokens of the REST API.

use super::{Store, StoreError, Transaction, touched};
use crate::clock::UnixMs;

/// One token. Its word is not kept.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// Its name, as typed; compared without regard to case.
    pub name: String,
    /// `viewer`, `operator` or `administrator`.
    pub role: String,
    /// The only operations it may do, as JSON; none: all of its role.
    pub operations: Option<String>,
    /// When it was made.
    pub created_ms: UnixMs,
    /// Who made it.
    pub created_by: String,
    /// Until when it is good.
    pub expires_ms: Option<UnixMs>,
    /// When it was used last.
    pub used_ms: Option<UnixMs>,
    /// From which address.
    pub used_from: Option<String>,
}

impl Store {
    /// All tokens, by name.
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        Ok(sqlx::query_as!(
            TokenRow,
            "SELECT name, role, operations, created_ms, created_by, expires_ms, used_ms, used_from
             FROM api_tokens ORDER BY name"
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The token whose word has this hash.
    pub async fn token_of_hash(&self, hash: &[u8]) -> Result<Option<TokenRow>, StoreError> {
        Ok(sqlx::query_as!(
            TokenRow,
            "SELECT name, role, operations, created_ms, created_by, expires_ms, used_ms, used_from
             FROM api_tokens WHERE hash = ?",
            hash
        )
        .fetch_optional(&self.pool)
        .await?)
    }
}

impl Transaction {
    /// One token.
    pub async fn token(&mut self, name: &str) -> Result<Option<TokenRow>, StoreError> {
        Ok(sqlx::query_as!(
            TokenRow,
            "SELECT name, role, operations, created_ms, created_by, expires_ms, used_ms, used_from
             FROM api_tokens WHERE name = ?",
            name
        )
        .fetch_optional(self.db())
        .await?)
    }

    /// Makes a token.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if the name is taken.
    pub async fn add_token(&mut self, token: &TokenRow, hash: &[u8]) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO api_tokens (name, role, operations, hash, created_ms, created_by, expires_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            token.name,
            token.role,
            token.operations,
            hash,
            token.created_ms,
            token.created_by,
            token.expires_ms
        )
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Notes that a token was used.
    pub async fn token_used(
        &mut self,
        name: &str,
        at: UnixMs,
        from: &str,
    ) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE api_tokens SET used_ms = ?, used_from = ? WHERE name = ?",
                at,
                from,
                name
            )
            .execute(self.db())
            .await?,
        )
    }

    /// Removes a token.
    pub async fn remove_token(&mut self, name: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("DELETE FROM api_tokens WHERE name = ?", name)
                .execute(self.db())
                .await?,
        )
    }
}
