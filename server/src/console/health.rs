//! `/healthz` and `/readyz`, for whoever watches over the process: without an account, without a
//! session, and never from a cache.
//!
//! Who gets an answer from `/healthz` knows that the process answers. `/readyz` says besides
//! whether it can do its work: clients connect (both listeners are bound before this one is
//! served, and the process ends with either) and what they change can be saved.

use crate::clock::{Clock, UnixMs};
use crate::data_dir;
use crate::presence::Nodes;
use crate::stop::Stop;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long the disk has for a small change. Who asks gives up soon, too.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// Milliseconds for which a change that was saved tells of those that follow: however often
/// strangers ask, the disk has this little to do.
const STILL_TRUE: UnixMs = 1000;

/// Free bytes below which the next change that needs room may have none.
const NO_ROOM: u64 = 64 * 1024;

/// Why the server cannot do its work. Each text says what to do.
#[derive(Debug, thiserror::Error)]
enum Unready {
    #[error("the server is ending")]
    Ending,
    #[error("{0}")]
    Refuses(String),
    #[error(
        "the database has not saved a small change within {} s; look at the disk of the data directory and at the system's log",
        ANSWERED_WITHIN.as_secs()
    )]
    Slow,
    #[error("the disk is full; make room on the disk of the data directory")]
    NoRoom,
}

/// What the answers are made of.
pub struct Health {
    nodes: Arc<Nodes>,
    directory: PathBuf,
    clock: Clock,
    stop: Stop,
    /// When a change was saved for the last time.
    saved: AtomicI64,
    /// One change at a time is saved to find out.
    trying: Semaphore,
}

impl Health {
    /// Of this server, with its data in `directory`.
    #[must_use]
    pub fn new(nodes: Arc<Nodes>, directory: PathBuf, clock: Clock, stop: Stop) -> Self {
        Self {
            nodes,
            directory,
            clock,
            stop,
            saved: AtomicI64::new(UnixMs::MIN),
            trying: Semaphore::new(1),
        }
    }

    async fn ready(&self) -> Result<(), Unready> {
        if self.stop.has_begun() {
            return Err(Unready::Ending);
        }
        self.refusal()?;
        tokio::time::timeout(ANSWERED_WITHIN, self.saves())
            .await
            .unwrap_or(Err(Unready::Slow))
    }

    /// What is known already.
    fn refusal(&self) -> Result<(), Unready> {
        match self.nodes.trouble() {
            Some(trouble) if trouble.refusing => Err(Unready::Refuses(format!(
                "the database refuses changes: {}; {}",
                trouble.cause,
                trouble.cause.remedy()
            ))),
            _ => Ok(()),
        }
    }

    async fn saves(&self) -> Result<(), Unready> {
        let Ok(_only) = self.trying.acquire().await else {
            return Ok(());
        };
        let now = self.clock.now_ms();
        if self.saved.load(Ordering::Relaxed) > now.saturating_sub(STILL_TRUE) {
            return Ok(());
        }
        if let Err(error) = self.nodes.try_disk(now).wait().await {
            self.refusal()?;
            return Err(Unready::Refuses(error.to_string()));
        }
        // A small change finds room where there is none for a larger one.
        let directory = self.directory.clone();
        let free = tokio::task::spawn_blocking(move || data_dir::free_bytes(&directory)).await;
        if matches!(free, Ok(Some(free)) if free < NO_ROOM) {
            return Err(Unready::NoRoom);
        }
        self.saved.store(now, Ordering::Relaxed);
        Ok(())
    }
}

pub(super) fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(Arc::new(health))
}

async fn alive() -> impl IntoResponse {
    answer(StatusCode::OK, "ok\n".to_owned())
}

async fn ready(State(health): State<Arc<Health>>) -> impl IntoResponse {
    match health.ready().await {
        Ok(()) => answer(StatusCode::OK, "ready\n".to_owned()),
        Err(why) => answer(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {why}\n"),
        ),
    }
}

fn answer(status: StatusCode, text: String) -> impl IntoResponse {
    (status, [(header::CACHE_CONTROL, "no-store")], text)
}
