//! Streams. Time stands still but for the streams' own waiting, so the figures are exact.

use crate::browser::{Browser, now};
use crate::fake::Fake;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures::StreamExt as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use web::model::{Dashboard, OnlinePage, PresenceState, Role};

/// What a change may take to the browser.
const SOON: Duration = Duration::from_millis(250);

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

async fn console(count: usize) -> (Arc<Fake>, Browser) {
    let fake = Fake::peopled(now, count);
    let browser = Browser::signed_in(&fake, "vera").await;
    (fake, browser)
}

fn state_of(page: &OnlinePage, alias: &str) -> Option<PresenceState> {
    page.rows
        .iter()
        .find(|row| row.alias == alias)
        .map(|row| row.state)
}

#[tokio::test(start_paused = true)]
async fn a_change_is_in_the_browser_soon() {
    let (fake, mut browser) = console(3).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    assert_eq!(stream.page().await.online, 3);
    for state in [
        PresenceState::Busy,
        PresenceState::OnPhone,
        PresenceState::Online,
    ] {
        let changed = Instant::now();
        fake.set_state("bob", state);
        let page = stream.page().await;
        assert_eq!(state_of(&page, "bob"), Some(state));
        assert!(changed.elapsed() < SOON, "{:?}", changed.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_storm_is_a_few_messages_and_the_last_change_is_among_them() {
    let (fake, mut browser) = console(3).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    stream.page().await;
    let began = Instant::now();
    let storm = tokio::spawn(async move {
        for step in 0..1000 {
            let state = if step % 2 == 0 {
                PresenceState::Busy
            } else {
                PresenceState::Away
            };
            fake.set_state("bob", state);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        fake.set_state("bob", PresenceState::AtLunch);
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
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    assert!(
        messages <= 15,
        "{messages} messages in one second of changes"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_of_the_part_that_was_asked_for() {
    let (fake, mut browser) = console(120).await;
    let address = "/live/online?search=bob&sort=lease&descending=true";
    let mut stream = Stream::open(&mut browser, address).await;
    let page = stream.page().await;
    assert_eq!((page.matching, page.online), (1, 120));
    fake.toggle(0);
    let page = stream.page().await;
    assert_eq!((page.matching, page.online), (0, 119));
}

#[tokio::test(start_paused = true)]
async fn a_change_that_does_not_touch_the_part_is_not_sent() {
    let (fake, mut browser) = console(3).await;
    let mut stream = Stream::open(&mut browser, "/live/online?search=bob").await;
    stream.page().await;
    let other = fake
        .aliases()
        .into_iter()
        .find(|alias| alias != "bob")
        .unwrap();
    fake.set_state(&other, PresenceState::Invisible);
    let silent = tokio::time::timeout(Duration::from_secs(2), stream.next()).await;
    assert!(silent.is_err(), "{silent:?}");
    fake.set_state("bob", PresenceState::Invisible);
    assert_eq!(
        state_of(&stream.page().await, "bob"),
        Some(PresenceState::Invisible)
    );
}

#[tokio::test(start_paused = true)]
async fn the_dashboard_follows_too() {
    let (fake, mut browser) = console(5).await;
    let mut stream = Stream::open(&mut browser, "/live/dashboard").await;
    let online = |text: &str| {
        serde_json::from_str::<Dashboard>(text)
            .unwrap()
            .online_users
    };
    assert_eq!(online(&stream.next().await.unwrap()), 5);
    fake.toggle(2);
    assert_eq!(online(&stream.next().await.unwrap()), 4);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_session() {
    let (_fake, mut browser) = console(1).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    stream.page().await;
    browser
        .order("/sign-out", &[])
        .await
        .assert_leads_to("/sign-in");
    let ended = tokio::time::timeout(Duration::from_secs(6), stream.next()).await;
    assert_eq!(ended, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_account_although_nothing_else_happens() {
    let (fake, mut browser) = console(1).await;
    let mut stream = Stream::open(&mut browser, "/live/dashboard").await;
    stream.next().await;
    fake.remove_admin("vera");
    let ended = tokio::time::timeout(Duration::from_secs(6), stream.next()).await;
    assert_eq!(ended, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_an_account_that_was_made_anew_ends_at_once() {
    let (fake, mut browser) = console(1).await;
    let mut stream = Stream::open(&mut browser, "/live/online").await;
    stream.page().await;
    fake.replace_admin("vera", Role::Administrator);
    let ended = tokio::time::timeout(SOON, stream.next()).await;
    assert_eq!(ended, Ok(None));
}
