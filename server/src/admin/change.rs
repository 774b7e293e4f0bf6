//! One order that changes something: its turn, its transaction with the audit in it, and what it
//! changes in memory.
//!
//! Admin take turns, so that memory changes in the order in which the database does. What a
//! decision rests on is read in the transaction; what takes long (hashes, checks of a policy) is
//! worked out before the turn is taken.

use super::picture::Picture;
use super::{Admin, Live, internal};
use crate::clock::UnixMs;
use crate::store::{AuditEntry, Snapshot, Transaction};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
use web::backend::{Actor, BackendError};
use web::off_thread;

/// The right to change something: one order has it at a time.
pub(super) type Turn = OwnedMutexGuard<()>;

/// A change that is being made. Dropped before it is committed it leaves nothing behind, neither
/// in memory nor on disk.
pub(super) struct Change<'a> {
    admin: &'a Admin,
    actor: &'a Actor,
    /// When it was begun.
    pub(super) now: UnixMs,
    /// Its statements.
    pub(super) rows: Transaction,
    audit: Vec<AuditEntry>,
    turn: Turn,
}

impl Admin {
    /// Waits for the turn, and begins a change.
    pub(super) async fn begin<'a>(&'a self, actor: &'a Actor) -> Result<Change<'a>, BackendError> {
        let turn = self.turn().await;
        Ok(Change {
            admin: self,
            actor,
            now: self.clock.now_ms(),
            rows: self.store.begin().await.map_err(internal)?,
            audit: Vec::new(),
            turn,
        })
    }

    /// Waits for the turn.
    pub(super) async fn turn(&self) -> Turn {
        self.turn.clone().lock_owned().await
    }

    /// Writes down an act that changes nothing here, such as an export.
    pub(super) async fn act(
        &self,
        actor: &Actor,
        action: &str,
        target: &str,
        detail: impl Into<String>,
    ) -> Result<(), BackendError> {
        let mut change = self.begin(actor).await?;
        change.audit(action, target, detail);
        change.commit(|_| ()).await.map(drop)
    }
}

impl Change<'_> {
    /// Who makes it.
    pub(super) fn actor(&self) -> &Actor {
        self.actor
    }

    /// Says in the audit what this change does.
    pub(super) fn audit(&mut self, action: &str, target: &str, detail: impl Into<String>) {
        // People read the time of day.
        let now = self.admin.clock.wall_ms();
        let entry = entry(self.actor, now, action, target, detail);
        self.audit.push(entry);
    }

    /// Commits, and then lets `apply` change memory while it is still its turn. Without a live
    /// side there is no memory to change, and `None` is given.
    pub(super) async fn commit<T: Send + 'static>(
        self,
        apply: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Result<Option<T>, BackendError> {
        self.finish(false, apply).await.map(|(done, _turn)| done)
    }

    /// As [`Change::commit`], and the turn is kept for what must be over before the next order.
    pub(super) async fn commit_in_turn<T: Send + 'static>(
        self,
        apply: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Result<(Option<T>, Turn), BackendError> {
        self.finish(true, apply).await
    }

    /// As [`Change::commit`], for a change of groups, policies or assignments: the wire follows
    /// it.
    pub(super) async fn commit_followed<T: Send + 'static>(
        self,
        apply: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Result<Option<T>, BackendError> {
        self.finish(true, apply).await.map(|(done, _turn)| done)
    }

    async fn finish<T: Send + 'static>(
        mut self,
        followed: bool,
        apply: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Result<(Option<T>, Turn), BackendError> {
        self.rows.add_audit(&self.audit).await.map_err(internal)?;
        let live = self.admin.live.clone();
        let snapshot = match &live {
            Some(_) if followed => Some(self.rows.snapshot().await.map_err(internal)?),
            _ => None,
        };
        let Self {
            admin,
            rows,
            audit,
            turn,
            ..
        } = self;
        let domain = admin.realm.domain.clone();
        // In a task of its own: whoever ordered it may go away, and memory must follow the disk.
        let task = tokio::spawn(async move {
            rows.commit().await.map_err(internal)?;
            log(&audit);
            let done = live.as_ref().map(apply);
            if let (Some(live), Some(snapshot)) = (live, snapshot) {
                follow(&live, snapshot, domain).await;
            }
            Ok((done, turn))
        });
        task.await.map_err(internal)?
    }
}

/// Makes the wire follow what was committed.
async fn follow(live: &Live, snapshot: Snapshot, domain: Arc<str>) {
    let drawn = tokio::spawn(off_thread(move || Picture::of(&snapshot, &domain))).await;
    match drawn.map_err(|error| error.to_string()) {
        Ok(picture) => picture.show(live),
        Err(error) => tracing::error!(%error, "the policies in force are still the old ones"),
    }
}

/// An entry of the audit.
pub(super) fn entry(
    actor: &Actor,
    now: UnixMs,
    action: &str,
    target: &str,
    detail: impl Into<String>,
) -> AuditEntry {
    AuditEntry {
        id: 0,
        at_ms: now,
        actor: actor.name.clone(),
        came_from: actor.from.clone(),
        action: action.to_owned(),
        target: target.to_owned(),
        detail: detail.into(),
    }
}

/// Says in the log what was done.
pub(super) fn log(audit: &[AuditEntry]) {
    for entry in audit {
        tracing::info!(
            actor = entry.actor,
            from = entry.came_from,
            action = entry.action,
            target = entry.target,
            detail = entry.detail,
            "order"
        );
    }
}
