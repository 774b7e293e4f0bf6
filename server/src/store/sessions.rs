//! Sessions of the console, for tower-sessions.

use super::{Store, StoreError, Transaction};
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

#[derive(Debug)]
struct Held {
    expires: UnixMs,
    used: UnixMs,
    record: Option<Record>,
}

/// One session of somebody who is signed in. `web` says what stands in it.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// What the cookie bears: nobody else may see it.
    pub id: String,
    /// The account.
    pub account: String,
    /// Its number when the session was begun.
    pub generation: i64,
    /// From which address.
    pub from: Option<String>,
    /// Since when.
    pub since_ms: Option<UnixMs>,
    /// When it was used last.
    pub used_ms: Option<UnixMs>,
}

impl SessionRow {
    /// None: nobody is signed in.
    fn of(record: &Record, used_ms: Option<UnixMs>) -> Option<Self> {
        let field = |name| record.data.get(name);
        Some(Self {
            id: record.id.to_string(),
            account: field("name")?.as_str()?.to_owned(),
            generation: field("generation")?.as_i64()?,
            from: field("from").and_then(|it| it.as_str()).map(str::to_owned),
            since_ms: field("since").and_then(serde_json::Value::as_i64),
            used_ms,
        })
    }
}

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
        held.retain(|_, it| it.expires > now);
        if held.len() >= HELD && !held.contains_key(id) {
            let first = held.iter().min_by_key(|(_, it)| it.expires);
            if let Some(first) = first.map(|(id, _)| id.clone()) {
                held.remove(&first);
            }
        }
        let used = self.clock.wall_ms();
        held.insert(
            id.to_owned(),
            Held {
                expires,
                used,
                record,
            },
        );
    }

    /// The row of a session. It ends so long from now as its cookie says, whatever time of day
    /// that is.
    fn row(&self, record: &Record) -> Result<(String, String, UnixMs)> {
        let json = serde_json::to_string(record).map_err(|e| Error::Encode(e.to_string()))?;
        let ends = record.expiry_date.unix_timestamp().saturating_mul(1000);
        let expires = self.clock.now_ms() + (ends - self.clock.wall_ms());
        Ok((record.id.to_string(), json, expires))
    }

    /// The sessions in which somebody is signed in; whether their accounts still are what they were
    /// is for others to say.
    pub async fn all(&self) -> std::result::Result<Vec<SessionRow>, StoreError> {
        let now_ms = self.clock.now_ms();
        let rows = sqlx::query!(
            "SELECT id, record, used_ms FROM console_sessions WHERE expires_ms > ?",
            now_ms
        )
        .fetch_all(&self.store.pool)
        .await?;
        let held = self.held.lock();
        let kept = rows.into_iter().filter(|row| !held.contains_key(&row.id));
        let kept = kept.filter_map(|row| {
            let record: Record = serde_json::from_str(&row.record).ok()?;
            SessionRow::of(&record, row.used_ms)
        });
        let in_memory = held.values().filter(|it| it.expires > now_ms);
        let in_memory =
            in_memory.filter_map(|it| SessionRow::of(it.record.as_ref()?, Some(it.used)));
        Ok(kept.chain(in_memory).collect())
    }

    /// Ends a session that the transaction has ended on the disk, in memory too.
    pub fn forget(&self, id: &str) {
        if let Some(held) = self.held.lock().get_mut(id) {
            held.record = None;
        }
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

impl Transaction {
    /// Ends a session; one that is only in memory has no row.
    pub async fn end_session(&mut self, id: &str) -> std::result::Result<(), StoreError> {
        sqlx::query!("DELETE FROM console_sessions WHERE id = ?", id)
            .execute(self.db())
            .await?;
        Ok(())
    }
}

#[async_trait]
impl tower_sessions::SessionStore for ConsoleSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let (id, json, expires) = self.row(record)?;
            let used = self.clock.wall_ms();
            let result = sqlx::query!(
                "INSERT OR IGNORE INTO console_sessions (id, record, expires_ms, used_ms)
                 VALUES (?, ?, ?, ?)",
                id,
                json,
                expires,
                used
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
        let used = self.clock.wall_ms();
        if let Some(held) = self.held.lock().get_mut(&id) {
            if held.record.is_some() {
                *held = Held {
                    expires,
                    used,
                    record: Some(record.clone()),
                };
            }
            return Ok(());
        }
        let result = sqlx::query!(
            "UPDATE console_sessions SET record = ?, expires_ms = ?, used_ms = ? WHERE id = ?",
            json,
            expires,
            used,
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
        if let Some(held) = self.held.lock().get(&id) {
            return Ok(held.record.clone().filter(|_| held.expires > now_ms));
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
            held.record = None;
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
