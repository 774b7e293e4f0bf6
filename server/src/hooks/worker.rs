//! One hook's deliveries, one after the other.

use super::request::{PostError, post};
use super::{Hook, Patience};
use crate::clock::Clock;
use crate::store::{Attempt, DueDelivery, Store, StoreError};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// How many are read at once, and how long their outcomes may wait to be written.
const BATCH: i64 = 64;
const WRITTEN_AFTER: Duration = Duration::from_secs(1);

/// The longest sleep without a look at the clock.
const LOOK: Duration = Duration::from_secs(60);

/// The pause after the database failed.
const AGAIN: Duration = Duration::from_secs(5);

pub(super) struct Worker<'a> {
    pub(super) hook: &'a Hook,
    /// What the table calls it.
    pub(super) name: String,
    pub(super) store: &'a Store,
    pub(super) clock: &'a Clock,
    pub(super) patience: &'a Patience,
}

/// What comes after a round.
enum Then {
    /// Nothing for so long, whatever comes in meanwhile.
    Pause(Duration),
    /// The next delivery, when it is due, or something new; none waits now.
    Due(Option<Duration>),
}

impl Worker<'_> {
    pub(super) async fn run(self, stop: &CancellationToken) {
        let mut failed = false;
        while !stop.is_cancelled() {
            let round = self.round(stop).await;
            if let Err(error) = &round
                && !failed
            {
                tracing::warn!(%error, hook = self.hook.url.authority(), "deliveries to a hook wait for the database");
            }
            failed = round.is_err();
            let waited = async {
                match round.unwrap_or(Then::Pause(AGAIN)) {
                    Then::Pause(pause) => sleep(pause).await,
                    Then::Due(None) => self.hook.woken.notified().await,
                    Then::Due(Some(left)) => tokio::select! {
                        () = sleep(left.min(LOOK)) => {}
                        () = self.hook.woken.notified() => {}
                    },
                }
            };
            tokio::select! {
                () = waited => {}
                () = stop.cancelled() => {}
            }
        }
    }

    fn first_pause(&self) -> Duration {
        self.patience.again.first().copied().unwrap_or_default()
    }

    /// Delivers what is due.
    async fn round(&self, stop: &CancellationToken) -> Result<Then, StoreError> {
        let now = self.clock.now_ms();
        let due = self.store.due_deliveries(&self.name, now, BATCH).await?;
        if due.is_empty() {
            let next = self.store.next_delivery(&self.name).await?;
            let left = next.map(|at| at.saturating_sub(self.clock.now_ms()).max(1));
            return Ok(Then::Due(left.map(|left| {
                Duration::from_millis(u64::try_from(left).unwrap_or(1))
            })));
        }
        let until = Instant::now() + WRITTEN_AFTER;
        let mut attempts = Vec::new();
        let mut pause = Duration::ZERO;
        for delivery in due {
            let outcome = tokio::select! {
                biased;
                outcome = post(self.hook, &delivery, self.patience) => outcome,
                // It is not counted, and tried again after the next start.
                () = stop.cancelled() => break,
            };
            // Who is down or overwhelmed is not asked for each of them.
            if outcome.as_ref().is_err_and(PostError::is_of_the_hook) {
                pause = self.first_pause();
            }
            attempts.push(self.attempt(&delivery, outcome));
            if !pause.is_zero() || Instant::now() >= until {
                break;
            }
        }
        self.write(&attempts, stop).await;
        Ok(Then::Pause(pause))
    }

    fn attempt(&self, delivery: &DueDelivery, outcome: Result<u16, PostError>) -> Attempt {
        let made = usize::try_from(delivery.attempts).unwrap_or(usize::MAX);
        let again = self.patience.again.get(made);
        let (now, wall) = (self.clock.now_ms(), self.clock.wall_ms());
        let attempt = |state, pause: Duration, status: Option<u16>, error| Attempt {
            id: delivery.id,
            state,
            next_ms: now + i64::try_from(pause.as_millis()).unwrap_or(0),
            tried_ms: wall,
            status: status.map(i64::from),
            error,
        };
        match (outcome, again) {
            (Ok(status), _) => attempt("delivered", Duration::ZERO, Some(status), String::new()),
            (Err(error), Some(pause)) => {
                attempt("waiting", *pause, error.status(), error.to_string())
            }
            (Err(error), None) => {
                let hook = self.hook.url.authority();
                tracing::warn!(hook, delivery = delivery.id, %error, "a delivery to a hook was given up");
                attempt("failed", Duration::ZERO, error.status(), error.to_string())
            }
        }
    }

    /// Writes outcomes. As long as the disk takes none nothing more is delivered: it would be
    /// delivered twice.
    async fn write(&self, attempts: &[Attempt], stop: &CancellationToken) {
        let mut told = false;
        while let Err(error) = self.store.deliveries_tried(&self.name, attempts).await {
            if !told {
                tracing::warn!(%error, hook = self.hook.url.authority(), "what a hook was told cannot be written down; it is tried again");
            }
            told = true;
            tokio::select! {
                () = sleep(AGAIN) => {}
                () = stop.cancelled() => return,
            }
        }
    }
}
