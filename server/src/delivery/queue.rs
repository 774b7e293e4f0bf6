//! The queue of one call-back, and the task that works it off.

use super::client::{Outcome, Timeouts, listens, notify};
use super::tally::NotifyTally;
use crate::presence::CallBackRef;
use bytes::Bytes;
use parking_lot::Mutex;
use rvp::{Alias, PropertyName, PropertyOut, SubscriptionId};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::JoinSet;

/// Messages that may wait for one client; a sender beyond that is told at once.
const MESSAGES: usize = 64;

/// Presence values that may wait for one client.
const PRESENCES: usize = 4096;

/// How long the next NOTIFY waits for the answer to the one before. A client that acts on a
/// message before it answers it must not hold up what its act causes.
const PATIENCE: Duration = Duration::from_millis(250);

/// NOTIFYs to one client that may be under way at once.
const AT_ONCE: usize = 4;

/// The pause after the first failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Failures in a row after which a session counts as unreachable.
const FAILURES: u32 = 2;

/// Which queue: a sign-on's, or that of a call-back that a watch named for itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Login(SubscriptionId),
    Direct(SocketAddr, Alias),
}

/// A message on its way to a client.
#[derive(Debug)]
pub(super) struct Message {
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

type PresenceKey = (Alias, PropertyName);

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
    /// Failed as often as counts.
    fn unreachable(&self, call_back: &CallBackRef);
    /// Answered.
    fn reachable(&self, call_back: &CallBackRef);
}

#[derive(Debug)]
pub(super) struct Queue {
    call_back: CallBackRef,
    waiting: Mutex<Waiting>,
    woken: Notify,
}

/// All queues.
pub(super) struct Queues {
    map: Mutex<HashMap<Key, Arc<Queue>>>,
    at_once: Semaphore,
    limits: Timeouts,
    pub(super) tally: Arc<NotifyTally>,
}

impl Queues {
    pub(super) fn new(limits: Timeouts, at_once: usize) -> Self {
        Self {
            map: Mutex::default(),
            at_once: Semaphore::new(at_once),
            limits,
            tally: Arc::default(),
        }
    }

    /// Queues a message; gives it back if too many wait.
    pub(super) fn message<O: Observer + 'static>(
        self: &Arc<Self>,
        key: Key,
        call_back: &CallBackRef,
        message: Message,
        observer: &Arc<O>,
    ) -> Result<(), Message> {
        self.put(key, call_back, observer, |waiting| {
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
        call_back: &CallBackRef,
        node: &Alias,
        presence: Presence,
        observer: &Arc<O>,
    ) {
        self.put(key, call_back, observer, |waiting| {
            waiting.add_presence(node, presence);
        });
    }

    /// Drops the presence that waits, queues a last value, and takes nothing more.
    pub(super) fn finish<O: Observer + 'static>(
        self: &Arc<Self>,
        key: Key,
        call_back: &CallBackRef,
        node: &Alias,
        last: Presence,
        observer: &Arc<O>,
    ) {
        self.put(key, call_back, observer, |waiting| {
            waiting
                .items
                .retain(|item| matches!(item, Item::Message(_)));
            waiting.presence.clear();
            waiting.add_presence(node, last);
            waiting.closed = true;
        });
    }

    fn put<O: Observer + 'static, T>(
        self: &Arc<Self>,
        key: Key,
        call_back: &CallBackRef,
        observer: &Arc<O>,
        add: impl FnOnce(&mut Waiting) -> T,
    ) -> T {
        let mut map = self.map.lock();
        let queue = map.entry(key.clone()).or_insert_with(|| {
            Arc::new(Queue {
                call_back: call_back.clone(),
                waiting: Mutex::default(),
                woken: Notify::new(),
            })
        });
        let mut waiting = queue.waiting.lock();
        let result = add(&mut waiting);
        if waiting.running {
            queue.woken.notify_one();
        } else {
            waiting.running = true;
            let (queues, queue, observer) = (self.clone(), queue.clone(), observer.clone());
            let worker = Worker {
                queues,
                key,
                queue,
                observer,
                under_way: JoinSet::new(),
                failures: 0,
                paused: false,
                unreachable: false,
            };
            tokio::spawn(worker.run());
        }
        result
    }

    async fn send(&self, queue: &Queue, item: Taken) -> Done {
        let Ok(_permit) = self.at_once.acquire().await else {
            return (Outcome::Broken, None);
        };
        let to = &queue.call_back;
        match item {
            Taken::Message(message) => {
                let head = head(
                    to,
                    to.login,
                    &message.from_principal,
                    &message.content_type,
                    message.hops,
                    message.body.len(),
                );
                let outcome = notify(to.address, &head, &message.body, self.limits).await;
                self.count("message", outcome);
                // The sender may have given up.
                let _ = message.done.send(outcome);
                (outcome, None)
            }
            Taken::Presence(key, presence) => {
                let from = rvp::LogicalUrl::compose(&presence.authority, &presence.spelled);
                let body = rvp::presence_push(
                    from.as_str(),
                    to.url.as_str(),
                    std::slice::from_ref(&presence.change),
                );
                let head = head(
                    to,
                    presence.subscription,
                    from.as_str(),
                    "text/xml",
                    2,
                    body.len(),
                );
                let outcome = notify(to.address, &head, &body.into(), self.limits).await;
                self.count("presence", outcome);
                (outcome, Some((key, presence)))
            }
        }
    }

    fn count(&self, kind: &'static str, outcome: Outcome) {
        self.tally.count(outcome);
        metrics::counter!("rollcall_notify_total", "kind" => kind, "outcome" => outcome.label())
            .increment(1);
    }
}

enum Taken {
    Message(Message),
    Presence(PresenceKey, Presence),
}

/// What became of an item, and the presence to try again if it failed.
type Done = (Outcome, Option<(PresenceKey, Presence)>);

/// The task that works one queue off.
struct Worker<O> {
    queues: Arc<Queues>,
    key: Key,
    queue: Arc<Queue>,
    observer: Arc<O>,
    under_way: JoinSet<Done>,
    failures: u32,
    /// The client does not answer: presence waits, messages are tried at once.
    paused: bool,
    /// It could not even be connected: looked after until it listens or its session ends.
    unreachable: bool,
}

impl<O: Observer> Worker<O> {
    async fn run(mut self) {
        loop {
            while self.under_way.len() >= AT_ONCE {
                self.join().await;
            }
            if let Some(item) = self.queue.next(self.paused) {
                let (queues, queue) = (self.queues.clone(), self.queue.clone());
                self.under_way
                    .spawn(async move { queues.send(&queue, item).await });
                // Whoever is slow is waited for below.
                let _ = tokio::time::timeout(PATIENCE, self.join()).await;
            } else if !self.under_way.is_empty() {
                self.join().await;
            } else if self.paused
                && (self.unreachable || self.queue.has_presence())
                && self.observer.is_live(&self.queue.call_back)
            {
                self.wait().await;
            } else if self.leave() {
                return;
            }
        }
    }

    /// Lets a client that does not answer alone for a while; a new message ends the pause.
    async fn wait(&mut self) {
        let pause = FIRST_PAUSE
            .saturating_mul(1 << self.failures.min(6))
            .min(LONGEST_PAUSE);
        if tokio::time::timeout(pause, self.queue.woken.notified())
            .await
            .is_ok()
        {
            return;
        }
        if self.queue.has_presence() {
            // The next one shows how the client is.
            self.paused = false;
        } else if listens(self.queue.call_back.address, self.queues.limits).await {
            self.answered();
        } else {
            self.failed(Outcome::Unreachable);
        }
    }

    fn answered(&mut self) {
        (self.failures, self.paused, self.unreachable) = (0, false, false);
        self.observer.reachable(&self.queue.call_back);
    }

    fn failed(&mut self, outcome: Outcome) {
        self.failures += 1;
        self.paused = true;
        self.unreachable = outcome == Outcome::Unreachable;
        tracing::debug!(
            principal = %self.queue.call_back.alias, call_back = %self.queue.call_back.address,
            outcome = outcome.label(), failures = self.failures, "call-back failed"
        );
        if self.failures == FAILURES {
            self.observer.unreachable(&self.queue.call_back);
        }
    }

    async fn join(&mut self) {
        let Some(Ok((outcome, presence))) = self.under_way.join_next().await else {
            return;
        };
        if outcome.is_alive() {
            // A 500 for a presence push means nothing (observed: Net::RVP's sample client).
            self.answered();
            return;
        }
        self.failed(outcome);
        if let Some(((node, _), presence)) = presence {
            self.queue.waiting.lock().add_presence(&node, presence);
        }
    }

    /// Ends the task if nothing waits that it could send.
    fn leave(&mut self) -> bool {
        let mut map = self.queues.map.lock();
        let mut waiting = self.queue.waiting.lock();
        if waiting.messages > 0 || (!self.paused && !waiting.items.is_empty()) {
            return false;
        }
        waiting.running = false;
        map.remove(&self.key);
        true
    }
}

impl Queue {
    /// Takes the next item; while presence waits, only messages.
    fn next(&self, paused: bool) -> Option<Taken> {
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

    fn has_presence(&self) -> bool {
        !self.waiting.lock().presence.is_empty()
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

/// The head of a NOTIFY, in the spelling that clients compare with.
fn head(
    to: &CallBackRef,
    subscription: SubscriptionId,
    from_principal: &str,
    content_type: &str,
    hops: u16,
    length: usize,
) -> String {
    let mut head = String::with_capacity(320);
    // Writing to a String cannot fail.
    let _ = write!(
        head,
        "NOTIFY / HTTP/1.1\r\nRVP-Hop-Count: {hops}\r\nRVP-Notifications-Version: 1.0\r\nHost: {}\r\n\
         Subscription-Id: {subscription}\r\nRVP-From-Principal: {from_principal}\r\n\
         Content-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
        to.address
    );
    head
}
