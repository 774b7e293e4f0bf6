//! The queue of one call-back: what waits for whom.
//!
//! Messages keep their order and go before presence; of presence only the newest value of a
//! property waits, and it does not go while an older one is under way: they would race. Nothing is
//! taken out before there is a connection for it to go over.

use super::budget::{Charge, Counted};
use super::client::Outcome;
use super::destination::Destination;
use super::places::{Party, Place, Ticket, Urgency};
use super::standing::Target;
use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};
use rvp::{Alias, PropertyName, PropertyOut, SubscriptionId};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Messages that may wait for one call-back, and their bytes; a sender beyond that is told at once.
const MESSAGES: usize = 64;
const MESSAGE_BYTES: usize = 1 << 20;

/// What of that one sender may have: half.
const SHARES: usize = 2;

/// What other domains' servers say of their users may wait so often; of more the oldest goes.
const RELAYED: usize = 64;

/// Presence values that may wait for one call-back: more than anybody may watch by default.
const PRESENCES: usize = 4096;

/// Messages that go in a row while presence waits.
const MESSAGES_IN_A_ROW: u32 = 8;

/// A message on its way to a client.
#[derive(Debug)]
pub(super) struct Message {
    /// The sign-on it goes to.
    pub(super) subscription: SubscriptionId,
    pub(super) from_principal: Arc<str>,
    pub(super) hops: u16,
    pub(super) body: Bytes,
    /// What another server says of its users: it can wait.
    pub(super) is_presence: bool,
    /// Its sender is told by then that it did not arrive, and then it must not.
    pub(super) until: Instant,
    pub(super) charge: Arc<Charge>,
    pub(super) done: oneshot::Sender<Outcome>,
    pub(super) _under_way: TaskTrackerToken,
}

/// A new value of a property of a node. All who are told share it.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) node: Alias,
    pub(super) name: Arc<PropertyName>,
    /// Of two values the larger is newer.
    pub(super) sequence: u64,
    pub(super) value: PropertyOut,
}

/// The newest value of one property of one node, as this client is to read it.
#[derive(Debug)]
pub(super) struct Presence {
    pub(super) subscription: SubscriptionId,
    pub(super) authority: Arc<str>,
    pub(super) spelled: Arc<str>,
    pub(super) change: Arc<Change>,
    pub(super) counted: Option<Counted>,
}

type PresenceKey = (Alias, Arc<PropertyName>);

impl Presence {
    fn key(&self) -> PresenceKey {
        (self.change.node.clone(), self.change.name.clone())
    }
}

/// What was taken from a queue to be sent.
#[derive(Debug)]
pub(super) enum Taken {
    Message(Message),
    Presence(Presence),
}

/// One call-back's queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) to: Destination,
    pub(super) party: Party,
    pub(super) target: Target,
    waiting: Mutex<Waiting>,
    /// Something came in, or a place is there.
    pub(super) woken: Notify,
}

/// What waits, and how far it is on its way.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    messages: VecDeque<Message>,
    bytes: usize,
    relayed: VecDeque<Message>,
    order: VecDeque<PresenceKey>,
    presence: HashMap<PresenceKey, Presence>,
    /// Of what a value is under way: few.
    under_way: Vec<PresenceKey>,
    in_a_row: u32,
    relayed_last: bool,
    /// A place is asked for.
    pub(super) asked: Option<Ticket>,
    /// A place is there.
    pub(super) place: Option<Place>,
    /// A task works it off.
    pub(super) running: bool,
    /// The session ended: what is in the queue is the last that it gets.
    closed: bool,
}

impl Queue {
    pub(super) fn new(to: Destination, party: Party, target: Target) -> Self {
        Self {
            to,
            party,
            target,
            waiting: Mutex::default(),
            woken: Notify::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock()
    }

    /// Takes the next item; while presence is held back, only messages.
    pub(super) fn next(&self, paused: bool) -> Option<Taken> {
        let mut waiting = self.waiting.lock();
        let expired = waiting.take_expired(Instant::now());
        let next = waiting.next(paused);
        drop(waiting);
        expire(expired);
        next
    }

    pub(super) fn has_presence(&self) -> bool {
        !self.waiting.lock().presence.is_empty()
    }

    /// Whether something is there that does not wait while presence is held back.
    pub(super) fn is_urgent(&self) -> bool {
        let waiting = self.waiting.lock();
        waiting.closed || !waiting.messages.is_empty()
    }

    /// When the first message must have arrived.
    pub(super) fn first_end(&self) -> Option<Instant> {
        let waiting = self.waiting.lock();
        let ends = [waiting.messages.front(), waiting.relayed.front()];
        ends.into_iter().flatten().map(|it| it.until).min()
    }

    /// Forgets presence of nodes that are not watched any more; says whether any is left. Nodes
    /// are not asked while the queue is locked: who locks one may be about to tell something.
    pub(super) fn keep_presence(
        &self,
        is_watched: impl Fn(&Alias, SubscriptionId) -> bool,
    ) -> bool {
        let told = |it: &Presence| (it.change.node.clone(), it.subscription);
        let all: Vec<_> = self.waiting.lock().presence.values().map(told).collect();
        let gone: HashSet<_> = all
            .into_iter()
            .filter(|(node, watch)| !is_watched(node, *watch))
            .map(|(_, watch)| watch)
            .collect();
        let mut waiting = self.waiting.lock();
        let Waiting {
            order, presence, ..
        } = &mut *waiting;
        presence.retain(|_, value| !gone.contains(&value.subscription));
        order.retain(|key| presence.contains_key(key));
        !presence.is_empty()
    }

    /// Puts a value in whatever else is true: what was taken once may go, also as the last.
    pub(super) fn put_back(&self, presence: Presence) {
        self.waiting.lock().insert(presence);
    }

    /// A value is not under way any more. If it was not sent it goes again, unless a newer one is
    /// there.
    pub(super) fn over(&self, presence: Presence, sent: bool) {
        let mut waiting = self.waiting.lock();
        let key = presence.key();
        waiting.under_way.retain(|it| *it != key);
        if !sent {
            waiting.insert(presence);
        }
    }

    /// Nothing is under way any more: what was is lost.
    pub(super) fn nothing_under_way(&self) {
        self.waiting.lock().under_way.clear();
    }
}

/// Tells senders of messages that did not arrive in time.
pub(super) fn expire(messages: Vec<Message>) {
    for message in messages {
        // The sender may have given up.
        let _ = message.done.send(Outcome::TimedOut);
    }
}

fn bytes(messages: &VecDeque<Message>) -> usize {
    messages.iter().map(|it| it.body.len()).sum()
}

impl Waiting {
    /// Adds a message, or gives it back if too many wait. Of what servers say the oldest makes
    /// room: what is given then has gone.
    pub(super) fn add_message(&mut self, message: Message) -> Result<Vec<Message>, Message> {
        let size = message.body.len();
        if self.closed || size > MESSAGE_BYTES {
            return Err(message);
        }
        let mut gone = Vec::new();
        if message.is_presence {
            self.relayed.push_back(message);
            while self.relayed.len() > RELAYED || bytes(&self.relayed) > MESSAGE_BYTES {
                gone.extend(self.relayed.pop_front());
            }
        } else if !self.has_room_for(&message) {
            return Err(message);
        } else {
            self.bytes += size;
            self.messages.push_back(message);
        }
        Ok(gone)
    }

    fn has_room_for(&self, message: &Message) -> bool {
        let theirs = self.messages.iter();
        let theirs = theirs.filter(|it| it.charge.same_sender(&message.charge));
        let (count, size) = theirs.fold((0, 0), |(count, size), it| {
            (count + 1, size + it.body.len())
        });
        let new = message.body.len();
        // The largest message is less than a share.
        self.messages.len() < MESSAGES
            && self.bytes + new <= MESSAGE_BYTES
            && count < MESSAGES / SHARES
            && size + new <= MESSAGE_BYTES / SHARES
    }

    /// The newest value wins; it keeps the place of the older one.
    pub(super) fn add_presence(&mut self, presence: Presence) {
        if !self.closed {
            self.insert(presence);
        }
    }

    fn insert(&mut self, presence: Presence) {
        let key = presence.key();
        let full = self.presence.len() >= PRESENCES || presence.counted.is_none();
        match self.presence.get_mut(&key) {
            Some(older) if older.change.sequence > presence.change.sequence => {}
            Some(older) => {
                // The older one's place in the count will do.
                let counted = presence.counted.or_else(|| older.counted.take());
                *older = Presence {
                    counted,
                    ..presence
                };
            }
            None if full => {
                metrics::counter!("rollcall_presence_dropped_total").increment(1);
                tracing::debug!(node = %presence.change.node, "too much waits: a presence value was dropped");
            }
            None => {
                self.order.push_back(key.clone());
                self.presence.insert(key, presence);
            }
        }
    }

    /// Drops the presence that waits, adds a last value, and takes nothing more.
    pub(super) fn finish(&mut self, last: Presence) {
        self.order.clear();
        self.presence.clear();
        self.add_presence(last);
        self.closed = true;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.relayed.is_empty() && self.presence.is_empty()
    }

    /// How urgent the next item is; `None`: nothing may go now.
    pub(super) fn urgency(&self, paused: bool) -> Option<Urgency> {
        if !self.messages.is_empty() {
            Some(Urgency::Message)
        } else if !paused && (!self.relayed.is_empty() || self.free().is_some()) {
            Some(Urgency::Presence)
        } else {
            None
        }
    }

    /// Takes out messages that came to their end here.
    pub(super) fn take_expired(&mut self, now: Instant) -> Vec<Message> {
        let mut expired = Vec::new();
        for line in [&mut self.messages, &mut self.relayed] {
            // They came in the order of their ends.
            while line.front().is_some_and(|it| it.until <= now) {
                expired.extend(line.pop_front());
            }
        }
        if !expired.is_empty() {
            self.bytes = bytes(&self.messages);
        }
        expired
    }

    /// The place of the first value of which no older one is under way.
    fn free(&self) -> Option<usize> {
        self.order
            .iter()
            .position(|key| !self.under_way.contains(key))
    }

    fn next(&mut self, paused: bool) -> Option<Taken> {
        let free = self.free();
        let others = !paused && (!self.relayed.is_empty() || free.is_some());
        let their_turn = others && self.in_a_row >= MESSAGES_IN_A_ROW;
        if !their_turn && let Some(message) = self.messages.pop_front() {
            self.in_a_row = if others { self.in_a_row + 1 } else { 0 };
            self.bytes -= message.body.len();
            return Some(Taken::Message(message));
        }
        self.in_a_row = 0;
        if !others {
            return None;
        }
        // By turns.
        self.relayed_last = !self.relayed_last && !self.relayed.is_empty() || free.is_none();
        if self.relayed_last {
            return self.relayed.pop_front().map(Taken::Message);
        }
        let key = self.order.remove(free?)?;
        let presence = self.presence.remove(&key)?;
        self.under_way.push(key);
        Some(Taken::Presence(presence))
    }
}

#[cfg(test)]
mod tests;
