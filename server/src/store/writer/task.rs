//! The writer's task: transactions, and what to do when one fails.
//!
//! A connection on which anything failed is closed, whatever SQLite made of its transaction. If
//! every change would fail (a full disk), all that was submitted comes back, changes are refused,
//! and a small transaction tries again and again. If some rows cannot be reached (a damaged page),
//! each request is tried by itself, and only those come back that fail.

use super::batch::Batch;
use super::health::Health;
use super::{Job, Write};
use crate::clock::Clock;
use crate::store::Store;
use crate::store::trouble::Cause;
use rvp::Alias;
use sqlx::{Connection as _, SqliteConnection};
use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The most requests that share a transaction.
const BATCH: usize = 4096;

/// A transaction of this many requests shows a busy server: the next one gathers for a while.
const BUSY: usize = 16;

/// How long a busy server gathers requests: far below the 10 ms that a client may notice.
const GATHER: Duration = Duration::from_millis(2);

/// Bounds of the pause between two tries while the disk refuses.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Transactions in a row after which an outage is forgotten, and the next one begins with a
/// short pause.
const SOUND: u32 = 100;

/// Who keeps in memory what the writer saves.
pub trait Keeper<B>: Send + Sync + 'static {
    /// Makes `node` what it was: under the node's lock, gets what it was before each change that
    /// is not saved, in the order of the changes, and undoes them, the newest first.
    fn take_back(&self, node: &Alias, befores: &mut dyn FnMut() -> Vec<B>);

    /// The disk refuses, or takes changes again.
    fn health_changed(&self);
}

/// Does the work of a [`super::Writer`].
#[derive(Debug)]
pub struct WriterTask<B> {
    store: Store,
    connection: Option<SqliteConnection>,
    jobs: mpsc::UnboundedReceiver<Job<B>>,
    health: Arc<Health>,
    clock: Clock,
    /// Requests that are next, before those in `jobs`.
    held: Vec<Job<B>>,
    /// What is true and could not be saved, the newest of each row.
    owed: HashMap<Row, Write>,
    pause: Duration,
    sound: u32,
}

/// Which row a write is about.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Row {
    Subscription(u32),
    View(u32),
    Property(String, String, String),
    Ids,
    Clock,
}

impl Row {
    /// The row, if what is written of it may be saved later.
    fn of(write: &Write) -> Option<Self> {
        Some(match write {
            Write::EndSubscription(id) | Write::RenewSubscription(id, _) => Self::Subscription(*id),
            Write::PutView(row) => Self::View(row.id),
            Write::EndView(id) => Self::View(*id),
            Write::PutProperty(row) => {
                Self::Property(row.alias.clone(), row.namespace.clone(), row.name.clone())
            }
            Write::EndProperty(key) => Self::Property(key.0.clone(), key.1.clone(), key.2.clone()),
            Write::ReserveIds(_) => Self::Ids,
            Write::ClockOffset(_) => Self::Clock,
            Write::PutSubscription(_)
            | Write::PutAcl(_)
            | Write::Audit(_)
            | Write::SignedOn(..)
            | Write::Probe(_) => return None,
        })
    }
}

impl<B: Send + 'static> WriterTask<B> {
    pub(super) fn new(
        store: Store,
        connection: SqliteConnection,
        jobs: mpsc::UnboundedReceiver<Job<B>>,
        health: Arc<Health>,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            connection: Some(connection),
            jobs,
            health,
            clock,
            held: Vec::new(),
            owed: HashMap::new(),
            pause: FIRST_PAUSE,
            sound: 0,
        }
    }

    /// Saves what is submitted until the last [`super::Writer`] is dropped.
    pub async fn run(mut self, keeper: impl Keeper<B>) {
        let mut busy = false;
        loop {
            let mut gathered = mem::take(&mut self.held);
            if gathered.is_empty() && self.jobs.recv_many(&mut gathered, BATCH).await == 0 {
                break;
            }
            if busy && gathered.len() < BATCH {
                tokio::time::sleep(GATHER).await;
                while gathered.len() < BATCH
                    && let Ok(job) = self.jobs.try_recv()
                {
                    gathered.push(job);
                }
            }
            busy = gathered.len() >= BUSY;
            self.save(gathered, &keeper).await;
        }
        if !self.owed.is_empty() {
            // The last chance; what is lost is found out at the next start.
            let owed = mem::take(&mut self.owed);
            let _ = self.commit(&Batch::of(owed.values())).await;
        }
        if let Some(connection) = self.connection
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the database");
        }
    }

    async fn save(&mut self, jobs: Vec<Job<B>>, keeper: &impl Keeper<B>) {
        metrics::histogram!("rollcall_commit_requests")
            .record(f64::from(u32::try_from(jobs.len()).unwrap_or(u32::MAX)));
        // What is saved from now on must be found to be as old as it is, whatever the clock shows.
        let clock_set = self.clock_set();
        let writes = jobs.iter().flat_map(|job| &job.writes);
        let batch = Batch::of(writes.chain(&clock_set));
        let Err(error) = self.commit(&batch).await else {
            self.sound = self.sound.saturating_add(1);
            if self.sound == SOUND {
                self.pause = FIRST_PAUSE;
            }
            self.answer(jobs, &Ok(()));
            return;
        };
        self.sound = 0;
        self.owe(clock_set.into_iter().collect());
        if Cause::of(&error).is_everywhere() {
            self.refuse_all(jobs, error, keeper).await;
        } else {
            self.save_each(jobs, error, keeper).await;
        }
    }

    /// What is to be kept if somebody has set the system's clock.
    fn clock_set(&self) -> Option<Write> {
        self.clock
            .noticed()
            .then(|| Write::ClockOffset(self.clock.offset()))
    }

    /// Commits on a connection that never failed.
    async fn commit(&mut self, batch: &Batch<'_>) -> Result<(), sqlx::Error> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.store.writer_connection().await?,
        };
        match batch.commit(&mut connection).await {
            Ok(()) => {
                self.connection = Some(connection);
                if let Some(below) = batch.reserved() {
                    self.health.reserve(below);
                }
                Ok(())
            }
            Err(error) => {
                metrics::counter!("rollcall_commits_failed_total").increment(1);
                self.store.distrust_connections();
                // Closing rolls back, whatever state the transaction is in.
                if let Err(error) = connection.close().await {
                    tracing::warn!(%error, "closing the database after a failure");
                }
                Err(error)
            }
        }
    }

    /// Moves what the log holds into the database, so that the log's room can be used again.
    async fn make_room(&mut self) {
        let Ok(mut connection) = self.store.writer_connection().await else {
            return;
        };
        // Never waits for readers, and is right to fail.
        let moved = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(&mut connection)
            .await;
        if moved.is_ok() {
            self.connection = Some(connection);
        } else {
            let _ = connection.close().await;
        }
    }

    /// Tries requests one by one: the rows of one of them cannot be written.
    async fn save_each(&mut self, jobs: Vec<Job<B>>, error: sqlx::Error, keeper: &impl Keeper<B>) {
        self.health.refuse_some(&error, self.clock.now_ms());
        keeper.health_changed();
        let mut failed = Vec::new();
        let mut nodes = HashSet::new();
        let mut last = error;
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            // What a node became after a change that is not saved is not true either.
            if job.node.as_ref().is_some_and(|node| nodes.contains(node)) {
                failed.push(job);
                continue;
            }
            match self.commit(&Batch::of(&job.writes)).await {
                Ok(()) => self.answer(vec![job], &Ok(())),
                Err(error) if Cause::of(&error).is_everywhere() => {
                    failed.push(job);
                    failed.extend(jobs);
                    return self.refuse_all(failed, error, keeper).await;
                }
                Err(error) => {
                    nodes.extend(job.node.clone());
                    failed.push(job);
                    last = error;
                }
            }
        }
        self.take_back(failed, false, &last.to_string(), keeper);
        let owed = mem::take(&mut self.owed);
        if !owed.is_empty()
            && let Err(error) = self.commit(&Batch::of(owed.values())).await
        {
            tracing::error!(%error, "the offset of the clock could not be saved");
        }
    }

    /// Gives everything back that is submitted, and refuses changes until the disk takes them.
    async fn refuse_all(&mut self, jobs: Vec<Job<B>>, error: sqlx::Error, keeper: &impl Keeper<B>) {
        self.health.refuse(&error, self.clock.now_ms());
        self.take_back(jobs, true, &error.to_string(), keeper);
        keeper.health_changed();
        let mut last = error.to_string();
        loop {
            let closed = self.turn_away(&last, keeper).await;
            let owed = mem::take(&mut self.owed);
            let now = self.clock.now_ms();
            self.make_room().await;
            let result = self.commit(&Batch::of(owed.values()).with_probe(now)).await;
            match result {
                Ok(()) => break,
                // What is owed cannot be written, and everything else can.
                Err(error) if !Cause::of(&error).is_everywhere() && !owed.is_empty() => {
                    tracing::error!(%error, rows = owed.len(), "ends of leases could not be saved");
                }
                Err(error) => {
                    self.health.refuse(&error, now);
                    last = error.to_string();
                    self.owed = owed;
                }
            }
            if closed {
                return;
            }
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        }
        self.store.distrust_connections();
        self.health.recover(self.clock.now_ms());
        keeper.health_changed();
    }

    /// Refuses what is submitted during a pause; says whether nobody can submit any more.
    async fn turn_away(&mut self, error: &str, keeper: &impl Keeper<B>) -> bool {
        let over = tokio::time::sleep(self.pause);
        tokio::pin!(over);
        loop {
            let mut late = Vec::new();
            tokio::select! {
                () = &mut over => return false,
                count = self.jobs.recv_many(&mut late, BATCH) => {
                    if count == 0 {
                        return true;
                    }
                    self.take_back(late, true, error, keeper);
                }
            }
        }
    }

    /// Makes memory what it was before these requests, and those that came after them to the same
    /// nodes (or `all` that came), and tells them. What is true in any case is kept for later.
    fn take_back(&mut self, failed: Vec<Job<B>>, all: bool, error: &str, keeper: &impl Keeper<B>) {
        let mut told = Vec::new();
        let mut befores: HashMap<Alias, Vec<B>> = HashMap::new();
        let mut order = Vec::new();
        let mut failed = failed;
        while all && let Ok(job) = self.jobs.try_recv() {
            failed.push(job);
        }
        for mut job in failed {
            match (&job.node, job.before.take()) {
                (Some(node), Some(before)) => {
                    if !befores.contains_key(node) {
                        order.push(node.clone());
                    }
                    befores.entry(node.clone()).or_default().push(before);
                }
                _ if all => self.owe(mem::take(&mut job.writes)),
                _ if job
                    .writes
                    .iter()
                    .any(|it| matches!(it, Write::ReserveIds(_))) =>
                {
                    self.health.ask_anew();
                }
                // A row that cannot be written; it is found ended at the next start.
                _ => {}
            }
            told.push(job);
        }
        while let Some(node) = order.pop() {
            keeper.take_back(&node, &mut || {
                // The lock of the node is held: all that it became is submitted.
                while let Ok(job) = self.jobs.try_recv() {
                    self.held.push(job);
                }
                for mut job in mem::take(&mut self.held) {
                    let is_its = job.node.as_ref() == Some(&node);
                    match job.before.take() {
                        Some(before) if is_its => {
                            befores.entry(node.clone()).or_default().push(before);
                            told.push(job);
                        }
                        before => {
                            job.before = before;
                            self.held.push(job);
                        }
                    }
                }
                befores.remove(&node).unwrap_or_default()
            });
        }
        let result = Err(error.to_owned());
        self.answer(told, &result);
        if all && !self.held.is_empty() {
            let late = mem::take(&mut self.held);
            self.take_back(late, all, error, keeper);
        }
    }

    fn owe(&mut self, writes: Vec<Write>) {
        for write in writes {
            if let Some(row) = Row::of(&write) {
                self.owed.insert(row, write);
            }
        }
    }

    fn answer(&self, jobs: Vec<Job<B>>, result: &Result<(), String>) {
        if result.is_err() {
            let refused = u64::try_from(jobs.len()).unwrap_or(u64::MAX);
            metrics::counter!("rollcall_changes_unsaved_total").increment(refused);
        }
        for job in jobs {
            self.health.answered();
            // A request that was cut off no longer waits.
            let _ = job.done.send(result.clone());
        }
    }
}
