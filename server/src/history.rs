//! Figures that outlive a restart: how many were online when, refused sign-ons a day.

use crate::clock::Clock;
use crate::methods::SignOnFailures;
use crate::orders::{FAILED_SIGN_ONS, day};
use crate::presence::Nodes;
use crate::store::{ConsoleSessions, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// Milliseconds between two samples of how many are online.
const SAMPLE_EVERY: i64 = 5 * 60 * 1000;

/// How long samples are kept, in milliseconds: a month.
const SAMPLES_KEPT: i64 = 31 * 24 * 60 * 60 * 1000;

/// Keeps the figures, for ever.
pub async fn run(
    store: Store,
    nodes: Arc<Nodes>,
    failures: Arc<SignOnFailures>,
    sessions: ConsoleSessions,
    clock: Clock,
) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let mut last_sample = 0;
    loop {
        ticks.tick().await;
        let now = clock.now_ms();
        let result = async {
            let failed = failures.take();
            if failed > 0 {
                let today = store.daily_count(day(now), FAILED_SIGN_ONS).await?;
                store
                    .set_daily_count(day(now), FAILED_SIGN_ONS, today.saturating_add(failed))
                    .await?;
            }
            if now / SAMPLE_EVERY != last_sample {
                last_sample = now / SAMPLE_EVERY;
                store
                    .add_online_sample(last_sample * SAMPLE_EVERY, nodes.signed_on(), SAMPLES_KEPT)
                    .await?;
                sessions.remove_expired().await?;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = result.await {
            tracing::warn!(%error, "the figures of the dashboard could not be saved");
        }
    }
}
