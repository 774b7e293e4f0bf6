//! Files: the style sheet, and the browser's part in the encoding that it takes.

use crate::browser::Browser;
use crate::console::Console;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use std::borrow::Cow;

fn encoded_files(name: &str) -> Option<Cow<'static, [u8]>> {
    let bytes: &[u8] = match name {
        "rollcall.js" => b"plain",
        "rollcall.js.br" => b"brotli",
        "rollcall.js.gz" => b"gzip",
        "rollcall_bg.wasm" => b"\0asm",
        _ => return None,
    };
    Some(Cow::Borrowed(bytes))
}

fn asking(address: &str, encodings: &str) -> Request<Body> {
    Request::get(address)
        .header(header::ACCEPT_ENCODING, encodings)
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn the_style_sheet_is_there_for_strangers_and_kept_for_good() {
    let mut browser = Browser::of(&Console::of(1).await);
    let page = browser.get("/sign-in").await.text();
    let address = page
        .split("href=\"")
        .find(|part| part.starts_with("/assets/console-"))
        .unwrap();
    let css = browser.get(address.split('"').next().unwrap()).await;
    assert_eq!(css.header(header::CONTENT_TYPE), "text/css; charset=utf-8");
    assert!(css.header(header::CACHE_CONTROL).contains("immutable"));
    css.assert_has("prefers-color-scheme: dark");
    let old = browser.get("/assets/console-0000000000000000.css").await;
    assert_eq!(old.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_browsers_part_comes_in_the_best_encoding_that_is_taken() {
    let mut browser = Browser::of(&Console::with_files(encoded_files).await);
    for (encodings, name, bytes) in [
        ("gzip, deflate, br", "br", &b"brotli"[..]),
        ("gzip, deflate", "gzip", b"gzip"),
        ("br;q=0, identity", "", b"plain"),
    ] {
        let answer = browser.send(asking("/pkg/rollcall.js", encodings)).await;
        assert_eq!(answer.header(header::CONTENT_ENCODING), name);
        assert_eq!(answer.bytes, bytes);
        assert_eq!(
            answer.header(header::CONTENT_TYPE),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(answer.header(header::VARY), "accept-encoding");
    }
    let wasm = browser.send(asking("/pkg/rollcall_bg.wasm", "br")).await;
    assert_eq!(wasm.header(header::CONTENT_TYPE), "application/wasm");
    assert_eq!(wasm.header(header::CONTENT_ENCODING), "");
    assert_eq!(
        browser.get("/pkg/../Cargo.toml").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_file_that_did_not_change_is_not_sent_again() {
    let mut browser = Browser::of(&Console::with_files(encoded_files).await);
    let tag = browser
        .get("/pkg/rollcall.js")
        .await
        .header(header::ETAG)
        .to_owned();
    let request = Request::get("/pkg/rollcall.js").header(header::IF_NONE_MATCH, tag);
    let answer = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (answer.status, answer.bytes.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}
