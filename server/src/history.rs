//! Figures that outlive a restart: how many were online when; refused sign-ons and what became
//! of notifications, a day.

use crate::admin::{DailyFigures, day};
use crate::clock::Clock;
use crate::delivery::NotifyTally;
use crate::listener::SignOnFailures;
use crate::presence::Nodes;
use crate::store::{ConsoleSessions, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// Milliseconds between two samples of how many are online.
const SAMPLE_EVERY: i64 = 5 * 60 * 1000;

/// Seconds to the next try after the figures could not be saved.
const PAUSE: u32 = 60;

/// How long samples are kept, in milliseconds: a month.
const SAMPLES_KEPT: i64 = 31 * 24 * 60 * 60 * 1000;

/// Keeps the figures, for ever.
pub async fn run(
    store: Store,
    nodes: Arc<Nodes>,
    failures: Arc<SignOnFailures>,
    notified: Arc<NotifyTally>,
    sessions: ConsoleSessions,
    clock: Clock,
) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let mut last_sample = 0;
    // Counted, and not saved yet: the disk may refuse for a while.
    let mut counted = DailyFigures::default();
    let mut pause = 0;
    loop {
        ticks.tick().await;
        // Days are those that people see.
        let now = clock.wall_ms();
        counted.add(failures.take(), &notified.take());
        if pause > 0 {
            pause -= 1;
            continue;
        }
        let result = async {
            if counted != DailyFigures::default() {
                store.add_daily_counts(day(now), &counted.by_name()).await?;
                counted = DailyFigures::default();
                // What consoles show of today is another.
                nodes.figures_changed();
            }
            if now / SAMPLE_EVERY != last_sample {
                store
                    .add_online_sample(
                        now / SAMPLE_EVERY * SAMPLE_EVERY,
                        nodes.signed_on(),
                        SAMPLES_KEPT,
                    )
                    .await?;
                sessions.remove_expired().await?;
                last_sample = now / SAMPLE_EVERY;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = result.await {
            tracing::warn!(%error, "the figures of the dashboard could not be saved; they are tried again");
            pause = PAUSE;
        }
    }
}
