//! The page of hooks.

use crate::browser::Browser;
use crate::console::Console;
use crate::house::config;
use axum::http::StatusCode;
use rollcall::config::Config;
use rollcall::store::{Attempt, NewDelivery};

fn with_hook() -> Config {
    let text =
        "[[hooks]]\nurl = \"http://127.0.0.1:9/in\"\nevents = [\"act\"]\nsecret = \"sesame-42\"";
    let read: Config = toml::from_str(text).unwrap();
    Config {
        hooks: read.hooks,
        ..config()
    }
}

#[tokio::test]
async fn an_administrator_sees_hooks_and_deliveries_and_never_the_secret() {
    let console = Console::with(with_hook(), 1).await;
    let rows: Vec<_> = (1..=60)
        .map(|event| NewDelivery {
            hook: "http://127.0.0.1:9/in".to_owned(),
            event,
            kind: "act",
            body: "{}".to_owned(),
            at_ms: 1_731_932_800_000,
        })
        .collect();
    let wall = 1_731_932_800_000;
    console
        .store
        .add_deliveries(&rows, wall, wall)
        .await
        .unwrap();
    let attempt = Attempt {
        id: 60,
        state: "failed",
        next_ms: 0,
        tried_ms: wall,
        status: Some(500),
        error: "it answered <500>".to_owned(),
    };
    let hook = "http://127.0.0.1:9/in";
    console
        .store
        .deliveries_tried(hook, &[attempt])
        .await
        .unwrap();

    let mut ada = Browser::signed_in(&console, "ada").await;
    let page = ada.get("/hooks").await;
    for part in [
        "http://127.0.0.1:9/in",
        "it answered &lt;500&gt;",
        "/hooks?after=11",
        "given up",
    ] {
        page.assert_has(part);
    }
    page.assert_lacks("sesame-42");
    ada.get("/hooks?after=11").await.assert_lacks("Older");

    let mut vera = Browser::signed_in(&console, "vera").await;
    let page = vera.get("/hooks").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.assert_lacks("127.0.0.1:9");
}

#[tokio::test]
async fn without_a_hook_the_page_says_how_to_name_one() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    let page = ada.get("/hooks").await;
    page.assert_has("[[hooks]]");
    page.assert_has("No hook is configured.");
}
