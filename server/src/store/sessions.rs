//! Sessions of the console, for tower-sessions.

use super::{Store, StoreError};
use crate::clock::Clock;
use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Where the console's sessions are kept.
#[derive(Clone, Debug)]
pub struct ConsoleSessions {
    store: Store,
    clock: Clock,
}

impl ConsoleSessions {
    /// Keeps sessions in `store`; a session that ended by `clock` is not given out.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Drops the sessions that have ended.
    pub async fn remove_expired(&self) -> std::result::Result<(), StoreError> {
        let now_ms = self.clock.now_ms();
        sqlx::query!("DELETE FROM console_sessions WHERE expires_ms < ?", now_ms)
            .execute(&self.store.pool)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl tower_sessions::SessionStore for ConsoleSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let (id, json, expires) = columns(record)?;
            let result = sqlx::query!(
                "INSERT OR IGNORE INTO console_sessions (id, record, expires_ms) VALUES (?, ?, ?)",
                id,
                json,
                expires
            )
            .execute(&self.store.pool)
            .await
            .map_err(backend)?;
            if result.rows_affected() == 1 {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Changes a session that is there. One that was ended meanwhile, by a sign-out in another
    /// tab, stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        let (id, json, expires) = columns(record)?;
        sqlx::query!(
            "UPDATE console_sessions SET record = ?, expires_ms = ? WHERE id = ?",
            json,
            expires,
            id
        )
        .execute(&self.store.pool)
        .await
        .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let id = id.to_string();
        let now_ms = self.clock.now_ms();
        let json = sqlx::query_scalar!(
            "SELECT record FROM console_sessions WHERE id = ? AND expires_ms > ?",
            id,
            now_ms
        )
        .fetch_optional(&self.store.pool)
        .await
        .map_err(backend)?;
        json.map(|json| serde_json::from_str(&json).map_err(|e| Error::Decode(e.to_string())))
            .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let id = id.to_string();
        sqlx::query!("DELETE FROM console_sessions WHERE id = ?", id)
            .execute(&self.store.pool)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

fn columns(record: &Record) -> Result<(String, String, i64)> {
    let json = serde_json::to_string(record).map_err(|e| Error::Encode(e.to_string()))?;
    Ok((record.id.to_string(), json, unix_ms(record.expiry_date)))
}

fn unix_ms(at: OffsetDateTime) -> i64 {
    at.unix_timestamp().saturating_mul(1000)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}
