//! The record of refusals: written beside the message, which does not wait for it, and kept in
//! short for the page *Online*.

use super::{Application, Verdict};
use crate::clock::{Clock, UnixMs};
use crate::events::{EventLog, Happening};
use crate::presence::Nodes;
use crate::store::{RefusalFilter, RefusalRow, Store, StoreError};
use parking_lot::Mutex;
use policies::Feature;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Refusals that may wait to be written; more in one moment are counted and not written.
const WAITING: usize = 1024;

/// The pause after refusals could not be written.
const AGAIN: Duration = Duration::from_secs(5);

/// Users of whom it is kept in memory that something was refused.
const MARKED: usize = 4096;

/// How many of the newest are looked at after a restart.
const REMEMBERED: i64 = 1000;

/// What was refused to one user lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When, last.
    pub at: UnixMs,
    /// To do what.
    pub feature: Feature,
    /// Whether the user sent it; else it was sent to them.
    pub sent: bool,
    /// With whom.
    pub with: Arc<str>,
}

/// Takes refusals down. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Record {
    queue: mpsc::Sender<RefusalRow>,
    marks: Arc<Mutex<HashMap<Box<str>, Mark>>>,
    events: EventLog,
}

/// What [`Record`] took down and is still to be written.
#[derive(Debug)]
pub struct Unwritten(mpsc::Receiver<RefusalRow>);

impl Record {
    /// A record, and what writes it.
    #[must_use]
    pub fn new(events: EventLog) -> (Self, Unwritten) {
        let (queue, unwritten) = mpsc::channel(WAITING);
        let record = Self {
            queue,
            marks: Arc::default(),
            events,
        };
        (record, Unwritten(unwritten))
    }

    /// Takes one down; never waits.
    pub(super) fn take(&self, sender: &str, recipient: &str, verdict: &Verdict, now: UnixMs) {
        let Application { guid, name } = &verdict.application;
        let row = RefusalRow {
            id: 0,
            at_ms: now,
            sender: sender.to_owned(),
            recipient: recipient.to_owned(),
            feature: verdict.feature.word().to_owned(),
            command: verdict.command.to_string(),
            application_guid: guid.to_string(),
            application_name: name.to_string(),
            policy: verdict.policy.to_string(),
            decided_for: verdict.decided_for.to_string(),
        };
        self.events.record(Happening::InvitationRefused {
            sender: row.sender.clone(),
            recipient: row.recipient.clone(),
            feature: row.feature.clone(),
            policy: row.policy.clone(),
        });
        self.mark(&row, verdict.feature);
        if self.queue.try_send(row).is_err() {
            metrics::counter!("rollcall_refusals_unwritten_total").increment(1);
            tracing::warn!(sender, "refusals come faster than they can be written");
        }
    }

    /// What was refused lately to a user, or to somebody who invited them.
    #[must_use]
    pub fn mark_of(&self, alias: &str) -> Option<Mark> {
        self.marks.lock().get(alias).cloned()
    }

    fn mark(&self, row: &RefusalRow, feature: Feature) {
        let mut marks = self.marks.lock();
        for (who, with, sent) in [
            (&row.sender, &row.recipient, true),
            (&row.recipient, &row.sender, false),
        ] {
            if marks.len() >= MARKED && !marks.contains_key(who.as_str()) {
                let oldest = marks.iter().min_by_key(|(_, mark)| mark.at);
                if let Some(oldest) = oldest.map(|(who, _)| who.clone()) {
                    marks.remove(&oldest);
                }
            }
            let mark = Mark {
                at: row.at_ms,
                feature,
                sent,
                with: with.as_str().into(),
            };
            marks.insert(who.as_str().into(), mark);
        }
    }

    /// Marks those of whom the newest refusals are, after a restart.
    pub async fn restore(&self, store: &Store) -> Result<(), StoreError> {
        let newest = RefusalFilter {
            limit: REMEMBERED,
            ..RefusalFilter::default()
        };
        let (rows, _) = store.refusals(&newest).await?;
        for row in rows.iter().rev() {
            if let Some(feature) = Feature::named(&row.feature) {
                self.mark(row, feature);
            }
        }
        Ok(())
    }
}

impl Unwritten {
    /// Writes what is taken down, and tells open consoles, until `stop` or the end of the record.
    pub async fn write(
        mut self,
        store: Store,
        nodes: Arc<Nodes>,
        clock: Clock,
        stop: CancellationToken,
    ) {
        let mut rows = Vec::new();
        let mut failed = false;
        loop {
            // Those that could not be written are tried again; meanwhile the queue fills, and what
            // does not fit into it is counted.
            let more = WAITING.saturating_sub(rows.len());
            let pause = if failed { AGAIN } else { Duration::MAX };
            let from = rows.len();
            tokio::select! {
                biased;
                taken = self.0.recv_many(&mut rows, more), if !failed && more > 0 => {
                    if taken == 0 {
                        // Nobody is left who could refuse anything, and all of it is written.
                        return;
                    }
                }
                () = tokio::time::sleep(pause), if failed => {}
                () = stop.cancelled() => {
                    if !rows.is_empty() && let Err(error) = store.add_refusals(&rows, clock.wall_ms()).await {
                        tracing::warn!(%error, lost = rows.len(), "refused invitations could not be written down");
                    }
                    return;
                }
            }
            for row in &mut rows[from..] {
                // What people read: the time of day.
                row.at_ms += clock.offset();
            }
            match store.add_refusals(&rows, clock.wall_ms()).await {
                Ok(()) => {
                    rows.clear();
                    failed = false;
                }
                Err(error) => {
                    if !failed {
                        tracing::warn!(%error, "refused invitations cannot be written down; they are tried again");
                    }
                    failed = true;
                }
            }
            nodes.figures_changed();
        }
    }
}
