//! Who is told what: watchers of a change, the sign-ons of a recipient.

use super::client::Outcome;
use super::destination::Destination;
use super::queue::{Change, Message, Presence};
use super::queues::{Key, Observer, Queues};
use super::sender_url::SenderUrl;
use super::tally::NotifyTally;
use crate::clock::Clock;
use crate::federation::Federation;
use crate::presence::{Answered, CallBackRef, Event, Nodes, Watcher, Who};
use crate::timeouts::Timeouts;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use parking_lot::Mutex;
use rvp::{AckType, Alias, LogicalUrl, PropertyOut, State, SubscriptionId};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// How long a sender waits for an answer at the most: below the 30 s of its own patience.
const SENDER_WAITS: Duration = Duration::from_secs(20);

/// How long a forced logoff waits for its message to arrive.
const FAREWELL_WAITS: Duration = Duration::from_secs(1);

/// What clients compare the beginning of a content type with, in these letters (observed:
/// librvp); whatever the sender wrote.
pub(super) const XML: &str = "text/xml";

/// How many may tell of different nodes at once.
const TELLING: usize = 64;

/// A message to be relayed, byte for byte.
#[derive(Clone, Debug)]
pub struct Relay {
    /// URL of the sender.
    pub from: SenderUrl,
    /// Hop count to send: the sender's and one more.
    pub hops: u16,
    /// The body.
    pub body: Bytes,
    /// Who is held to account for it: a user, or another server; `None`: this server itself.
    pub sender: Option<Arc<str>>,
    /// It is what another server says of its users, and can wait for messages.
    pub is_presence: bool,
}

/// What the sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// As far as the acknowledgement asked for goes, it arrived.
    Yes,
    /// The recipient's client answered 500: it left the conversation.
    LeftConversation,
    /// It did not arrive.
    No,
}

/// Outgoing NOTIFY. Cheap to clone.
#[derive(Clone)]
pub struct Delivery {
    nodes: Arc<Nodes>,
    queues: Arc<Queues>,
    /// Who tells of a node: of two events the newer must come into the queues last.
    telling: Arc<[Mutex<()>]>,
    hasher: RandomState,
    /// Messages that are not delivered yet.
    under_way: TaskTracker,
}

struct SessionObserver {
    nodes: Arc<Nodes>,
    clock: Clock,
}

impl Observer for SessionObserver {
    fn is_live(&self, to: &CallBackRef) -> bool {
        self.nodes.has_login(&to.alias, to.login)
    }

    fn is_watched(&self, node: &Alias, watch: SubscriptionId) -> bool {
        self.nodes.has_watch(node, watch)
    }

    fn probe(&self, to: &CallBackRef) -> Option<Presence> {
        let own = self.nodes.properties(&to.alias).ok()?;
        // Anything that waits is newer.
        Some(own_state(to, own.state, 0))
    }

    fn unreachable(&self, to: &CallBackRef) {
        if self
            .nodes
            .mark_unreachable(&to.alias, to.login, self.clock.now_ms())
        {
            tracing::info!(principal = %to.alias, call_back = %to.address, "session stopped answering");
        }
    }

    fn reachable(&self, to: &CallBackRef) {
        if self.nodes.mark_reachable(&to.alias, to.login) {
            tracing::info!(principal = %to.alias, call_back = %to.address, "session answers again");
        }
    }
}

impl Delivery {
    /// Delivery to the sign-ons that `nodes` knows, and to the watchers elsewhere, over so many
    /// connections at once.
    #[must_use]
    pub fn new(
        nodes: Arc<Nodes>,
        clock: Clock,
        limits: Timeouts,
        connections: usize,
        federation: Federation,
    ) -> Self {
        let under_way = TaskTracker::new();
        under_way.close();
        let grace = Duration::from_secs(nodes.limits().grace.into());
        let observer = Arc::new(SessionObserver {
            nodes: nodes.clone(),
            clock,
        });
        Self {
            nodes,
            telling: (0..TELLING).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            queues: Arc::new(Queues::new(
                limits,
                connections,
                grace,
                federation,
                observer,
            )),
            under_way,
        }
    }

    /// Waits until no message is on its way any more.
    pub async fn delivered(&self) {
        self.under_way.wait().await;
    }

    /// What became of the NOTIFYs.
    #[must_use]
    pub fn tally(&self) -> Arc<NotifyTally> {
        self.queues.tally.clone()
    }

    /// Tells watchers what they do not know better already. Returns at once.
    pub fn tell(&self, events: Vec<Event>) {
        for mut event in events {
            let place = self.hasher.hash_one(&event.node) % (self.telling.len() as u64);
            let _telling = self.telling[usize::try_from(place).unwrap_or(0)].lock();
            self.nodes.claim(&mut event);
            let Event {
                node,
                sequence,
                change,
                mut watchers,
            } = event;
            // Clients leave watches behind: one notification each, for the newest.
            watchers.sort_unstable_by(|a, b| (&a.subscriber, b.id).cmp(&(&b.subscriber, a.id)));
            watchers.dedup_by(|a, b| a.subscriber == b.subscriber && a.direct == b.direct);
            let change = Arc::new(Change {
                node,
                name: Arc::new(change.name()),
                sequence,
                value: change,
            });
            for watcher in watchers {
                self.tell_watcher(&watcher, &change);
            }
        }
    }

    /// Tells a watch what is newer than the answer that its subscriber was on the way to get.
    pub fn tell_newer(&self, answered: &Answered) {
        self.tell(self.nodes.newer_than(answered).into_iter().collect());
    }

    fn tell_watcher(&self, watcher: &Watcher, change: &Arc<Change>) {
        let queue = |key, to| {
            let spelled = (&watcher.authority, &watcher.spelled);
            self.queues.presence(key, &to, watcher.id, spelled, change);
        };
        match &watcher.subscriber {
            Who::Here(subscriber) => {
                self.nodes
                    .each_call_back(subscriber, |mut to| match watcher.direct {
                        Some(address) => {
                            to.address = address;
                            let key = Key::Direct(address, subscriber.clone());
                            queue(key, Destination::Client(to));
                        }
                        None => queue(Key::Login(to.login), Destination::Client(to)),
                    });
            }
            Who::Elsewhere(url) => {
                let url = LogicalUrl::clone(url);
                queue(Key::Elsewhere(url.clone()), Destination::Elsewhere(url));
            }
        }
    }

    /// Relays a message to these sign-ons of one recipient: at once, before anything is awaited.
    /// What it gives waits as long as the acknowledgement asked for says.
    pub fn relay(
        &self,
        to: &[CallBackRef],
        relay: &Relay,
        ack: AckType,
    ) -> impl Future<Output = Delivered> + use<> {
        let answers: FuturesUnordered<_> = self.send(to, relay).collect();
        Self::delivered_to(to.len(), answers, ack)
    }

    /// Waits for the answers of so many recipients, of which some may have had no room.
    async fn delivered_to(
        recipients: usize,
        mut answers: FuturesUnordered<oneshot::Receiver<Outcome>>,
        ack: AckType,
    ) -> Delivered {
        if ack == AckType::SingleHop {
            return if answers.is_empty() {
                Delivered::No
            } else {
                Delivered::Yes
            };
        }
        let asked = answers.len();
        let wait = async {
            let (mut arrived, mut left) = (0, false);
            while let Some(outcome) = answers.next().await {
                match outcome.unwrap_or(Outcome::Broken) {
                    outcome if outcome.is_success() && ack == AckType::DeepOr => {
                        return Delivered::Yes;
                    }
                    outcome if outcome.is_success() => arrived += 1,
                    Outcome::Answered(500) => left = true,
                    _ if ack == AckType::DeepAnd => return Delivered::No,
                    _ => {}
                }
            }
            match (arrived == asked && asked == recipients && asked > 0, left) {
                (true, _) => Delivered::Yes,
                (false, true) => Delivered::LeftConversation,
                (false, false) => Delivered::No,
            }
        };
        tokio::time::timeout(SENDER_WAITS, wait)
            .await
            .unwrap_or(Delivered::No)
    }

    /// Sends messages of the server itself. Returns at once.
    pub fn inform(&self, notices: &[(CallBackRef, Relay)]) {
        for (to, relay) in notices {
            // Whether it arrives is nobody's concern.
            self.send(std::slice::from_ref(to), relay).for_each(drop);
        }
    }

    /// Says farewell to sign-ons that an administrator is about to end.
    pub async fn farewell(&self, to: &[(CallBackRef, Relay)]) {
        let answers: FuturesUnordered<_> = to
            .iter()
            .flat_map(|(to, relay)| self.send(std::slice::from_ref(to), relay))
            .collect();
        // A client that does not answer is signed off all the same.
        let _ = tokio::time::timeout(FAREWELL_WAITS, answers.collect::<Vec<_>>()).await;
    }

    /// Tells an ended sign-on that its user is offline, as the last that it gets.
    pub fn last_word(&self, to: &CallBackRef) {
        let last = Presence {
            counted: self.queues.counted(),
            ..own_state(to, State::Offline, u64::MAX)
        };
        let key = Key::Login(to.login);
        self.queues
            .finish(key, &Destination::Client(to.clone()), last);
    }

    /// Queues a message for each of these sign-ons that has room for it.
    fn send(
        &self,
        to: &[CallBackRef],
        relay: &Relay,
    ) -> impl Iterator<Item = oneshot::Receiver<Outcome>> {
        let charge = self
            .queues
            .bytes
            .charge(relay.sender.as_ref(), relay.body.len());
        let until = Instant::now() + SENDER_WAITS;
        to.iter().filter_map(move |to| {
            let (done, answer) = oneshot::channel();
            let message = Message {
                subscription: to.login,
                from_principal: relay.from.for_reader(&to.url, self.nodes.names()),
                hops: relay.hops,
                body: relay.body.clone(),
                is_presence: relay.is_presence,
                until,
                charge: charge.clone()?,
                done,
                _under_way: self.under_way.token(),
            };
            let client = Destination::Client(to.clone());
            let queued = self.queues.message(Key::Login(to.login), &client, message);
            queued.is_ok().then_some(answer)
        })
    }
}

/// The state of a user, for one of their own sign-ons.
fn own_state(to: &CallBackRef, state: State, sequence: u64) -> Presence {
    let value = PropertyOut::State(state);
    Presence {
        subscription: to.login,
        authority: to.url.authority().into(),
        spelled: to.url.spelled_alias().into(),
        change: Arc::new(Change {
            node: to.alias.clone(),
            name: Arc::new(value.name()),
            sequence,
            value,
        }),
        counted: None,
    }
}
