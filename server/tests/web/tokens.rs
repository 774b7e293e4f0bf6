//! Tokens: made, shown once, revoked.

use crate::browser::Browser;
use crate::console::Console;
use axum::http::StatusCode;

#[tokio::test]
async fn a_token_is_shown_once_and_revoked() {
    let mut ada = Browser::signed_in(&Console::of(1).await, "ada").await;
    let page = ada.get("/tokens").await;
    page.assert_has("There is no token yet.");
    let fields = [("name", "inventory"), ("role", "viewer"), ("days", "90")];
    let made = ada.order("/tokens", &fields).await;
    assert_eq!(made.status, StatusCode::OK);
    made.assert_has("shown this once: rollcall_");
    made.assert_has("inventory");
    let page = ada.get("/tokens").await;
    page.assert_has("inventory");
    page.assert_lacks("rollcall_");
    ada.order("/tokens/revoke", &[("name", "inventory")])
        .await
        .assert_leads_to("/tokens");
    ada.get("/tokens")
        .await
        .assert_has("There is no token yet.");
}

#[tokio::test]
async fn a_slip_is_said_at_its_field_and_what_was_typed_stays() {
    let mut ada = Browser::signed_in(&Console::of(1).await, "ada").await;
    let fields = [("name", "inventory"), ("role", "viewer"), ("days", "many")];
    ada.order("/tokens", &fields)
        .await
        .assert_leads_to("/tokens");
    let page = ada.get("/tokens").await;
    page.assert_has("is no whole number of days");
    page.assert_has("value=\"inventory\"");
}

#[tokio::test]
async fn nobody_makes_a_token_that_may_do_more_than_they_may() {
    let console = Console::of(1).await;
    let mut olga = Browser::signed_in(&console, "olga").await;
    let page = olga.get("/tokens").await;
    page.assert_lacks("value=\"administrator\"");
    let fields = [("name", "more"), ("role", "administrator")];
    olga.order("/tokens", &fields)
        .await
        .assert_leads_to("/tokens");
    olga.get("/tokens")
        .await
        .assert_has("may not do more than who makes it");
    let mut vera = Browser::signed_in(&console, "vera").await;
    vera.get("/tokens").await.assert_has("Not allowed");
    let refused = vera
        .order("/tokens", &[("name", "x"), ("role", "viewer")])
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
