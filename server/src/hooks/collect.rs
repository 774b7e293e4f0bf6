//! From what happens into the table: gathered, so that a storm of changes is a few transactions.

use super::Hooks;
use crate::clock::{Clock, UnixMs};
use crate::events::EventLog;
use crate::store::{NewDelivery, Store};
use api::{Event, Happening, Millis};
use serde::Serialize;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Rows that may wait for a disk that takes none. Events that come then wait where they happen,
/// and those that find no room there are told as lost.
const MOST: usize = 20_000;

/// The pause after rows could not be written.
const AGAIN: Duration = Duration::from_secs(5);

/// What is sent.
#[derive(Serialize)]
struct Body {
    id: u64,
    #[serde(flatten)]
    event: Event,
}

pub(super) struct Collector<'a> {
    pub(super) hooks: &'a Hooks,
    pub(super) events: &'a EventLog,
    pub(super) seen: u64,
    pub(super) rows: Vec<NewDelivery>,
    pub(super) store: &'a Store,
    pub(super) clock: &'a Clock,
    pub(super) gather: Duration,
}

impl Collector<'_> {
    pub(super) async fn run(mut self, stop: &CancellationToken) {
        let mut changes = self.events.changes();
        let mut failed = false;
        loop {
            let pause = if failed { AGAIN } else { self.gather };
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(pause) => {}
            }
            changes.mark_unchanged();
            self.take();
            let written = self.write().await;
            if let Err(error) = &written
                && !failed
            {
                tracing::warn!(%error, "what hooks are to be told cannot be written down; it is tried again");
            }
            failed = written.is_err();
            if stop.is_cancelled() {
                if failed {
                    tracing::warn!(
                        lost = self.rows.len(),
                        "hooks are not told of the last events"
                    );
                }
                return;
            }
            if !failed {
                tokio::select! {
                    changed = changes.changed() => if changed.is_err() { return },
                    () = stop.cancelled() => {}
                }
            }
        }
    }

    /// Takes what happened since.
    fn take(&mut self) {
        if self.rows.len() >= MOST {
            return;
        }
        let after = self.events.after(self.seen);
        if after.lost {
            let first = after.events.first();
            let before = first.map_or_else(|| self.events.newest(), |it| it.id - 1);
            let at = first.map_or_else(|| self.clock.wall_ms(), |it| it.at);
            self.add(before, at, Happening::Lost {});
        }
        for event in after.events {
            self.add(event.id, event.at, event.what.told());
        }
    }

    fn add(&mut self, id: u64, at: UnixMs, what: Happening) {
        self.seen = id;
        let kind = what.kind();
        let mut wanting = self.hooks.iter().filter(|hook| hook.wants(kind)).peekable();
        if wanting.peek().is_none() {
            return;
        }
        let event = Event {
            at: Millis(at),
            what,
        };
        let body = match serde_json::to_string(&Body { id, event }) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%error, "an event could not be written as JSON");
                return;
            }
        };
        self.rows.extend(wanting.map(|hook| NewDelivery {
            hook: hook.url.text(),
            event: i64::try_from(id).unwrap_or(i64::MAX),
            kind,
            body: body.clone(),
            at_ms: at,
        }));
    }

    async fn write(&mut self) -> Result<(), crate::store::StoreError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let (now, wall) = (self.clock.now_ms(), self.clock.wall_ms());
        self.store.add_deliveries(&self.rows, now, wall).await?;
        self.rows = Vec::new();
        for hook in self.hooks.iter() {
            hook.woken.notify_one();
        }
        Ok(())
    }
}
