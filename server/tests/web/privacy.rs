//! Who may see a user and write to them, as the console shows and changes it.

use crate::browser::Browser;
use crate::console::Console;
use crate::house::config;
use axum::http::StatusCode;
use rollcall::config::Peer;

#[tokio::test]
async fn the_list_is_told_in_words_and_changed_by_one_button() {
    let console = Console::of(4).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let page = browser.get("/users/bob").await;
    page.assert_has("Everybody sees whether bob is online and may write to bob.");
    page.assert_has("This is the default");
    page.assert_lacks("Back to the default list");

    let others: Vec<_> = console
        .online()
        .into_iter()
        .filter(|it| it != "bob")
        .collect();
    let except = format!("{}, {}", others[0], others[1]);
    let answer = browser
        .order(
            "/users/bob/privacy",
            &[("change", "deny-all"), ("allowed", &except)],
        )
        .await;
    answer.assert_leads_to("/users/bob#privacy");
    let page = browser.get("/users/bob").await;
    page.assert_has("Nobody sees whether bob is online, and nobody may write to bob.");
    page.assert_has(&format!("Remove {} from the list", others[0]));
    page.assert_has("Back to the default list");

    for (fields, said) in [
        (
            [("change", "block"), ("who", others[0].as_str())],
            "neither see bob nor write",
        ),
        (
            [("change", "forget"), ("who", others[1].as_str())],
            "is not in the list of bob any more",
        ),
        ([("change", "default"), ("who", "")], "is the default again"),
    ] {
        let answer = browser.order("/users/bob/privacy", &fields).await;
        answer.assert_leads_to("/users/bob#privacy");
        browser.get("/users/bob").await.assert_has(said);
    }
}

#[tokio::test]
async fn a_slip_is_said_at_its_field_and_what_was_typed_stays() {
    let console = Console::of(4).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    for (fields, field) in [
        ([("change", "allow-all"), ("blocked", "nobody")], "blocked"),
        ([("change", "deny-all"), ("allowed", "nobody")], "allowed"),
        ([("change", "block"), ("who", "nobody")], "who"),
    ] {
        let answer = browser.order("/users/bob/privacy", &fields).await;
        answer.assert_leads_to("/users/bob");
        let page = browser.get("/users/bob").await;
        page.assert_has(&format!("id=\"field-{field}-refusal\""));
        page.assert_has("There is no user nobody. Nothing was changed.");
        page.assert_has("This is the default");
    }
}

#[tokio::test]
async fn only_an_administrator_changes_a_list_and_only_from_a_page() {
    let console = Console::of(2).await;
    for name in ["olga", "vera"] {
        let mut browser = Browser::signed_in(&console, name).await;
        let page = browser.get("/users/bob").await;
        page.assert_has("Everybody sees whether bob is online");
        page.assert_lacks("Allow nobody except these");
        let fields = [("change", "deny-all")];
        let answer = browser.order("/users/bob/privacy", &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
    }
    let mut browser = Browser::signed_in(&console, "ada").await;
    let fields = [("change", "deny-all")];
    let answer = browser.post("/users/bob/privacy", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "without the token");
    let page = browser.get("/users/bob").await;
    page.assert_has("This is the default");
}

#[tokio::test]
async fn two_users_are_compared_both_ways_with_the_entry_that_decides() {
    let mut config = config();
    config.federation.peers.push(Peer {
        domain: "im.example.org".into(),
        networks: Vec::new(),
    });
    let console = Console::with(config, 3).await;
    let mut browser = Browser::signed_in(&console, "vera").await;
    let other = console.online().into_iter().find(|it| it != "bob").unwrap();
    let mut ada = Browser::signed_in(&console, "ada").await;
    ada.order(
        "/users/bob/privacy",
        &[("change", "block"), ("who", &other)],
    )
    .await;

    let address = format!("/access?from={other}&to=bob");
    let page = browser.get(&address).await;
    page.assert_has("no list: the default lets everybody see and send, and nothing else");
    let everybody = [("change", "allow-all"), ("blocked", "")];
    let own = format!("/users/{other}/privacy");
    ada.order(&own, &everybody).await;
    let page = browser.get(&address).await;
    assert_eq!(page.status, StatusCode::OK);
    page.assert_has(&format!("Can {other} see bob?"));
    page.assert_has(&format!("bob's list: {other} is denied presence"));
    page.assert_has(&format!("{other}'s list: everybody is granted send-to"));
    page.assert_has(&format!("{other} sees bob now as offline."));
    page.assert_has("href=\"/users/bob#privacy\"");
    page.assert_has(&format!("href=\"/access?from=bob&amp;to={other}\""));

    let page = browser
        .get("/access?from=http%3A%2F%2Fim.example.org%2Finstmsg%2Faliases%2Fx&to=bob")
        .await;
    page.assert_has("is for the server of that domain to say");
    let page = browser.get("/access?from=nobody&to=bob").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    page.assert_has("There is no user nobody.");
}
