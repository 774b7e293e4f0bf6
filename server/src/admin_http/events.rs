//! `GET /events`: what happens, as it happens (server-sent events).

use super::answer::problem;
use super::bearer::Word;
use crate::admin::Admin;
use crate::events::{EventLog, Recorded};
use api::{Actor, Error, Event, FOLLOW_EVENTS, Happening, Millis, Role};
use axum::Router;
use axum::extract::{Extension, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures::stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How many events are made ready at once for one who follows.
const AT_ONCE: usize = 100;

/// How often a silent stream says that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How often it is looked whether the token is still good.
const TOKEN_CHECK: Duration = Duration::from_secs(5);

pub(super) fn router(admin: Admin) -> Router {
    Router::new()
        .route("/events", get(follow))
        .with_state(admin)
}

async fn follow(
    State(admin): State<Admin>,
    Extension(actor): Extension<Actor>,
    word: Option<Extension<Word>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    match Follower::new(admin, actor, word, query.as_deref(), &headers) {
        Ok(follower) => {
            let stream = stream::unfold(follower, |mut follower| async move {
                let message = follower.next().await?;
                Some((Ok::<_, Infallible>(message), follower))
            });
            let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
            Sse::new(stream).keep_alive(keep_alive).into_response()
        }
        Err(error) => problem(&error),
    }
}

struct Follower {
    admin: Admin,
    actor: Actor,
    word: Option<Word>,
    log: EventLog,
    changes: watch::Receiver<u64>,
    kinds: Vec<String>,
    /// The number of the last one that was looked at.
    seen: u64,
    waiting: VecDeque<Message>,
    check: Interval,
}

impl Follower {
    fn new(
        admin: Admin,
        actor: Actor,
        word: Option<Extension<Word>>,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Self, Error> {
        if !actor.may(FOLLOW_EVENTS, Role::Viewer) {
            return Err(Error::Forbidden);
        }
        let log = admin.events()?;
        let mut kinds = Vec::new();
        let mut after = headers
            .get("last-event-id")
            .map(|id| id.to_str().unwrap_or("?").to_owned());
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "kind" if Happening::KINDS.contains(&&*value) => kinds.push(value.into_owned()),
                "kind" => {
                    let known = Happening::KINDS.join(", ");
                    let told = format!("{value:?} is no kind of event. There are {known}.");
                    return Err(Error::invalid("kind", told));
                }
                "after" => after = Some(value.into_owned()),
                other => {
                    let told = format!("This has no field {other:?}. It has after, kind.");
                    return Err(Error::invalid(other.to_owned(), told));
                }
            }
        }
        let seen = match after {
            None => log.newest(),
            Some(id) => id.parse().map_err(|_| {
                let told = format!("{id:?} is no number of an event. Send the id of the last one.");
                Error::invalid("Last-Event-ID", told)
            })?,
        };
        let mut check = interval(TOKEN_CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            changes: log.changes(),
            admin,
            actor,
            word: word.map(|Extension(word)| word),
            log,
            kinds,
            seen,
            waiting: VecDeque::new(),
            check,
        })
    }

    /// The next message; none: the token is good no more, or the server ends.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Some(message);
            }
            self.gather();
            if !self.waiting.is_empty() {
                continue;
            }
            tokio::select! {
                changed = self.changes.changed() => changed.ok()?,
                _ = self.check.tick() => {
                    if let Some(Word(word)) = &self.word {
                        self.admin.token_actor(word.expose(), &self.actor.from).await.ok()?;
                    }
                }
            }
        }
    }

    fn gather(&mut self) {
        self.changes.mark_unchanged();
        let after = self.log.after(self.seen);
        if after.lost {
            let first = after.events.first();
            let before = first.map_or_else(|| self.log.newest(), |it| it.id - 1);
            let at = first.map_or(0, |it| it.at);
            self.tell(before, at, Happening::Lost {});
        }
        for event in after.events.into_iter().take(AT_ONCE) {
            let Recorded { id, at, what } = &*event;
            self.tell(*id, *at, what.told());
        }
    }

    fn tell(&mut self, id: u64, at: i64, what: Happening) {
        self.seen = id;
        let kind = what.kind();
        let hidden = kind == "act" && self.actor.role < Role::Administrator;
        let wanted =
            self.kinds.is_empty() || kind == "lost" || self.kinds.iter().any(|it| it == kind);
        if hidden || !wanted {
            return;
        }
        let event = Event {
            at: Millis(at),
            what,
        };
        let message = Message::default().id(id.to_string()).event(kind);
        match message.json_data(event) {
            Ok(message) => self.waiting.push_back(message),
            Err(error) => tracing::error!(%error, "an event could not be written as JSON"),
        }
    }
}
