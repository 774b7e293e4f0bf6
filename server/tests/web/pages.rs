//! What every page has, and what none has.

use crate::browser::{Answer, Browser};
use crate::console::Console;
use crate::house::{alias, config, deaf};
use axum::http::{StatusCode, header};
use rollcall::auth::NtlmLevel;
use std::borrow::Cow;
use std::sync::Arc;

const PAGES: &[&str] = &[
    "/",
    "/online",
    "/online?sort=lease&descending=true&page=2",
    "/online?search=nobody-of-that-name",
    "/online?silent=true",
    "/online/logoff?alias=bob",
    "/online/logoff?all=true",
    "/users",
    "/users?filter=disabled",
    "/users/new",
    "/users/bob",
    "/users/bob/delete",
    "/contacts",
    "/contacts?share=%5C%5Csrv%5Cim%24",
    "/access",
    "/access?from=&to=bob",
    "/access?from=bob&to=bob",
    "/compliance",
    "/groups",
    "/groups/new",
    "/groups/staff",
    "/groups/staff/delete",
    "/policies",
    "/policies/new",
    "/policies/Branch",
    "/policies/Branch/delete",
    "/deployment",
    "/account",
    "/accounts",
    "/accounts?search=nobody-of-that-name",
    "/accounts/new",
    "/accounts/olga",
    "/accounts/ada",
    "/accounts/olga/delete",
    "/audit",
    "/audit?actor=ada&action=policy&since=2020-01-01",
    "/audit?search=x&page=9",
    "/hooks",
    "/hooks?after=7",
];

fn script_files(name: &str) -> Option<Cow<'static, [u8]>> {
    matches!(name, "rollcall.js" | "rollcall_bg.wasm").then_some(Cow::Borrowed(b"x"))
}

/// A domain that stands for this machine everywhere, so that the diagnosis asks nobody else.
const HERE: &str = "im.example.localhost";

async fn console(count: usize) -> Arc<Console> {
    let mut config = config();
    config.domain = Some(HERE.to_owned());
    config.rvp.listen = deaf();
    config.auth.ntlm_minimum = NtlmLevel::V2;
    Console::with(config, count).await
}

async fn with_all() -> Browser {
    let mut browser = Browser::signed_in(&console(120).await, "ada").await;
    let answer = browser.order("/policies/new", &[("name", "Branch")]).await;
    answer.assert_leads_to("/policies/Branch");
    let answer = browser.order("/groups/new", &[("name", "staff"), ("members", "bob")]);
    answer.await.assert_leads_to("/groups/staff");
    browser
}

#[track_caller]
fn assert_whole(address: &str, page: &Answer) {
    let text = page.text();
    assert_eq!(text.matches("<h1").count(), 1, "{address} has one heading");
    assert!(
        !text.contains("Loading…"),
        "{address} came before its content"
    );
    assert!(text.contains("<html lang=\"en\">"), "{address}");
    assert!(text.contains("– Rollcall</title>"), "{address}");
    // The content policy would drop them.
    for part in [" style=\"", " onclick=", "<style", "javascript:"] {
        assert!(!text.contains(part), "{address} has {part}");
    }
    assert_eq!(page.header(header::CACHE_CONTROL), "no-store", "{address}");
    assert_eq!(
        page.header(header::X_CONTENT_TYPE_OPTIONS),
        "nosniff",
        "{address}"
    );
    assert_eq!(
        page.header(header::REFERRER_POLICY),
        "same-origin",
        "{address}"
    );
}

#[tokio::test]
async fn every_page_comes_whole_from_the_server() {
    let mut browser = with_all().await;
    for address in PAGES {
        let page = browser.get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        assert_whole(address, &page);
        for name in [
            "Dashboard",
            "Online",
            "Users",
            "Policies",
            "Deployment",
            "Audit",
        ] {
            page.assert_has(&format!(">{name}</a>"));
        }
    }
}

#[tokio::test]
async fn without_the_browsers_part_no_page_asks_for_it() {
    let mut browser = with_all().await;
    for address in PAGES {
        browser.get(address).await.assert_lacks("/pkg/");
    }
}

#[tokio::test]
async fn with_it_every_script_carries_the_nonce_of_the_content_policy() {
    let console = Console::with_files(script_files).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let page = browser.get("/online").await;
    page.assert_has("import(\"/pkg/rollcall.js?v=");
    let policy = page.header(header::CONTENT_SECURITY_POLICY).to_owned();
    let nonce = policy
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap();
    assert!(nonce.len() >= 16, "{policy}");
    for part in [
        "default-src 'self'",
        "'strict-dynamic' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    let text = page.text();
    for script in text.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
    }
    let again = browser.get("/online").await;
    assert_ne!(again.header(header::CONTENT_SECURITY_POLICY), policy);
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let mut browser = with_all().await;
    for address in [
        "/nope",
        "/users/nobody",
        "/policies/nothing",
        "/users/bob/nope",
    ] {
        let page = browser.get(address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        assert_whole(address, &page);
        page.assert_has("Not found");
    }
}

#[tokio::test]
async fn rows_are_sorted_searched_and_cut_as_the_address_says() {
    let mut browser = with_all().await;
    let page = browser.get("/online?sort=watchers&descending=true").await;
    page.assert_has("aria-sort=\"descending\"");
    page.assert_has("href=\"/online?sort=watchers&amp;descending=true&amp;page=2\"");
    page.assert_has("1–50 of 120");
    let last = browser.get("/online?page=99").await;
    last.assert_has("101–120 of 120");
    let found = browser.get("/online?search=bob").await;
    found.assert_has("1 of 120 users");
    found.assert_has("aria-label=\"Log off bob\"");
    found.assert_lacks("anna.");
}

#[tokio::test]
async fn what_users_are_called_is_text_and_never_markup() {
    let console = Console::of(1).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let evil = "<img src=x onerror=alert(1)>";
    let fields = [
        ("alias", "eve"),
        ("display_name", evil),
        ("password", "long enough"),
    ];
    browser
        .order("/users/new", &fields)
        .await
        .assert_leads_to("/users/eve");
    browser.get("/users").await.assert_lacks(evil);
    browser.get("/users/eve").await.assert_lacks(evil);
    // Also not out of the data for the browser's part.
    let search = browser.get("/users?search=%3C/script%3E%3Cimg%3E").await;
    search.assert_lacks("</script><img>");
}

#[tokio::test]
async fn the_deployment_page_has_the_worst_first_and_what_to_paste() {
    let console = console(1).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let page = browser.get("/deployment").await;
    let text = page.text();
    let at = |part: &str| {
        text.find(part)
            .unwrap_or_else(|| panic!("{part} is missing:\n{text}"))
    };
    let key = console.directory.path().join("verifiers.key");
    let key = format!("{} is open to its owner only", key.display());
    assert!(at("There is no record _rvp._tcp.example.localhost.") < at("Only NTLMv2 is accepted."));
    assert!(at("Only NTLMv2 is accepted.") < at(&key));
    page.assert_has("3 problems, 1 warning, 10 checks passed");
    page.assert_has("_rvp._tcp.example.localhost.  3600  IN  SRV  0 0 9 im.example.localhost.\n");
    page.assert_has("dnscmd . /RecordAdd example.localhost im 3600 A 127.0.0.1");
    page.assert_has("alias@example.localhost");
}

#[tokio::test]
async fn the_deployment_page_is_for_administrators() {
    let mut browser = Browser::signed_in(&console(1).await, "olga").await;
    let page = browser.get("/deployment").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.assert_lacks("dnscmd");
    page.assert_lacks(">Deployment</a>");
}

#[tokio::test]
async fn clients_that_stopped_answering_are_counted_and_listed() {
    let console = Console::of(120).await;
    let (nodes, now) = (console.nodes(), console.clock.now_ms());
    for name in console.online().iter().step_by(30) {
        let name = alias(name);
        let login = nodes.sessions(&name)[0].login;
        assert!(nodes.mark_unreachable(&name, login, now - 30_000));
    }
    let figures = [
        ("notify_delivered", 12_345),
        ("notify_refused", 7),
        ("notify_unreachable", 3),
    ];
    let today = now / (24 * 60 * 60 * 1000);
    let counted = console.store.add_daily_counts(today, &figures);
    counted.await.unwrap();
    let mut browser = Browser::signed_in(&console, "vera").await;
    let board = browser.get("/").await.text();
    for said in [
        "sessions whose client cannot be reached; the first since 12:26; the next ends at 12:27",
        "12,345",
        "delivered since midnight UTC; 7 refused, 3 unreachable",
    ] {
        assert!(board.contains(said), "{said}");
    }
    let list = browser.get("/online?silent=true").await.text();
    let rows = list.matches("<th scope=\"row\"").count();
    assert_eq!(rows, 4, "four of 120 do not answer");
    assert_eq!(list.matches("not answering since").count(), 4);
    assert!(list.contains(", ends in 0:30"), "the lease left is shown");
}
