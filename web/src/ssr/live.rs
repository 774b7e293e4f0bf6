//! Pages that follow what happens: server-sent events. Nothing polls: a stream waits for the
//! presence version, sends the page as it is then, and holds its breath before the next, so
//! that a busy server sends a bounded number of pages and the last change is never left out.

use super::guard::signed_in;
use super::state::AppState;
use crate::backend::{Backend, BackendError};
use crate::model::OnlineQuery;
use crate::query::InAddress;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures::stream::{self, Stream};
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};
use tower_sessions::Session;

/// The least time between two pages of one stream.
const BREATH: Duration = Duration::from_millis(100);
/// How often a stream looks whether its session is still good.
const SESSION_CHECK: Duration = Duration::from_secs(5);
/// How often a silent stream says that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/live/online", get(online))
        .route("/live/dashboard", get(dashboard))
}

/// `GET /live/online?search=&sort=&descending=&page=`: an `OnlinePage` per message.
async fn online(
    State(state): State<AppState>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let query = OnlineQuery::from_query(query.as_deref().unwrap_or_default());
    follow(state, session, move |backend| {
        let query = query.clone();
        async move { event(backend.online(&query).await) }
    })
}

/// `GET /live/dashboard`: a `Dashboard` per message.
async fn dashboard(
    State(state): State<AppState>,
    session: Session,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    follow(state, session, |backend| async move {
        event(backend.dashboard().await)
    })
}

/// The stream ends when the session ends, the account is gone, a page cannot be read, or the
/// server drops the presence version's sender, as it does when it stops.
fn follow<M, F>(
    state: AppState,
    session: Session,
    make: M,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>>
where
    M: Fn(Arc<dyn Backend>) -> F + Send + 'static,
    F: Future<Output = Option<Event>> + Send,
{
    let mut changes = state.backend().presence_version();
    changes.mark_changed();
    let mut check = interval(SESSION_CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let follower = Follower {
        state,
        session,
        changes,
        check,
        sent_before: false,
    };
    let stream = stream::unfold((follower, make), |(mut follower, make)| async move {
        follower.next_change().await?;
        let event = make(follower.state.console.backend.clone()).await?;
        Some((Ok(event), (follower, make)))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Follower {
    state: AppState,
    session: Session,
    changes: watch::Receiver<u64>,
    check: Interval,
    sent_before: bool,
}

impl Follower {
    /// Waits for a change; `None` when the stream has to end.
    async fn next_change(&mut self) -> Option<()> {
        if self.sent_before {
            sleep(BREATH).await;
        }
        self.sent_before = true;
        loop {
            tokio::select! {
                biased;
                _ = self.check.tick() => self.still_signed_in().await?,
                changed = self.changes.changed() => return changed.ok(),
            }
        }
    }

    async fn still_signed_in(&self) -> Option<()> {
        // Read anew: another request may have ended the session since.
        self.session.load().await.ok()?;
        signed_in(&self.state, &self.session)
            .await
            .ok()
            .flatten()
            .map(|_| ())
    }
}

fn event(page: Result<impl Serialize, BackendError>) -> Option<Event> {
    match page.map(|page| Event::default().json_data(page)) {
        Ok(Ok(event)) => Some(event),
        Ok(Err(error)) => {
            tracing::error!(%error, "a live page could not be written");
            None
        }
        Err(error) => {
            tracing::error!(%error, "a live page could not be read");
            None
        }
    }
}
