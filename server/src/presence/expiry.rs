//! Leases that run out: a change that nobody requested, on the same path as the others.
//!
//! Each principal stands in the queue once, for what ends first. A renewal does not touch the
//! queue: a principal that comes up too early is put back for its new first end.

use super::Refused;
use super::change::Change;
use super::event::Event;
use super::nodes::Nodes;
use super::principal::Principal;
use super::state::{property_row, row};
use crate::clock::{Clock, UnixMs};
use crate::store::writer::Write;
use parking_lot::Mutex;
use rvp::{Alias, State};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The longest sleep: so soon it is noticed that the machine slept, or that its clock was set.
const LONGEST_SLEEP: i64 = 500;

/// Who is to be looked at when.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    queue: Mutex<BinaryHeap<Reverse<(UnixMs, Alias)>>>,
    earlier: Notify,
}

impl Deadlines {
    pub(super) fn add(&self, at: UnixMs, alias: Alias) {
        let mut queue = self.queue.lock();
        let is_first = queue.peek().is_none_or(|Reverse((first, _))| at < *first);
        queue.push(Reverse((at, alias)));
        drop(queue);
        if is_first {
            self.earlier.notify_one();
        }
    }

    fn first(&self) -> Option<UnixMs> {
        self.queue.lock().peek().map(|Reverse((at, _))| *at)
    }

    fn due(&self, now: UnixMs) -> Vec<Alias> {
        let mut queue = self.queue.lock();
        let mut due = Vec::new();
        while let Some(Reverse((at, _))) = queue.peek() {
            if *at > now {
                break;
            }
            due.extend(queue.pop().map(|Reverse((_, alias))| alias));
        }
        due
    }
}

impl Nodes {
    /// Keeps by how much the system's clock is ahead, for the next start.
    fn keep_offset(&self, offset: i64) {
        drop(self.writer.note(vec![Write::ClockOffset(offset)]));
        self.changed();
    }

    /// Ends what is due, and says whom to tell. An end is true whether or not it can be saved: its
    /// time is saved already, and a restart finds it over. Nobody waits for the disk.
    pub fn expire(&self, now: UnixMs) -> Vec<Event> {
        let due = self.deadlines.due(now);
        let mut events = Vec::new();
        for alias in due {
            // Of a user who is no more nothing ends.
            let _ = self.expire_one(&alias, now, &mut events);
        }
        events
    }

    fn expire_one(
        &self,
        alias: &Alias,
        now: UnixMs,
        events: &mut Vec<Event>,
    ) -> Result<(), Refused> {
        self.with(alias, |principal| {
            principal.next_check = UnixMs::MAX;
            let mut done = Change::default();
            principal.watches.retain(|watch| {
                let ends = watch.expires <= now;
                if ends {
                    done.writes.push(Write::EndSubscription(watch.id.get()));
                }
                !ends
            });
            let over: Vec<_> =
                principal.logins.iter().filter(|l| l.expires <= now).map(|l| l.id).collect();
            for login in &over {
                tracing::info!(principal = %alias, subscription = %login, "signed off: the lease ran out");
            }
            self.end_logins(principal, &over, &mut done);
            self.expire_views(principal, now, &mut done.writes);
            done.events.extend(self.refresh_state(principal));
            self.expire_properties(principal, now, &mut done.writes, &mut done.events);

            self.watch_deadline(principal);
            drop(self.writer.note(done.writes));
            events.extend(done.events);
            self.changed();
            Ok(())
        })
    }

    fn expire_views(&self, principal: &mut Principal, now: UnixMs, writes: &mut Vec<Write>) {
        let logins = &principal.logins;
        let alias = &principal.alias;
        principal.views.retain_mut(|view| {
            if view.expires > now {
                return true;
            }
            if view.default == State::Offline {
                writes.push(Write::EndView(view.id.get()));
                return false;
            }
            // Another default holds as long as the sign-on does.
            view.value = view.default.clone();
            view.default = State::Offline;
            view.expires = logins
                .iter()
                .find(|l| l.id == view.login)
                .map_or(now, |l| l.expires);
            writes.push(Write::PutView(Box::new(row(alias, view))));
            true
        });
    }

    fn expire_properties(
        &self,
        principal: &mut Principal,
        now: UnixMs,
        writes: &mut Vec<Write>,
        events: &mut Vec<Event>,
    ) {
        let mut changed = Vec::new();
        for (name, value) in &mut principal.properties {
            if value.expires.is_some_and(|end| end <= now) {
                value.expires = None;
                value.is_xml = false;
                value.value = value.default.clone();
                writes.push(Write::PutProperty(Box::new(property_row(
                    &principal.alias,
                    name,
                    value,
                ))));
                changed.push(name.clone());
            }
        }
        events.extend(
            changed
                .iter()
                .map(|name| self.property_event(principal, name)),
        );
    }
}

/// Ends leases as they run out, for ever; `tell` gets the events.
pub async fn run_expiry(
    nodes: Arc<Nodes>,
    clock: Clock,
    tell: impl Fn(Vec<Event>) + Send + Sync + 'static,
) {
    loop {
        if clock.noticed() {
            nodes.keep_offset(clock.offset());
        }
        let events = nodes.expire(clock.now_ms());
        if !events.is_empty() {
            tell(events);
        }
        let now = clock.now_ms();
        let sleep = nodes
            .deadlines
            .first()
            .map_or(LONGEST_SLEEP, |at| (at - now).clamp(0, LONGEST_SLEEP));
        let sleep = Duration::from_millis(sleep.unsigned_abs());
        // Either the first deadline is here, or an earlier one was added.
        let _ = tokio::time::timeout(sleep, nodes.deadlines.earlier.notified()).await;
    }
}
