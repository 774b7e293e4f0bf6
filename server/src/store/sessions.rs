//! Sessions of the console, for tower-sessions.

use super::{Store, StoreError};
use crate::clock::{Clock, UnixMs};
use async_trait::async_trait;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Sessions that are kept in memory at the most.
const HELD: usize = 256;

/// Where the console's sessions are kept: on the disk, and while that refuses in memory, so that
/// whoever is to make room can sign in and see why.
#[derive(Clone, Debug)]
pub struct ConsoleSessions {
    store: Store,
    clock: Clock,
    /// Sessions that the disk did not take, with their ends; without a record, those that it does
    /// not let go.
    held: Arc<Mutex<HashMap<String, Held>>>,
}

type Held = (UnixMs, Option<Record>);

impl ConsoleSessions {
    /// Keeps sessions in `store`; a session that ended by `clock` is not given out.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            held: Arc::default(),
        }
    }

    fn hold(&self, id: &str, expires: UnixMs, record: Option<Record>) {
        let now = self.clock.now_ms();
        let mut held = self.held.lock();
        held.retain(|_, (expires, _)| *expires > now);
        if held.len() >= HELD && !held.contains_key(id) {
            let first = held.iter().min_by_key(|(_, (expires, _))| *expires);
            if let Some(first) = first.map(|(id, _)| id.clone()) {
                held.remove(&first);
            }
        }
        held.insert(id.to_owned(), (expires, record));
    }

    /// The row of a session. It ends so long from now as its cookie says, whatever time of day
    /// that is.
    fn row(&self, record: &Record) -> Result<(String, String, UnixMs)> {
        let json = serde_json::to_string(record).map_err(|e| Error::Encode(e.to_string()))?;
        let ends = record.expiry_date.unix_timestamp().saturating_mul(1000);
        let expires = self.clock.now_ms() + (ends - self.clock.wall_ms());
        Ok((record.id.to_string(), json, expires))
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
            let (id, json, expires) = self.row(record)?;
            let result = sqlx::query!(
                "INSERT OR IGNORE INTO console_sessions (id, record, expires_ms) VALUES (?, ?, ?)",
                id,
                json,
                expires
            )
            .execute(&self.store.pool)
            .await;
            match result {
                Ok(result) if result.rows_affected() == 1 => return Ok(()),
                Ok(_) => record.id = Id::default(),
                Err(error) => {
                    tracing::warn!(%error, "a console session is kept in memory: the database did not take it");
                    self.hold(&id, expires, Some(record.clone()));
                    return Ok(());
                }
            }
        }
    }

    /// Changes a session that is there. One that was ended meanwhile, by a sign-out in another
    /// tab, stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        let (id, json, expires) = self.row(record)?;
        if let Some(held) = self.held.lock().get_mut(&id) {
            if held.1.is_some() {
                *held = (expires, Some(record.clone()));
            }
            return Ok(());
        }
        let result = sqlx::query!(
            "UPDATE console_sessions SET record = ?, expires_ms = ? WHERE id = ?",
            json,
            expires,
            id
        )
        .execute(&self.store.pool)
        .await;
        if let Err(error) = result {
            tracing::debug!(%error, "a console session is kept in memory for now");
            self.hold(&id, expires, Some(record.clone()));
        }
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let id = id.to_string();
        let now_ms = self.clock.now_ms();
        if let Some((expires, record)) = self.held.lock().get(&id) {
            return Ok(record.clone().filter(|_| *expires > now_ms));
        }
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
        let result = sqlx::query!("DELETE FROM console_sessions WHERE id = ?", id)
            .execute(&self.store.pool)
            .await;
        if result.is_err() {
            // It has ended all the same, as long as this server runs.
            self.hold(&id, UnixMs::MAX, None);
        } else if let Some(held) = self.held.lock().get_mut(&id) {
            held.1 = None;
        }
        result.map(drop).map_err(backend)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn backend(error: sqlx::Error) -> Error {
    Error::Backend(error.to_string())
}
