//! The batching writer: presence changes of many requests in one transaction.
//!
//! A caller submits its rows while it holds the lock that made them, so rows of one node
//! arrive in the order in which they became true; it then waits for the commit without the
//! lock. An idle server commits at once. Whatever has gathered while one transaction ran goes
//! into the next; a busy server gathers a little longer, and makes few, large transactions.
//!
//! With its rows a caller hands over what memory was before (`B`). Rows that cannot be saved come
//! back: memory is made what it was, then the caller is told ([`Keeper`]). While the disk refuses,
//! [`Writer::is_failing`] lets changes be refused before they are made.

mod batch;
mod health;
mod task;

use super::{AuditEntry, PropertyRow, Store, StoreError, SubscriptionRow, ViewRow, fact_of};
use crate::clock::{Clock, UnixMs};
use health::Health;
use rvp::Alias;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

pub use health::Trouble;
pub use task::{Keeper, WriterTask};

/// Name of the fact that says by how much the system's clock was set.
const CLOCK_FACT: &str = "clock_offset_ms";

/// Name of the fact that says how time is counted since the machine was started.
const BASE_FACT: &str = "clock_base";

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
    /// Another ACL.
    PutAcl(Box<AclRow>),
    /// What an administrator did, in the same transaction.
    Audit(Box<AuditEntry>),
    /// A successful sign-on: alias, when.
    SignedOn(String, UnixMs),
    /// Numbers below this may have been given out.
    ReserveIds(u32),
    /// By how much the system's clock is ahead of time.
    ClockOffset(i64),
    /// Something that has to be written even if nothing else has: when somebody wanted to know
    /// whether it can be.
    Probe(UnixMs),
}

/// The ACL of a user.
#[derive(Clone, Debug)]
pub struct AclRow {
    /// Alias of the user.
    pub alias: String,
    /// When the account was made: it tells this account from one that takes its name.
    pub created_ms: UnixMs,
    /// The list; `None`: the default one.
    pub document: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Job<B> {
    node: Option<Alias>,
    writes: Vec<Write>,
    /// What the node was before; `None`: the change is true whether or not it can be saved now,
    /// and is saved later.
    before: Option<B>,
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
    pub async fn wait(mut self) -> Result<(), StoreError> {
        self.done().await
    }

    /// As [`Commit::wait`], for who may give up waiting and begin again.
    pub(crate) async fn done(&mut self) -> Result<(), StoreError> {
        let Some(done) = &mut self.0 else {
            return Ok(());
        };
        let result = done.await;
        self.0 = None;
        match result {
            Ok(Ok(())) => Ok(()),
            Ok(Err(message)) => Err(StoreError::Unsaved(message)),
            Err(_) => Err(StoreError::WriterGone),
        }
    }
}

/// Where rows are submitted. Cheap to clone; the writer ends when the last clone is dropped.
#[derive(Debug)]
pub struct Writer<B> {
    jobs: mpsc::UnboundedSender<Job<B>>,
    health: Arc<Health>,
}

impl<B> Clone for Writer<B> {
    fn clone(&self) -> Self {
        Self {
            jobs: self.jobs.clone(),
            health: self.health.clone(),
        }
    }
}

impl<B: Send + 'static> Writer<B> {
    /// A writer with a connection of its own, and the task that does its work.
    pub async fn open(store: &Store, clock: Clock) -> Result<(Self, WriterTask<B>), StoreError> {
        let connection = store.writer_connection().await?;
        metrics::gauge!("rollcall_database_refuses").set(0.0);
        let (jobs, receiver) = mpsc::unbounded_channel();
        let health = Arc::new(Health::default());
        let task = WriterTask::new(store.clone(), connection, receiver, health.clone(), clock);
        Ok((Self { jobs, health }, task))
    }

    /// Whether changes are refused now. Ask under the lock that the change is made under.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.health.is_failing()
    }

    /// What cannot be saved, and why.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.health.trouble()
    }

    /// Hands over rows of a node, and what it was before. Never blocks: call it under the lock
    /// that made the rows.
    pub fn submit(&self, node: &Alias, writes: Vec<Write>, before: B) -> Commit {
        self.hand_over(Some(node.clone()), writes, Some(before))
    }

    /// Hands over rows that say what is true in any case. What cannot be saved is saved later.
    pub fn note(&self, writes: Vec<Write>) -> Commit {
        self.hand_over(None, writes, None)
    }

    /// As [`Writer::note`]; it is over when all that was handed over before is, too, even if there
    /// is nothing to write.
    pub fn note_in_order(&self, writes: Vec<Write>) -> Commit {
        self.send(None, writes, None)
    }

    fn hand_over(&self, node: Option<Alias>, writes: Vec<Write>, before: Option<B>) -> Commit {
        if writes.is_empty() {
            return Commit::nothing();
        }
        self.send(node, writes, before)
    }

    fn send(&self, node: Option<Alias>, writes: Vec<Write>, before: Option<B>) -> Commit {
        let (done, wait) = oneshot::channel();
        self.health.submitted();
        // A writer that is gone drops `done`, and the wait says so.
        let _ = self.jobs.send(Job {
            node,
            writes,
            before,
            done,
        });
        Commit(Some(wait))
    }

    /// Waits until all that was handed over before is saved or refused.
    pub async fn drained(&self) -> Result<(), StoreError> {
        self.note_in_order(Vec::new()).wait().await
    }

    /// Has numbers set aside, some time before `next` and those after it are used up.
    pub fn set_aside(&self, next: u32) -> Commit {
        let below = self.health.ask(next).map(Write::ReserveIds);
        self.note(below.into_iter().collect())
    }

    /// Numbers begin again.
    pub fn begin_ids_anew(&self) {
        self.health.ask_anew();
    }

    /// Numbers below this are set aside on the disk.
    #[must_use]
    pub fn reserved_ids(&self) -> u32 {
        self.health.reserved()
    }
}

/// By how much the system's clock was set while the server of a database ran, and since then; of the
/// latter nothing is known once the machine was started anew.
pub async fn clock_set(database: &Path, clock: &Clock) -> (i64, Option<i64>) {
    let offset = fact_of(database, CLOCK_FACT).await;
    let offset = offset.and_then(|it| it.parse().ok()).unwrap_or(0);
    let kept = fact_of(database, BASE_FACT).await;
    let counted = kept.and_then(|kept| clock.counted(&kept));
    (offset, counted.map(|now| clock.wall_ms() - now - offset))
}

impl Store {
    /// Lets a clock go on where the one of the last run was.
    pub async fn resume(&self, clock: &Clock) -> Result<(), StoreError> {
        let offset = self.fact(CLOCK_FACT).await?;
        let offset = offset.and_then(|it| it.parse().ok()).unwrap_or(0);
        let kept = self.fact(BASE_FACT).await?;
        clock.resume(offset, self.newest_presence().await?, kept.as_deref());
        let now = clock.kept();
        if let Some(now) = now.filter(|now| kept.as_ref() != Some(now)) {
            let mut change = self.begin().await?;
            change.set_fact(BASE_FACT, &now).await?;
            // Without it a restart goes by the clock.
            if let Err(error) = change.commit().await {
                tracing::warn!(%error, "how time is counted could not be kept");
            }
        }
        Ok(())
    }

    /// The first number that was never given out to a subscription or a view.
    pub async fn first_free_id(&self) -> Result<u32, StoreError> {
        Ok(self
            .fact(ID_FACT)
            .await?
            .and_then(|v| v.parse().ok())
            .unwrap_or(1))
    }
}
