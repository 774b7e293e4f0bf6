//! One order that changes something: its turn, its transaction with the audit in it, and what it
//! changes in memory.
//!
//! Admin take turns, so that memory changes in the order in which the database does. What a
//! decision rests on is read in the transaction; what takes long (hashes, checks of a policy) is
//! worked out before the turn is taken.

use super::picture::Picture;
use super::{Admin, Live, internal};
use crate::clock::UnixMs;
use crate::events::Happening;
use crate::store::{AuditEntry, FieldChange, PastChange, Snapshot, StoreError, Thing, Transaction};
use api::{Actor, Difference, Error};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
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
    audit: Vec<Act>,
    turn: Turn,
}

/// An entry of the audit, and what its act changed of which things.
struct Act {
    entry: AuditEntry,
    changed: Vec<(Thing, Vec<FieldChange>)>,
}

impl Admin {
    /// Waits for the turn, and begins a change.
    pub(super) async fn begin<'a>(&'a self, actor: &'a Actor) -> Result<Change<'a>, Error> {
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
    ) -> Result<(), Error> {
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
        self.audit.push(Act {
            entry,
            changed: Vec::new(),
        });
    }

    /// Says in the audit what this change does to a thing, field by field: its revision is another
    /// from then on.
    pub(super) fn audit_change(
        &mut self,
        action: &str,
        target: &str,
        thing: Thing,
        changes: Vec<FieldChange>,
    ) {
        self.audit_act(action, target, told(&changes), thing, changes);
    }

    /// As [`Change::audit_change`], told in other words than field by field.
    pub(super) fn audit_act(
        &mut self,
        action: &str,
        target: &str,
        detail: impl Into<String>,
        thing: Thing,
        changes: Vec<FieldChange>,
    ) {
        self.audit_changes(action, target, detail, vec![(thing, changes)]);
    }

    /// Says in the audit, in one entry, what this change does to many things.
    pub(super) fn audit_changes(
        &mut self,
        action: &str,
        target: &str,
        detail: impl Into<String>,
        changed: Vec<(Thing, Vec<FieldChange>)>,
    ) {
        self.audit(action, target, detail);
        if let Some(act) = self.audit.last_mut() {
            act.changed = changed;
        }
    }

    /// Whether there is anything to commit.
    pub(super) fn is_something(&self) -> bool {
        !self.audit.is_empty()
    }

    /// What others changed of a thing since a revision; nothing, if none is named.
    pub(super) async fn since(
        &mut self,
        of: &Thing,
        seen: Option<u32>,
    ) -> Result<Vec<Difference>, Error> {
        let Some(seen) = seen else {
            return Ok(Vec::new());
        };
        let since = self.rows.changes_since(of, i64::from(seen)).await;
        Ok(differences(since.map_err(internal)?))
    }

    /// Refuses what goes by an old revision, if somebody else changed one of these fields since;
    /// without fields, if anything was changed. What touches other fields goes well together.
    pub(super) async fn check_revision(
        &mut self,
        of: &Thing,
        seen: Option<u32>,
        fields: &[&str],
    ) -> Result<(), Error> {
        let since = self.since(of, seen).await?;
        let hit = |it: &Difference| fields.is_empty() || fields.contains(&it.field.as_str());
        match since.iter().position(hit) {
            Some(first) => Err(stale(first, since)),
            None => Ok(()),
        }
    }

    /// Commits, and then lets `apply` change memory while it is still its turn. Without a live
    /// side there is no memory to change, and `None` is given.
    pub(super) async fn commit<T: Send + 'static>(
        self,
        apply: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Result<Option<T>, Error> {
        self.finish(false, apply).await.map(|(done, _turn)| done)
    }

    /// As [`Change::commit`], and the turn is kept for what must be over before the next order.
    pub(super) async fn commit_in_turn<T: Send + 'static>(
        self,
        apply: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Result<(Option<T>, Turn), Error> {
        self.finish(true, apply).await
    }

    /// As [`Change::commit`], for a change of groups, policies or assignments: the wire follows
    /// it.
    pub(super) async fn commit_followed<T: Send + 'static>(
        self,
        apply: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Result<Option<T>, Error> {
        self.finish(true, apply).await.map(|(done, _turn)| done)
    }

    /// Writes the audit, entries without changes together.
    async fn add_audit(&mut self) -> Result<(), StoreError> {
        for acts in self
            .audit
            .chunk_by(|a, b| a.changed.is_empty() && b.changed.is_empty())
        {
            match acts {
                [Act { entry, changed }] if !changed.is_empty() => {
                    self.rows.add_change(entry, changed).await?;
                }
                plain => {
                    let entries: Vec<_> = plain.iter().map(|act| act.entry.clone()).collect();
                    self.rows.add_audit(&entries).await?;
                }
            }
        }
        Ok(())
    }

    async fn finish<T: Send + 'static>(
        mut self,
        followed: bool,
        apply: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Result<(Option<T>, Turn), Error> {
        self.add_audit().await.map_err(internal)?;
        let live = self.admin.live.clone();
        let snapshot = match &live {
            Some(_) if followed => {
                let known = self.admin.known_policies.lock().clone();
                Some(self.rows.snapshot(&known).await.map_err(internal)?)
            }
            _ => None,
        };
        let known = self.admin.known_policies.clone();
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
            let done = live.as_ref().map(apply);
            for act in &audit {
                tell(live.as_ref(), &act.entry);
            }
            if let (Some(live), Some(snapshot)) = (live, snapshot) {
                known.lock().clone_from(&snapshot.policies);
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

/// The refusal of a command that goes by an old revision: the first of what stands in its way, and
/// all that is different.
pub(super) fn stale(first: usize, since: Vec<Difference>) -> Error {
    let told = since.get(first).map(|it| {
        format!(
            "{} changed this since you opened it: {} was {:?} and is now {:?}. ",
            it.by, it.field, it.before, it.after
        )
    });
    let told = told.unwrap_or_default();
    let message = format!("{told}Look at it as it is now, then make your change.");
    Error::Stale { message, since }
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

/// Says what was done: in the log, and to whoever follows.
pub(super) fn tell(live: Option<&Live>, entry: &AuditEntry) {
    tracing::info!(
        actor = entry.actor,
        from = entry.came_from,
        action = entry.action,
        target = entry.target,
        detail = entry.detail,
        "order"
    );
    if let Some(live) = live {
        live.events.record(Happening::Act {
            actor: entry.actor.clone(),
            came_from: entry.came_from.clone(),
            action: entry.action.clone(),
            target: entry.target.clone(),
            detail: entry.detail.clone(),
        });
    }
}

/// A field that changes; none if it stays as it is.
pub(super) fn field(name: &str, before: &str, after: &str) -> Option<FieldChange> {
    (before != after).then(|| FieldChange {
        field: name.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    })
}

fn told(changes: &[FieldChange]) -> String {
    if changes.is_empty() {
        return "nothing was changed".to_owned();
    }
    let told = changes
        .iter()
        .map(|it| match (it.before.as_str(), it.after.as_str()) {
            ("", after) => format!("{} {after:?}", it.field),
            (before, after) => format!("{} {before:?} to {after:?}", it.field),
        });
    told.collect::<Vec<_>>().join(", ")
}

/// What is different now, each field once: what it was at first, and what the last one made of it.
fn differences(changes: Vec<PastChange>) -> Vec<Difference> {
    let mut all: Vec<Difference> = Vec::new();
    for it in changes {
        match all.iter_mut().find(|known| known.field == it.field) {
            Some(known) => {
                known.after = it.after;
                known.by = it.actor;
            }
            None => all.push(Difference {
                field: it.field,
                before: it.before,
                after: it.after,
                by: it.actor,
            }),
        }
    }
    // Who went back to what it was has changed nothing.
    all.retain(|it| it.before != it.after);
    all
}
