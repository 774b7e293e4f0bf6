//! The queues of all call-backs: what waits for whom.

use super::client::Outcome;
use super::destination::Destination;
use super::tally::NotifyTally;
use super::worker::Worker;
use crate::federation::Federation;
use crate::presence::CallBackRef;
use crate::timeouts::Timeouts;
use bytes::Bytes;
use parking_lot::Mutex;
use rvp::{Alias, LogicalUrl, PropertyName, PropertyOut, SubscriptionId};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, oneshot};

/// Messages that may wait for one client; a sender beyond that is told at once.
const MESSAGES: usize = 64;

/// Presence values that may wait for one client.
const PRESENCES: usize = 4096;

/// Bounds of the longest pause between two tries of a client that does not answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);

/// A client that is back is found before its session ends: it is tried so often in the grace time.
const TRIES_IN_GRACE: u32 = 4;

/// Which queue: a sign-on's, that of a call-back that a watch named for itself, or that of a
/// watcher elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Login(SubscriptionId),
    Direct(SocketAddr, Alias),
    Elsewhere(LogicalUrl),
}

/// A message on its way to a client.
#[derive(Debug)]
pub(super) struct Message {
    /// The sign-on it goes to.
    pub(super) subscription: SubscriptionId,
    pub(super) from_principal: Arc<str>,
    pub(super) content_type: Arc<str>,
    pub(super) hops: u16,
    pub(super) body: Bytes,
    pub(super) done: oneshot::Sender<Outcome>,
}

/// The newest value of one property of one node, as this client is to read it.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    pub(super) subscription: SubscriptionId,
    pub(super) sequence: u64,
    pub(super) authority: Arc<str>,
    pub(super) spelled: Arc<str>,
    pub(super) change: PropertyOut,
}

pub(super) type PresenceKey = (Alias, PropertyName);

#[derive(Debug)]
enum Item {
    Message(Message),
    Presence(PresenceKey),
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    presence: HashMap<PresenceKey, Presence>,
    messages: usize,
    running: bool,
    /// The session ended: what is in the queue is the last that it gets.
    closed: bool,
}

/// What a queue reports of its client.
pub(super) trait Observer: Send + Sync {
    /// Is the session still live?
    fn is_live(&self, call_back: &CallBackRef) -> bool;
    /// Is there still this watch of a node?
    fn is_watched(&self, node: &Alias, watch: SubscriptionId) -> bool;
    /// What is sent to a client only to see whether it answers: something it knows already.
    fn probe(&self, call_back: &CallBackRef) -> Option<Presence>;
    /// Failed as often as counts.
    fn unreachable(&self, call_back: &CallBackRef);
    /// Answered.
    fn reachable(&self, call_back: &CallBackRef);
}

#[derive(Debug)]
pub(super) struct Queue {
    pub(super) to: Destination,
    waiting: Mutex<Waiting>,
    pub(super) woken: Notify,
}

/// All queues.
pub(super) struct Queues {
    map: Mutex<HashMap<Key, Arc<Queue>>>,
    pub(super) at_once: Semaphore,
    pub(super) limits: Timeouts,
    /// Between two tries of a client that does not answer.
    pub(super) longest_pause: Duration,
    pub(super) federation: Federation,
    pub(super) tally: Arc<NotifyTally>,
}

impl Queues {
    /// Queues of clients whose sessions live for `grace` once they do not answer.
    pub(super) fn new(
        limits: Timeouts,
        at_once: usize,
        grace: Duration,
        federation: Federation,
    ) -> Self {
        Self {
            longest_pause: (grace / TRIES_IN_GRACE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE),
            map: Mutex::default(),
            at_once: Semaphore::new(at_once),
            limits,
            federation,
            tally: Arc::default(),
        }
    }

    /// Queues a message; gives it back if too many wait.
    pub(super) fn message<O: Observer + 'static>(
        self: &Arc<Self>,
        key: Key,
        to: &Destination,
        message: Message,
        observer: &Arc<O>,
    ) -> Result<(), Message> {
        self.put(key, to, observer, |waiting| {
            if waiting.messages >= MESSAGES || waiting.closed {
                return Err(message);
            }
            waiting.messages += 1;
            waiting.items.push_back(Item::Message(message));
            Ok(())
        })
    }

    /// Queues a property's value in place of an older one.
    pub(super) fn presence<O: Observer + 'static>(
        self: &Arc<Self>,
        key: Key,
        to: &Destination,
        node: &Alias,
        presence: Presence,
        observer: &Arc<O>,
    ) {
        self.put(key, to, observer, |waiting| {
            waiting.add_presence(node, presence);
        });
    }

    /// Drops the presence that waits, queues a last value, and takes nothing more.
    pub(super) fn finish<O: Observer + 'static>(
        self: &Arc<Self>,
        key: Key,
        to: &Destination,
        node: &Alias,
        last: Presence,
        observer: &Arc<O>,
    ) {
        self.put(key, to, observer, |waiting| {
            waiting
                .items
                .retain(|item| matches!(item, Item::Message(_)));
            waiting.presence.clear();
            waiting.add_presence(node, last);
            waiting.closed = true;
        });
    }

    /// Ends the task of a queue if nothing waits that it could send.
    pub(super) fn leave(&self, key: &Key, queue: &Queue, paused: bool) -> bool {
        let mut map = self.map.lock();
        let mut waiting = queue.waiting.lock();
        if waiting.messages > 0 || (!paused && !waiting.items.is_empty()) {
            return false;
        }
        waiting.running = false;
        map.remove(key);
        true
    }

    fn put<O: Observer + 'static, T>(
        self: &Arc<Self>,
        key: Key,
        to: &Destination,
        observer: &Arc<O>,
        add: impl FnOnce(&mut Waiting) -> T,
    ) -> T {
        let mut map = self.map.lock();
        let queue = map.entry(key.clone()).or_insert_with(|| {
            Arc::new(Queue {
                to: to.clone(),
                waiting: Mutex::default(),
                woken: Notify::new(),
            })
        });
        let mut waiting = queue.waiting.lock();
        let result = add(&mut waiting);
        if waiting.running {
            // Presence waits as long as its reader is left alone, however often it changes.
            if waiting.messages > 0 || waiting.closed {
                queue.woken.notify_one();
            }
        } else {
            waiting.running = true;
            let (queues, queue, observer) = (self.clone(), queue.clone(), observer.clone());
            let worker = Worker::new(queues, key, queue, observer);
            tokio::spawn(worker.run());
        }
        result
    }

    pub(super) fn count(&self, kind: &'static str, outcome: Outcome) {
        self.tally.count(outcome);
        metrics::counter!("rollcall_notify_total", "kind" => kind, "outcome" => outcome.label())
            .increment(1);
    }
}

/// What was taken from a queue to be sent.
pub(super) enum Taken {
    Message(Message),
    Presence(PresenceKey, Presence),
}

impl Queue {
    /// Takes the next item; while presence waits, only messages.
    pub(super) fn next(&self, paused: bool) -> Option<Taken> {
        let mut waiting = self.waiting.lock();
        let is_message = |item: &Item| matches!(item, Item::Message(_));
        let place = if paused {
            waiting.items.iter().position(is_message)?
        } else {
            0
        };
        match waiting.items.remove(place)? {
            Item::Message(message) => {
                waiting.messages -= 1;
                Some(Taken::Message(message))
            }
            Item::Presence(key) => {
                let presence = waiting.presence.remove(&key)?;
                Some(Taken::Presence(key, presence))
            }
        }
    }

    pub(super) fn has_presence(&self) -> bool {
        !self.waiting.lock().presence.is_empty()
    }

    /// Forgets presence of nodes that are not watched any more; says whether any is left.
    pub(super) fn keep_presence(
        &self,
        is_watched: impl Fn(&Alias, SubscriptionId) -> bool,
    ) -> bool {
        let mut waiting = self.waiting.lock();
        let Waiting {
            items, presence, ..
        } = &mut *waiting;
        presence.retain(|(node, _), value| is_watched(node, value.subscription));
        items.retain(|item| match item {
            Item::Presence(key) => presence.contains_key(key),
            Item::Message(_) => true,
        });
        !presence.is_empty()
    }

    /// Puts a value back that could not be sent.
    pub(super) fn put_back(&self, node: &Alias, presence: Presence) {
        self.waiting.lock().add_presence(node, presence);
    }
}

impl Waiting {
    /// The newest value wins; it keeps the place of the older one.
    fn add_presence(&mut self, node: &Alias, presence: Presence) {
        if self.closed {
            return;
        }
        let key = (node.clone(), presence.change.name());
        let full = self.presence.len() >= PRESENCES;
        match self.presence.get_mut(&key) {
            Some(older) if older.sequence > presence.sequence => {}
            Some(older) => *older = presence,
            None if full => {
                tracing::warn!(node = %node, "a call-back's queue is full: a presence value was dropped");
            }
            None => {
                self.items.push_back(Item::Presence(key.clone()));
                self.presence.insert(key, presence);
            }
        }
    }
}
