//! Pages that follow what happens: server-sent events. Nothing polls: a stream waits for the
//! presence version, sends the page as it is then if it looks different, and holds its breath
//! before the next, so that a busy server sends a bounded number of pages and the last change
//! is never left out.

use super::asker::Asker;
use super::guard::signed_in;
use super::live_pages::LivePage;
use super::state::AppState;
use crate::model::{Dashboard, Millis, OnlinePage, OnlineQuery};
use crate::query::InAddress;
use api::{Door, GetDashboard, ListOnline, Operation, Part};
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use serde::Serialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};
use tower_sessions::Session;
use tower_sessions::session::Id;

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
    asker: Asker,
    RawQuery(query): RawQuery,
) -> Response {
    let query = OnlineQuery::from_query(query.as_deref().unwrap_or_default());
    follow(state, session, asker, move || ListOnline {
        query: query.clone(),
        part: Part::default(),
    })
}

/// `GET /live/dashboard`: a `Dashboard` per message.
async fn dashboard(State(state): State<AppState>, session: Session, asker: Asker) -> Response {
    follow(state, session, asker, || GetDashboard {})
}

/// A page that a stream sends.
trait Page: Serialize + PartialEq + Send + 'static {
    /// The same but for the server's clock in it: two that are equal look equal, too.
    fn timeless(self) -> Self;
}

impl Page for OnlinePage {
    fn timeless(self) -> Self {
        Self {
            now: Millis(0),
            ..self
        }
    }
}

impl Page for Dashboard {
    fn timeless(self) -> Self {
        Self {
            now: Millis(0),
            ..self
        }
    }
}

/// The stream ends when the session ends, when the account is gone (at once), a page cannot be read, or the
/// server drops the presence version's sender, as it does when it stops.
fn follow<O>(
    state: AppState,
    session: Session,
    asker: Asker,
    ask: impl Fn() -> O + Send + 'static,
) -> Response
where
    O: Operation<Output: Page>,
{
    // The guard lets nobody in without a session; one that is not kept yet counts as one.
    let id = session.id().unwrap_or(Id(0));
    let Some(open) = state.live_pages.open(id) else {
        return (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many live pages of this session are open: close some of them. An administrator \
             can raise console.limits.live_pages_per_session.\n",
        )
            .into_response();
    };
    let mut changes = state.backend().presence_version();
    changes.mark_changed();
    let mut admins = state.backend().admins_version();
    admins.mark_unchanged();
    let mut check = interval(SESSION_CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let follower = Follower {
        state,
        session,
        changes,
        admins,
        check,
        asker,
        ask,
        sent: None,
        _open: open,
    };
    let stream = stream::unfold(follower, |mut follower| async move {
        Some((Ok::<_, Infallible>(follower.next().await?), follower))
    });
    Sse::new(stream)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response()
}

struct Follower<A, P> {
    state: AppState,
    session: Session,
    changes: watch::Receiver<u64>,
    /// Changes when a console account ends: it may be this one.
    admins: watch::Receiver<u64>,
    check: Interval,
    asker: Asker,
    ask: A,
    /// The page that the browser has.
    sent: Option<P>,
    _open: LivePage,
}

impl<A, O> Follower<A, O::Output>
where
    A: Fn() -> O,
    O: Operation<Output: Page>,
{
    /// The next page that differs from the last; `None` when the stream has to end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.sent.is_some() {
                sleep(BREATH).await;
            }
            self.next_change().await?;
            let door: &dyn Door = self.state.backend();
            let page = match door.call(self.asker.actor(), (self.ask)()).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(%error, "a live page could not be read");
                    return None;
                }
            };
            let event = match Event::default().json_data(&page) {
                Ok(event) => event,
                Err(error) => {
                    tracing::error!(%error, "a live page could not be written");
                    return None;
                }
            };
            let page = page.timeless();
            if self.sent.as_ref() != Some(&page) {
                self.sent = Some(page);
                return Some(event);
            }
        }
    }

    /// Waits for a change; `None` when the stream has to end.
    async fn next_change(&mut self) -> Option<()> {
        loop {
            tokio::select! {
                biased;
                _ = self.check.tick() => still_signed_in(&self.state, &self.session).await?,
                Ok(()) = self.admins.changed() => {
                    still_signed_in(&self.state, &self.session).await?;
                }
                changed = self.changes.changed() => return changed.ok(),
            }
        }
    }
}

async fn still_signed_in(state: &AppState, session: &Session) -> Option<()> {
    // Read anew: another request may have ended the session since.
    session.load().await.ok()?;
    signed_in(state, session).await.ok().flatten().map(|_| ())
}
