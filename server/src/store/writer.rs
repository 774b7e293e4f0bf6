//! The batching writer: presence changes of many requests in one transaction.
//!
//! A caller submits its rows while it holds the lock that made them, so rows of one node
//! arrive in the order in which they became true; it then waits for the commit without the
//! lock. An idle server commits at once. Whatever has gathered while one transaction ran goes
//! into the next; a busy server gathers a little longer, and makes few, large transactions.

use super::{PropertyRow, Store, StoreError, SubscriptionRow, ViewRow};
use crate::clock::UnixMs;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// The most requests that share a transaction.
const BATCH: usize = 4096;

/// A transaction of this many requests shows a busy server: the next one gathers for a while.
const BUSY: usize = 16;

/// How long a busy server gathers requests: far below the 10 ms that a client may notice.
const GATHER: Duration = Duration::from_millis(2);

/// Numbers of subscriptions and views set aside at a time.
const ID_BLOCK: u32 = 4096;

/// Name of the fact that keeps the numbers from being used twice.
const ID_FACT: &str = "ids_reserved";

/// One change to a row.
#[derive(Clone, Debug)]
pub enum Write {
    /// A new or changed subscription.
    PutSubscription(Box<SubscriptionRow>),
    /// A subscription's new end.
    RenewSubscription(u32, UnixMs),
    /// A subscription that ended.
    EndSubscription(u32),
    /// A new or changed view.
    PutView(Box<ViewRow>),
    /// A view that ended.
    EndView(u32),
    /// A new or changed property.
    PutProperty(Box<PropertyRow>),
    /// A property that is no more: alias, namespace, name.
    EndProperty(Box<(String, String, String)>),
    /// A successful sign-on: alias, when.
    SignedOn(String, UnixMs),
    /// Numbers below this may have been given out.
    ReserveIds(u32),
}

struct Job {
    writes: Vec<Write>,
    done: oneshot::Sender<Result<(), String>>,
}

/// A commit to wait for.
#[must_use = "what was submitted is not acknowledged until the commit is awaited"]
#[derive(Debug)]
pub struct Commit(Option<oneshot::Receiver<Result<(), String>>>);

impl Commit {
    /// Nothing to wait for.
    pub fn nothing() -> Self {
        Self(None)
    }

    /// Waits until the rows are committed.
    pub async fn wait(self) -> Result<(), StoreError> {
        let Some(done) = self.0 else { return Ok(()) };
        match done.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(message)) => Err(StoreError::Sql(sqlx::Error::Protocol(message))),
            Err(_) => Err(StoreError::WriterGone),
        }
    }
}

/// Where rows are submitted. Cheap to clone; the writer ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Writer(mpsc::UnboundedSender<Job>);

impl Writer {
    /// Starts the writer on a connection of its own.
    pub async fn start(store: &Store) -> Result<(Self, tokio::task::JoinHandle<()>), StoreError> {
        let connection = store.writer_connection().await?;
        let (sender, receiver) = mpsc::unbounded_channel();
        Ok((Self(sender), tokio::spawn(run(connection, receiver))))
    }

    /// Hands rows over. Never blocks: call it under the lock that made the rows.
    pub fn submit(&self, writes: Vec<Write>) -> Commit {
        if writes.is_empty() {
            return Commit::nothing();
        }
        let (done, wait) = oneshot::channel();
        // A writer that is gone drops `done`, and the wait says so.
        let _ = self.0.send(Job { writes, done });
        Commit(Some(wait))
    }
}

impl Store {
    /// The first number that was never given out to a subscription or a view.
    pub async fn first_free_id(&self) -> Result<u32, StoreError> {
        Ok(self
            .fact(ID_FACT)
            .await?
            .and_then(|v| v.parse().ok())
            .unwrap_or(1))
    }
}

/// The number up to which numbers must be set aside before `next` is given out, if that is now.
#[must_use]
pub fn reservation(next: u32) -> Option<u32> {
    next.is_multiple_of(ID_BLOCK)
        .then(|| next.saturating_add(2 * ID_BLOCK))
}

/// The number up to which numbers are set aside at start, when `next` is the first to be given
/// out.
#[must_use]
pub fn first_reservation(next: u32) -> u32 {
    next.saturating_add(2 * ID_BLOCK)
}

async fn run(mut connection: SqliteConnection, mut jobs: mpsc::UnboundedReceiver<Job>) {
    let mut gathered = Vec::with_capacity(64);
    let mut busy = false;
    while jobs.recv_many(&mut gathered, BATCH).await > 0 {
        if busy && gathered.len() < BATCH {
            tokio::time::sleep(GATHER).await;
            while gathered.len() < BATCH
                && let Ok(job) = jobs.try_recv()
            {
                gathered.push(job);
            }
        }
        busy = gathered.len() >= BUSY;
        let mut batch = Batch::default();
        let mut waiting = Vec::with_capacity(gathered.len());
        for job in gathered.drain(..) {
            job.writes.into_iter().for_each(|write| batch.add(write));
            waiting.push(job.done);
        }
        let result = batch
            .commit(&mut connection)
            .await
            .map_err(|e| e.to_string());
        if let Err(error) = &result {
            tracing::error!(%error, "presence could not be saved");
        }
        metrics::histogram!("rollcall_commit_requests")
            .record(f64::from(u32::try_from(waiting.len()).unwrap_or(u32::MAX)));
        for done in waiting {
            // A request that was cut off no longer waits.
            let _ = done.send(result.clone());
        }
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "closing the database");
    }
}

/// What a transaction does, with later changes of a row in place of earlier ones.
#[derive(Debug, Default)]
struct Batch {
    subscriptions: HashMap<u32, Change<SubscriptionRow>>,
    views: HashMap<u32, Change<ViewRow>>,
    properties: HashMap<(String, String, String), Option<PropertyRow>>,
    sign_ons: HashMap<String, UnixMs>,
    reserved: Option<u32>,
}

#[derive(Debug)]
enum Change<T> {
    Put(Box<T>),
    Renew(UnixMs),
    End,
}

impl Batch {
    fn add(&mut self, write: Write) {
        match write {
            Write::PutSubscription(row) => {
                self.subscriptions.insert(row.id, Change::Put(row));
            }
            Write::RenewSubscription(id, expires) => match self.subscriptions.get_mut(&id) {
                Some(Change::Put(row)) => row.expires_ms = expires,
                Some(Change::End) => {}
                _ => {
                    self.subscriptions.insert(id, Change::Renew(expires));
                }
            },
            Write::EndSubscription(id) => {
                self.subscriptions.insert(id, Change::End);
            }
            Write::PutView(row) => {
                self.views.insert(row.id, Change::Put(row));
            }
            Write::EndView(id) => {
                self.views.insert(id, Change::End);
            }
            Write::PutProperty(row) => {
                let key = (row.alias.clone(), row.namespace.clone(), row.name.clone());
                self.properties.insert(key, Some(*row));
            }
            Write::EndProperty(key) => {
                self.properties.insert(*key, None);
            }
            Write::SignedOn(alias, at) => {
                self.sign_ons.insert(alias, at);
            }
            Write::ReserveIds(below) => self.reserved = self.reserved.max(Some(below)),
        }
    }

    /// One statement for each kind of change, whatever the number of rows: they travel as JSON.
    async fn commit(self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let mut tx = connection.begin().await?;
        if let Some(below) = self.reserved {
            let below = below.to_string();
            sqlx::query!(
                "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
                ID_FACT,
                below
            )
            .execute(&mut *tx)
            .await?;
        }

        let (mut put, mut renewed, mut ended) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (id, change) in self.subscriptions {
            match change {
                Change::Put(row) => put.push(row),
                Change::Renew(expires) => _ = renewed.insert(id, expires),
                Change::End => ended.push(id),
            }
        }
        if !put.is_empty() {
            let json = json(&put)?;
            sqlx::query!(
                "INSERT OR REPLACE INTO subscriptions
                   (id, kind, target, subscriber, href, call_back, peer, client, scheme, since_ms)
                 SELECT value->>'id', value->>'kind', value->>'target', value->>'subscriber', value->>'href',
                        value->>'call_back', value->>'peer', value->>'client', value->>'scheme',
                        value->>'since_ms'
                 FROM json_each(?)",
                json
            )
            .execute(&mut *tx)
            .await?;
            renewed.extend(put.iter().map(|row| (row.id, row.expires_ms)));
        }
        if !renewed.is_empty() {
            // In order, as neighbours share a page; as an object, as its pairs need no further
            // look into JSON.
            let json = json(&renewed)?;
            sqlx::query!(
                "INSERT OR REPLACE INTO leases (id, expires_ms)
                 SELECT CAST(key AS INTEGER), value FROM json_each(?)",
                json
            )
            .execute(&mut *tx)
            .await?;
        }
        if !ended.is_empty() {
            let json = json(&ended)?;
            sqlx::query!(
                "DELETE FROM subscriptions WHERE id IN (SELECT value FROM json_each(?))",
                json
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!(
                "DELETE FROM leases WHERE id IN (SELECT value FROM json_each(?))",
                json
            )
            .execute(&mut *tx)
            .await?;
        }

        let (mut put, mut ended) = (Vec::new(), Vec::new());
        for (id, change) in self.views {
            match change {
                Change::Put(row) => put.push(row),
                Change::Renew(_) | Change::End => ended.push(id),
            }
        }
        if !put.is_empty() {
            let json = json(&put)?;
            sqlx::query!(
                "INSERT OR REPLACE INTO views (id, alias, login, value, default_value, set_ms, expires_ms)
                 SELECT value->>'id', value->>'alias', value->>'login', value->>'value',
                        value->>'default_value', value->>'set_ms', value->>'expires_ms'
                 FROM json_each(?)",
                json
            )
            .execute(&mut *tx)
            .await?;
        }
        if !ended.is_empty() {
            let json = json(&ended)?;
            sqlx::query!(
                "DELETE FROM views WHERE id IN (SELECT value FROM json_each(?))",
                json
            )
            .execute(&mut *tx)
            .await?;
        }

        for ((alias, namespace, name), row) in self.properties {
            match row {
                Some(row) => {
                    sqlx::query!(
                        "INSERT OR REPLACE INTO properties
                           (alias, namespace, name, is_xml, value, default_value, expires_ms)
                         VALUES (?, ?, ?, ?, ?, ?, ?)",
                        row.alias,
                        row.namespace,
                        row.name,
                        row.is_xml,
                        row.value,
                        row.default_value,
                        row.expires_ms
                    )
                    .execute(&mut *tx)
                    .await?;
                }
                None => {
                    sqlx::query!(
                        "DELETE FROM properties WHERE alias = ? AND namespace = ? AND name = ?",
                        alias,
                        namespace,
                        name
                    )
                    .execute(&mut *tx)
                    .await?;
                }
            }
        }
        if !self.sign_ons.is_empty() {
            let json = json(&self.sign_ons.into_iter().collect::<Vec<_>>())?;
            sqlx::query!(
                "UPDATE users SET last_sign_on_ms = j.value->>1
                 FROM json_each(?) AS j WHERE users.alias = j.value->>0",
                json
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await
    }
}

fn json<T: serde::Serialize>(rows: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(rows).map_err(|e| sqlx::Error::Encode(Box::new(e)))
}
