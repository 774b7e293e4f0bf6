//! The task that works one queue off, with patience for who does not answer.

use super::client::Outcome;
use super::destination::{Destination, Head};
use super::places::{GoesOn, Place, Urgency};
use super::queue::{Presence, Queue, Taken};
use super::queues::{Key, Queues, Turn};
use super::route::XML;
use super::standing::Class;
use rvp::LogicalUrl;
use std::future::pending;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout_at};

/// How long the next NOTIFY waits for the answer to the one before. A client that acts on a
/// message before it answers it must not hold up what its act causes.
const PATIENCE: Duration = Duration::from_millis(250);

/// NOTIFYs to one client that may be under way at once.
const AT_ONCE: usize = 4;

/// A call-back that has not answered by then is slow: it makes room for others.
const OVERDUE: Duration = Duration::from_millis(400);

/// The pause after the first failure; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Failures in a row after which a session counts as unreachable.
const FAILURES: u32 = 2;

/// What became of an item; with presence, the value.
#[derive(Debug)]
enum Done {
    Ended(Outcome, Option<Presence>),
    /// It had less time than it may take: nothing is known of the client. Presence is tried again.
    Cut(Option<Presence>),
}

/// The task that works one queue off.
pub(super) struct Worker {
    queues: Arc<Queues>,
    key: Key,
    queue: Arc<Queue>,
    under_way: JoinSet<Done>,
    failures: u32,
    /// The client does not answer: presence waits, messages are tried at once.
    paused: bool,
    /// It could not even be connected: looked after until it listens or its session ends.
    unreachable: bool,
}

impl Worker {
    pub(super) fn new(queues: Arc<Queues>, key: Key, queue: Arc<Queue>) -> Self {
        Self {
            queues,
            key,
            queue,
            under_way: JoinSet::new(),
            failures: 0,
            paused: false,
            unreachable: false,
        }
    }

    /// Works the queue off until there is nothing more to send, or nobody to send it to.
    pub(super) async fn run(mut self, place: Place) {
        let mut given = Some(place);
        loop {
            while let Some(joined) = self.under_way.try_join_next() {
                self.joined(Some(joined));
            }
            let room = self.under_way.len() < AT_ONCE;
            let turn = match given.take() {
                Some(place) => Turn::Go(place),
                None if room => self.queues.turn(&self.key, &self.queue, self.paused),
                None => Turn::Nothing,
            };
            match turn {
                Turn::Go(place) => {
                    if let Some(item) = self.queue.next(self.paused) {
                        self.begin(place, item).await;
                    }
                }
                Turn::Wait => self.wait_for_turn().await,
                Turn::Nothing if !self.under_way.is_empty() => self.wait_for_end(room).await,
                Turn::Nothing if self.paused && self.is_worth_waiting() => self.pause().await,
                Turn::Nothing => {
                    if self.queues.leave(&self.key, &self.queue, self.paused) {
                        return;
                    }
                }
            }
        }
    }

    /// Sends an item, and waits a moment for the answer. Whoever is slow is waited for beside
    /// what goes next; presence that is slow keeps no message waiting.
    async fn begin(&mut self, place: Place, item: Taken) {
        let is_message = matches!(item, Taken::Message(_));
        let (queues, queue) = (self.queues.clone(), self.queue.clone());
        self.under_way.spawn(send(queues, queue, item, place));
        let patience = sleep_until(Instant::now() + PATIENCE);
        tokio::pin!(patience);
        loop {
            tokio::select! {
                joined = self.under_way.join_next() => return self.joined(joined),
                () = &mut patience => return,
                () = self.queue.woken.notified(), if !is_message => {
                    if self.queue.is_urgent() {
                        return;
                    }
                }
            }
        }
    }

    /// Waits for a place, for the end of something under way, or of what is first in the queue.
    async fn wait_for_turn(&mut self) {
        let first_end = self.queue.first_end();
        let over = async {
            match first_end {
                Some(end) => sleep_until(end).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = self.queue.woken.notified() => {}
            joined = self.under_way.join_next(), if !self.under_way.is_empty() => self.joined(joined),
            () = over => {}
        }
    }

    /// Waits for the end of something under way, or, if there is room, for something new.
    async fn wait_for_end(&mut self, room: bool) {
        tokio::select! {
            joined = self.under_way.join_next() => self.joined(joined),
            () = self.queue.woken.notified(), if room => {}
        }
    }

    /// Whether there is still somebody to look after who does not answer now.
    fn is_worth_waiting(&self) -> bool {
        let observer = &self.queues.observer;
        match &self.queue.to {
            Destination::Client(client) => {
                (self.failures > 0 || self.queue.has_presence()) && observer.is_live(client)
            }
            Destination::Elsewhere(_) => self
                .queue
                .keep_presence(|node, watch| observer.is_watched(node, watch)),
        }
    }

    /// Lets a client that does not answer alone for a while; a new message ends the pause.
    async fn pause(&mut self) {
        let pause = FIRST_PAUSE
            .saturating_mul(1 << self.failures.min(6))
            .min(self.queues.longest_pause);
        let over = sleep_until(Instant::now() + pause);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => break,
                // Presence waits as long as its reader is left alone, however often it changes.
                () = self.queue.woken.notified() => {
                    if self.queue.is_urgent() {
                        return;
                    }
                }
            }
        }
        if self.queue.has_presence() || self.probe() {
            // The next one shows how the client is.
            self.paused = false;
        } else if self.listens().await {
            self.answered();
        } else {
            self.failed(Outcome::Unreachable);
        }
    }

    /// Whether it listens again. Nothing is sent.
    async fn listens(&self) -> bool {
        let ask = self
            .queues
            .ask(&self.queue, Class::Suspect, Urgency::Presence);
        let Some(_place) = self.queues.places.wait(ask).await else {
            return false;
        };
        self.queue.to.listens(self.queues.limits).await
    }

    /// Puts something into the queue of a client that could be connected but did not answer: it
    /// is gone or it is not, whether or not anybody has more to say to it.
    fn probe(&self) -> bool {
        let Destination::Client(client) = &self.queue.to else {
            return false;
        };
        if self.unreachable {
            return false;
        }
        let probe = self.queues.observer.probe(client);
        let probed = probe.is_some();
        if let Some(presence) = probe {
            self.queue.put_back(Presence {
                counted: self.queues.counted(),
                ..presence
            });
        }
        probed
    }

    fn answered(&mut self) {
        (self.failures, self.paused, self.unreachable) = (0, false, false);
        if let Destination::Client(client) = &self.queue.to {
            self.queues.observer.reachable(client);
        }
    }

    fn failed(&mut self, outcome: Outcome) {
        self.failures += 1;
        self.paused = true;
        self.unreachable = outcome == Outcome::Unreachable;
        tracing::debug!(
            to = %self.queue.to.url(),
            outcome = outcome.label(), failures = self.failures, "call-back failed"
        );
        if self.failures == FAILURES
            && let Destination::Client(client) = &self.queue.to
        {
            self.queues.observer.unreachable(client);
        }
    }

    fn joined(&mut self, joined: Option<Result<Done, JoinError>>) {
        match joined {
            Some(Ok(done)) => self.ended(done),
            Some(Err(_)) => self.queue.nothing_under_way(),
            None => {}
        }
    }

    fn ended(&mut self, done: Done) {
        let (presence, sent) = match done {
            // A 500 for a presence push means nothing (observed: Net::RVP's sample client).
            Done::Ended(outcome, presence) if outcome.is_alive() => {
                self.answered();
                (presence, true)
            }
            // This server's own trouble says nothing of the client.
            Done::Ended(Outcome::NoRoom, presence) => {
                self.paused = true;
                (presence, false)
            }
            Done::Ended(outcome, presence) => {
                self.failed(outcome);
                (presence, false)
            }
            Done::Cut(presence) => (presence, false),
        };
        if let Some(presence) = presence {
            self.queue.over(presence, sent);
        }
    }
}

/// Sends one item. Its place is held as long as it has a connection.
async fn send(queues: Arc<Queues>, queue: Arc<Queue>, item: Taken, place: Place) -> Done {
    match item {
        Taken::Message(message) => {
            let head = Head {
                subscription: message.subscription,
                from_principal: &message.from_principal,
                content_type: XML,
                hops: message.hops,
            };
            let to = &queue.to;
            // Pinned here: what is handed on by value takes its room once more each time.
            let attempt = pin!(to.notify(head, &message.body, &queues.federation, queues.limits));
            let attempt = pin!(within(&queues, &queue, place, attempt));
            // A sender who has been told that it did not arrive must be right.
            let ended = timeout_at(message.until, attempt).await.ok().flatten();
            let outcome = ended.unwrap_or(Outcome::TimedOut);
            queues.count("message", outcome);
            // The sender may have given up.
            let _ = message.done.send(outcome);
            match ended {
                Some(outcome) => Done::Ended(outcome, None),
                None => Done::Cut(None),
            }
        }
        Taken::Presence(presence) => {
            let from = LogicalUrl::compose(&presence.authority, &presence.spelled);
            let body = rvp::presence_push(
                from.as_str(),
                queue.to.url().as_str(),
                std::slice::from_ref(&presence.change.value),
            );
            let body = body.into();
            let head = Head {
                subscription: presence.subscription,
                from_principal: from.as_str(),
                content_type: XML,
                hops: 2,
            };
            let to = &queue.to;
            let attempt = pin!(to.notify(head, &body, &queues.federation, queues.limits));
            match within(&queues, &queue, place, attempt).await {
                Some(outcome) => {
                    queues.count("presence", outcome);
                    Done::Ended(outcome, Some(presence))
                }
                None => Done::Cut(Some(presence)),
            }
        }
    }
}

/// The outcome of an attempt, and what is known of the call-back from then on. `None`: it was
/// overdue, and there was no room for that.
async fn within(
    queues: &Queues,
    queue: &Queue,
    mut place: Place,
    mut attempt: Pin<&mut impl Future<Output = Outcome>>,
) -> Option<Outcome> {
    let quick = timeout_at(Instant::now() + OVERDUE, attempt.as_mut()).await;
    let outcome = match quick {
        Ok(outcome) => outcome,
        Err(_) => {
            queues.standings.set(&queue.target, Class::Suspect);
            match place.overdue() {
                GoesOn::Yes => attempt.await,
                GoesOn::Until(leave) => tokio::select! {
                    outcome = attempt => outcome,
                    Ok(()) = leave => return None,
                },
                GoesOn::No => return None,
            }
        }
    };
    let class = match outcome {
        Outcome::Answered(_) if quick.is_ok() => Class::Proven,
        Outcome::NoRoom => return Some(outcome),
        _ => Class::Suspect,
    };
    queues.standings.set(&queue.target, class);
    Some(outcome)
}
