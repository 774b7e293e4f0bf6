//! The queues of all call-backs. A queue exists only while there is something to send, or somebody
//! to look after who does not answer; a task for it only once there is a connection for it.

use super::budget::{Counted, MessageBytes};
use super::client::Outcome;
use super::destination::Destination;
use super::places::{Ask, Asked, Party, Place, Places, Urgency};
use super::queue::{Change, Message, Presence, Queue, Waiting, expire};
use super::standing::{Class, Standings, Target};
use super::tally::NotifyTally;
use super::worker::Worker;
use crate::federation::Federation;
use crate::names::host_of;
use crate::presence::CallBackRef;
use crate::timeouts::Timeouts;
use parking_lot::Mutex;
use rvp::{Alias, LogicalUrl, SubscriptionId};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tokio::time::Instant;

/// Bounds of the longest pause between two tries of a client that does not answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);

/// A client that is back is found before its session ends: it is tried so often in the grace time.
const TRIES_IN_GRACE: u32 = 4;

/// Presence values that may wait, for all call-backs together; half of that for those that do not
/// answer.
const PRESENCES: usize = 1_000_000;

/// A crowd's table of queues is not kept for ever: larger ones shrink.
const TABLE: usize = 1024;

/// Which queue: a sign-on's, that of a call-back that a watch named for itself, or that of a
/// watcher elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Login(SubscriptionId),
    Direct(SocketAddr, Alias),
    Elsewhere(LogicalUrl),
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

/// Whether something may be sent now.
#[derive(Debug)]
pub(super) enum Turn {
    /// There is nothing to send.
    Nothing,
    /// There is, but others are first.
    Wait,
    /// Over this connection.
    Go(Place),
}

/// All queues.
pub(super) struct Queues {
    map: Mutex<HashMap<Key, Arc<Queue>>>,
    pub(super) places: Places,
    pub(super) standings: Standings,
    pub(super) bytes: Arc<MessageBytes>,
    presences: Arc<AtomicUsize>,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) limits: Timeouts,
    /// Between two tries of a client that does not answer.
    pub(super) longest_pause: Duration,
    pub(super) federation: Federation,
    pub(super) tally: Arc<NotifyTally>,
}

impl Queues {
    /// Queues of clients whose sessions live for `grace` once they do not answer, over so many
    /// connections at once.
    pub(super) fn new(
        limits: Timeouts,
        connections: usize,
        grace: Duration,
        federation: Federation,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self {
            longest_pause: (grace / TRIES_IN_GRACE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE),
            map: Mutex::default(),
            places: Places::new(connections),
            standings: Standings::default(),
            bytes: Arc::default(),
            presences: Arc::default(),
            observer,
            limits,
            federation,
            tally: Arc::default(),
        }
    }

    /// Queues a message, or gives it back if there is no room for it. What made room for it goes.
    pub(super) fn message(
        self: &Arc<Self>,
        key: Key,
        to: &Destination,
        message: Message,
    ) -> Result<(), Message> {
        self.put(key, to, |_, waiting| waiting.add_message(message))
            .map(drop)
    }

    /// Queues a property's value in place of an older one.
    pub(super) fn presence(
        self: &Arc<Self>,
        key: Key,
        to: &Destination,
        subscription: SubscriptionId,
        (authority, spelled): (&Arc<str>, &Arc<str>),
        change: &Arc<Change>,
    ) {
        self.put(key, to, |queue, waiting| {
            let suspect = self.standings.of(&queue.target) == Class::Suspect;
            let most = if suspect { PRESENCES / 2 } else { PRESENCES };
            waiting.add_presence(Presence {
                subscription,
                authority: authority.clone(),
                spelled: spelled.clone(),
                change: change.clone(),
                counted: Counted::of(&self.presences, most),
            });
        });
    }

    /// What a value counts for that must not be dropped.
    pub(super) fn counted(&self) -> Option<Counted> {
        Counted::of(&self.presences, usize::MAX)
    }

    /// Drops the presence that waits, queues a last value, and takes nothing more.
    pub(super) fn finish(self: &Arc<Self>, key: Key, to: &Destination, last: Presence) {
        self.put(key, to, |_, waiting| waiting.finish(last));
    }

    /// Ends the task of a queue if nothing waits that it could send.
    pub(super) fn leave(&self, key: &Key, queue: &Arc<Queue>, paused: bool) -> bool {
        let mut map = self.map.lock();
        let mut waiting = queue.lock();
        if waiting.urgency(paused).is_some() {
            return false;
        }
        waiting.running = false;
        let (place, asked) = (waiting.place.take(), waiting.asked.take());
        drop(waiting);
        if map.get(key).is_some_and(|known| Arc::ptr_eq(known, queue)) {
            map.remove(key);
        }
        if map.capacity() > TABLE && map.len() < map.capacity() / 8 {
            let needed = TABLE.max(2 * map.len());
            map.shrink_to(needed);
        }
        drop(map);
        if let Some(ticket) = asked {
            self.places.cancel(&ticket);
        }
        drop(place);
        true
    }

    /// Whether the task of a queue may send something now. If it has to wait, `woken` says when
    /// to ask again.
    pub(super) fn turn(self: &Arc<Self>, key: &Key, queue: &Arc<Queue>, paused: bool) -> Turn {
        let mut waiting = queue.lock();
        let expired = waiting.take_expired(Instant::now());
        let turn = self.seek(key, queue, &mut waiting, paused);
        let unused = match turn {
            Turn::Nothing => (waiting.place.take(), waiting.asked.take()),
            Turn::Wait | Turn::Go(_) => (None, None),
        };
        drop(waiting);
        expire(expired);
        if let (_, Some(ticket)) = &unused {
            self.places.cancel(ticket);
        }
        turn
    }

    /// Looks for a place for what is first in a queue.
    fn seek(
        self: &Arc<Self>,
        key: &Key,
        queue: &Arc<Queue>,
        waiting: &mut Waiting,
        paused: bool,
    ) -> Turn {
        let Some(urgency) = waiting.urgency(paused) else {
            return Turn::Nothing;
        };
        if let Some(place) = waiting.place.take() {
            return Turn::Go(place);
        }
        let class = self.standings.of(&queue.target);
        if let Some(ticket) = &waiting.asked {
            let is_right = ticket.class == class && ticket.urgency == urgency;
            // One that cannot be taken back is a place that is on its way.
            if is_right || !self.places.cancel(ticket) {
                return Turn::Wait;
            }
            waiting.asked = None;
        }
        let ask = self.ask(queue, class, urgency);
        let (queues, key, queue) = (self.clone(), key.clone(), queue.clone());
        match self
            .places
            .ask(ask, move |place| queues.granted(key, queue, place))
        {
            Asked::Now(place) => Turn::Go(place),
            Asked::Later(ticket) => {
                waiting.asked = Some(ticket);
                Turn::Wait
            }
        }
    }

    pub(super) fn ask(&self, queue: &Queue, class: Class, urgency: Urgency) -> Ask {
        let address = match &queue.target {
            Target::Address(address) => Some(address.ip()),
            Target::Peer(_) => None,
        };
        Ask {
            party: queue.party.clone(),
            address,
            class,
            urgency,
        }
    }

    fn granted(self: &Arc<Self>, key: Key, queue: Arc<Queue>, place: Place) {
        let mut waiting = queue.lock();
        waiting.asked = None;
        if waiting.running {
            let other = waiting.place.replace(place);
            drop(waiting);
            drop(other);
            queue.woken.notify_one();
            return;
        }
        waiting.running = true;
        drop(waiting);
        self.start(key, queue, place);
    }

    fn start(self: &Arc<Self>, key: Key, queue: Arc<Queue>, place: Place) {
        // Without a runtime the server has ended, and nobody can be told.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(Worker::new(self.clone(), key, queue).run(place));
        }
    }

    fn put<T>(
        self: &Arc<Self>,
        key: Key,
        to: &Destination,
        add: impl FnOnce(&Queue, &mut Waiting) -> T,
    ) -> T {
        let mut map = self.map.lock();
        let queue = map
            .entry(key.clone())
            .or_insert_with(|| Arc::new(self.queue(to)))
            .clone();
        let mut waiting = queue.lock();
        let result = add(&queue, &mut waiting);
        let expired = waiting.take_expired(Instant::now());
        if waiting.running {
            drop(waiting);
            queue.woken.notify_one();
        } else {
            let turn = self.seek(&key, &queue, &mut waiting, false);
            waiting.running = matches!(turn, Turn::Go(_));
            let is_empty = waiting.is_empty() && waiting.asked.is_none();
            drop(waiting);
            if is_empty {
                map.remove(&key);
            }
            drop(map);
            if let Turn::Go(place) = turn {
                self.start(key, queue, place);
            }
        }
        expire(expired);
        result
    }

    fn queue(&self, to: &Destination) -> Queue {
        let (party, target) = match to {
            Destination::Client(client) => (
                Party::User(client.alias.clone()),
                Target::Address(client.address),
            ),
            Destination::Elsewhere(url) => {
                let peer = self.federation.peer(url.authority());
                let domain = peer.map_or(url.authority(), |peer| &*peer.domain);
                let domain: Arc<str> = host_of(domain).into();
                (Party::Peer(domain.clone()), Target::Peer(domain))
            }
        };
        Queue::new(to.clone(), party, target)
    }

    pub(super) fn count(&self, kind: &'static str, outcome: Outcome) {
        self.tally.count(outcome);
        metrics::counter!("rollcall_notify_total", "kind" => kind, "outcome" => outcome.label())
            .increment(1);
    }
}
