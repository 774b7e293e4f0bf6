//! The task that works one queue off, with patience for who does not answer.

use super::client::Outcome;
use super::destination::{Destination, Head};
use super::queue::{Key, Observer, Presence, PresenceKey, Queue, Queues, Taken};
use rvp::LogicalUrl;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long the next NOTIFY waits for the answer to the one before. A client that acts on a
/// message before it answers it must not hold up what its act causes.
const PATIENCE: Duration = Duration::from_millis(250);

/// NOTIFYs to one client that may be under way at once.
const AT_ONCE: usize = 4;

/// The pause after the first failure; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Failures in a row after which a session counts as unreachable.
const FAILURES: u32 = 2;

/// What became of an item, and the presence to try again if it failed.
type Done = (Outcome, Option<(PresenceKey, Presence)>);

/// The task that works one queue off.
pub(super) struct Worker<O> {
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
    pub(super) fn new(queues: Arc<Queues>, key: Key, queue: Arc<Queue>, observer: Arc<O>) -> Self {
        Self {
            queues,
            key,
            queue,
            observer,
            under_way: JoinSet::new(),
            failures: 0,
            paused: false,
            unreachable: false,
        }
    }

    /// Works the queue off until there is nothing more to send, or nobody to send it to.
    pub(super) async fn run(mut self) {
        loop {
            while self.under_way.len() >= AT_ONCE {
                self.join().await;
            }
            if let Some(item) = self.queue.next(self.paused) {
                let (queues, queue) = (self.queues.clone(), self.queue.clone());
                self.under_way
                    .spawn(async move { send(&queues, &queue, item).await });
                // Whoever is slow is waited for below.
                let _ = tokio::time::timeout(PATIENCE, self.join()).await;
            } else if !self.under_way.is_empty() {
                self.join().await;
            } else if self.paused && self.is_worth_waiting() {
                self.wait().await;
            } else if self.queues.leave(&self.key, &self.queue, self.paused) {
                return;
            }
        }
    }

    /// Whether there is still somebody to look after who does not answer now.
    fn is_worth_waiting(&self) -> bool {
        match &self.queue.to {
            Destination::Client(client) => {
                (self.failures > 0 || self.queue.has_presence()) && self.observer.is_live(client)
            }
            Destination::Elsewhere(_) => self
                .queue
                .keep_presence(|node, watch| self.observer.is_watched(node, watch)),
        }
    }

    /// Lets a client that does not answer alone for a while; a new message ends the pause.
    async fn wait(&mut self) {
        let pause = FIRST_PAUSE
            .saturating_mul(1 << self.failures.min(6))
            .min(self.queues.longest_pause);
        if tokio::time::timeout(pause, self.queue.woken.notified())
            .await
            .is_ok()
        {
            return;
        }
        if self.queue.has_presence() || self.probe() {
            // The next one shows how the client is.
            self.paused = false;
        } else if self.queue.to.listens(self.queues.limits).await {
            self.answered();
        } else {
            self.failed(Outcome::Unreachable);
        }
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
        let probe = self.observer.probe(client);
        let probed = probe.is_some();
        if let Some(presence) = probe {
            self.queue.put_back(&client.alias, presence);
        }
        probed
    }

    fn answered(&mut self) {
        (self.failures, self.paused, self.unreachable) = (0, false, false);
        if let Destination::Client(client) = &self.queue.to {
            self.observer.reachable(client);
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
            self.observer.unreachable(client);
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
            self.queue.put_back(&node, presence);
        }
    }
}

/// Sends one item.
async fn send(queues: &Queues, queue: &Queue, item: Taken) -> Done {
    let Ok(_permit) = queues.at_once.acquire().await else {
        return (Outcome::Broken, None);
    };
    let notify = |head, body| async move {
        queue
            .to
            .notify(head, &body, &queues.federation, queues.limits)
            .await
    };
    match item {
        Taken::Message(message) => {
            let head = Head {
                subscription: message.subscription,
                from_principal: &message.from_principal,
                content_type: &message.content_type,
                hops: message.hops,
            };
            let outcome = notify(head, message.body.clone()).await;
            queues.count("message", outcome);
            // The sender may have given up.
            let _ = message.done.send(outcome);
            (outcome, None)
        }
        Taken::Presence(key, presence) => {
            let from = LogicalUrl::compose(&presence.authority, &presence.spelled);
            let body = rvp::presence_push(
                from.as_str(),
                queue.to.url().as_str(),
                std::slice::from_ref(&presence.change),
            );
            let head = Head {
                subscription: presence.subscription,
                from_principal: from.as_str(),
                content_type: "text/xml",
                hops: 2,
            };
            let outcome = notify(head, body.into()).await;
            queues.count("presence", outcome);
            (outcome, Some((key, presence)))
        }
    }
}
