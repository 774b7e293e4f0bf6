//! Streams. Where it matters time stands still but for the streams' own waiting, so the figures
//! are exact. The database takes its time all the same, so nothing may ask it meanwhile.

use crate::browser::Browser;
use crate::console::Console;
use crate::house::root;
use api::{Dashboard, EndSession, ListSessions, OnlinePage, PresenceState};
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures::StreamExt as _;
use rvp::State;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What a change may take to the browser.
const SOON: Duration = Duration::from_millis(250);

/// Before a stream looks by itself, on a machine that has other things to do.
const AT_ONCE: Duration = Duration::from_secs(4);

/// Lets so much time pass at once.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

struct Stream(BodyDataStream);

impl Stream {
    async fn open(browser: &mut Browser, address: &str) -> Self {
        let request = Request::get(address).body(Body::empty()).unwrap();
        let response = browser.open(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        let media_type = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!(media_type, "text/event-stream");
        Self(response.into_body().into_data_stream())
    }

    /// The data of the next message; `None` at the end. Keep-alives are passed over.
    async fn next(&mut self) -> Option<String> {
        loop {
            let bytes = self.0.next().await?.unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            if let Some(data) = text.strip_prefix("data: ") {
                return Some(data.trim_end().to_owned());
            }
        }
    }

    async fn page(&mut self) -> OnlinePage {
        serde_json::from_str(&self.next().await.unwrap()).unwrap()
    }
}

/// Stops time for a stream that has looked after its session and has nothing to do.
async fn stop_time(console: &Console, stream: &mut Stream) {
    console.set_state("bob", State::Away);
    stream.page().await;
    tokio::time::pause();
}

async fn watched(count: usize) -> (Arc<Console>, Browser) {
    let console = Console::of(count).await;
    let browser = Browser::signed_in(&console, "vera").await;
    (console, browser)
}

fn state_of(page: &OnlinePage, alias: &str) -> Option<PresenceState> {
    page.rows
        .iter()
        .find(|row| row.alias == alias)
        .map(|row| row.state)
}

#[tokio::test]
async fn a_change_is_in_the_browser_soon() {
    let (console, mut browser) = watched(3).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    assert_eq!(stream.page().await.online, 3);
    stop_time(&console, &mut stream).await;
    for (state, shown) in [
        (State::Busy, PresenceState::Busy),
        (State::OnPhone, PresenceState::OnPhone),
        (State::Online, PresenceState::Online),
    ] {
        let changed = Instant::now();
        console.set_state("bob", state);
        let page = stream.page().await;
        assert_eq!(state_of(&page, "bob"), Some(shown));
        assert!(changed.elapsed() < SOON, "{:?}", changed.elapsed());
    }
}

#[tokio::test]
async fn a_storm_is_a_few_messages_and_the_last_change_is_among_them() {
    let (console, mut browser) = watched(3).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    stream.page().await;
    stop_time(&console, &mut stream).await;
    let began = Instant::now();
    let storm = tokio::spawn(async move {
        for step in 0..1000 {
            let state = if step % 2 == 0 {
                State::Busy
            } else {
                State::Away
            };
            console.set_state("bob", state);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        console.set_state("bob", State::AtLunch);
    });
    let mut messages = 0;
    loop {
        let page = stream.page().await;
        messages += 1;
        if state_of(&page, "bob") == Some(PresenceState::AtLunch) {
            break;
        }
    }
    storm.await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert!(
        messages <= 2 + began.elapsed().as_millis() / 100,
        "{messages} messages in {:?} of changes",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_stream_is_of_the_part_that_was_asked_for() {
    let (console, mut browser) = watched(120).await;
    let address = "/live/online?search=bob&sort=lease&descending=true";
    let mut stream = Stream::open(&mut browser, address).await;
    let page = stream.page().await;
    assert_eq!((page.matching, page.online), (1, 120));
    console.sign_off("bob");
    let page = stream.page().await;
    assert_eq!((page.matching, page.online), (0, 119));
}

#[tokio::test]
async fn a_change_that_does_not_touch_the_part_is_not_sent() {
    let (console, mut browser) = watched(3).await;
    let mut stream = Stream::open(&mut browser, "/live/online?search=bob").await;
    stream.page().await;
    stop_time(&console, &mut stream).await;
    console.set_state(&console.another(), State::Invisible);
    let silent = tokio::time::timeout(Duration::from_secs(2), stream.next()).await;
    assert!(silent.is_err(), "{silent:?}");
    console.set_state("bob", State::Invisible);
    assert_eq!(
        state_of(&stream.page().await, "bob"),
        Some(PresenceState::Invisible)
    );
}

#[tokio::test]
async fn the_dashboard_follows_too() {
    let (console, mut browser) = watched(5).await;
    let mut stream = Stream::open(&mut browser, "/live/dashboard").await;
    let online = |text: &str| {
        serde_json::from_str::<Dashboard>(text)
            .unwrap()
            .online_users
    };
    assert_eq!(online(&stream.next().await.unwrap()), 5);
    console.sign_off("bob");
    assert_eq!(online(&stream.next().await.unwrap()), 4);
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let (_console, mut browser) = watched(1).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    stream.page().await;
    browser
        .order("/sign-out", &[])
        .await
        .assert_leads_to("/sign-in");
    pass(Duration::from_secs(6)).await;
    let ended = tokio::time::timeout(AT_ONCE, stream.next()).await;
    assert_eq!(ended, Ok(None));
}

#[tokio::test]
async fn a_stream_ends_with_its_account_although_nothing_else_happens() {
    let (console, mut browser) = watched(1).await;
    let mut stream = Stream::open(&mut browser, "/live/dashboard").await;
    stream.next().await;
    console.remove_admin("vera").await;
    let ended = tokio::time::timeout(AT_ONCE, stream.next()).await;
    assert_eq!(ended, Ok(None));
}

#[tokio::test]
async fn a_stream_ends_at_once_with_its_session() {
    let (console, mut browser) = watched(1).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    stream.page().await;
    let sessions = console.admin.call(&root(), ListSessions::default()).await;
    let key = sessions.unwrap().rows[0].key.clone();
    console
        .admin
        .call(&root(), EndSession { key })
        .await
        .unwrap();
    let ended = tokio::time::timeout(AT_ONCE, stream.next()).await;
    assert_eq!(ended, Ok(None));
}

#[tokio::test]
async fn a_stream_of_an_account_that_was_made_anew_ends_at_once() {
    let (console, mut browser) = watched(1).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    stream.page().await;
    console.replace_admin("vera", "administrator").await;
    let ended = tokio::time::timeout(AT_ONCE, stream.next()).await;
    assert_eq!(ended, Ok(None));
}
