//! Accounts of the console, one's own, and sessions.

use crate::browser::Browser;
use crate::console::{Console, PASSWORD};
use axum::http::StatusCode;

const BETTER: &str = "nine purple ladders 42";

#[tokio::test]
async fn an_account_lives_from_its_making_to_its_removal() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    ada.get("/accounts/new")
        .await
        .assert_has(">Add account</button>");
    let fields = |password, again| {
        [
            ("name", "Gus Tav"),
            ("role", "operator"),
            ("password", password),
            ("password_again", again),
        ]
    };
    for (password, why) in [
        ("tiny", "The password is too short"),
        ("Password123!", "The password is too easy to guess."),
        ("gus tav 2026", "The password is too easy to guess."),
    ] {
        let answer = ada
            .order("/accounts/new", &fields(password, password))
            .await;
        answer.assert_leads_to("/accounts/new");
        let page = ada.get("/accounts/new").await;
        page.assert_has(why);
        page.assert_has("value=\"Gus Tav\"");
        page.assert_has("<option value=\"operator\" selected>");
        page.assert_lacks(password);
    }
    let answer = ada.order("/accounts/new", &fields(BETTER, "another")).await;
    answer.assert_leads_to("/accounts/new");
    let page = ada.get("/accounts/new").await;
    page.assert_has("The two passwords differ.");

    let answer = ada.order("/accounts/new", &fields(BETTER, BETTER)).await;
    answer.assert_leads_to("/accounts/Gus%20Tav");
    let answer = ada.order("/accounts/new", &fields(BETTER, BETTER)).await;
    answer.assert_leads_to("/accounts/new");
    let page = ada.get("/accounts/new").await;
    page.assert_has("There is a console account Gus Tav already.");

    let mut gus = Browser::of(&console);
    let sign_in = [("name", "gus tav"), ("password", BETTER)];
    gus.post("/sign-in", &sign_in).await.assert_leads_to("/");
    let page = ada.get("/accounts").await;
    page.assert_has("href=\"/accounts/Gus%20Tav\"");
    page.assert_has("from 192.0.2.1");
    let page = ada.get("/accounts/gus%20tav").await;
    page.assert_has("End the session from 192.0.2.1");

    // Each change ends what was proved before it.
    ada.order("/accounts/Gus%20Tav/role", &[("role", "viewer")])
        .await
        .assert_leads_to("/accounts/Gus%20Tav");
    gus.get("/users")
        .await
        .assert_leads_to("/sign-in?next=%2Fusers");
    gus.post("/sign-in", &sign_in).await.assert_leads_to("/");
    ada.order("/accounts/Gus%20Tav/disable", &[])
        .await
        .assert_leads_to("/accounts/Gus%20Tav");
    gus.get("/").await.assert_leads_to("/sign-in");
    let answer = gus.post("/sign-in", &sign_in).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let page = ada.get("/accounts/Gus%20Tav").await;
    page.assert_has("Enable account</button>");
    ada.order("/accounts/Gus%20Tav/enable", &[]).await;
    gus.post("/sign-in", &sign_in).await.assert_leads_to("/");
    let fresh = [("password", PASSWORD), ("password_again", PASSWORD)];
    ada.order("/accounts/Gus%20Tav/password", &fresh)
        .await
        .assert_leads_to("/accounts/Gus%20Tav");
    gus.get("/").await.assert_leads_to("/sign-in");

    let page = ada.get("/accounts/Gus%20Tav/delete").await;
    page.assert_has("Remove account</button>");
    ada.order("/accounts/Gus%20Tav/delete", &[])
        .await
        .assert_leads_to("/accounts");
    let page = ada.get("/accounts/Gus%20Tav").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    let audit = ada.get("/audit?target=gus+tav").await;
    for action in ["create", "role", "disable", "enable", "password", "remove"] {
        audit.assert_has(&format!("<code>admin.{action}</code>"));
    }
    audit.assert_lacks(BETTER);
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    ada.get("/accounts/ada")
        .await
        .assert_has("This is the last administrator who may sign in");
    for (order, fields) in [
        ("role", &[("role", "viewer")][..]),
        ("disable", &[]),
        ("delete", &[]),
    ] {
        let answer = ada.order(&format!("/accounts/ada/{order}"), fields).await;
        answer.assert_leads_to("/accounts/ada");
        let page = ada.get("/accounts/ada").await;
        page.assert_has("ada is the last administrator who may sign in");
    }
    // One who may not sign in is none.
    ada.order("/accounts/olga/role", &[("role", "administrator")])
        .await;
    ada.order("/accounts/olga/disable", &[]).await;
    ada.order("/accounts/ada/delete", &[]).await;
    ada.get("/accounts/ada")
        .await
        .assert_has("ada is the last administrator who may sign in");
}

#[tokio::test]
async fn a_stale_page_does_not_undo_what_somebody_else_did() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    let role = |role| [("role", role), ("revision", "0")];
    ada.order("/accounts/vera/role", &role("operator")).await;
    ada.order("/accounts/vera/role", &role("administrator"))
        .await;
    ada.get("/accounts/vera")
        .await
        .assert_has("changed this since you opened it");
}

#[tokio::test]
async fn ones_own_password_is_proved_and_ends_the_other_sessions_alone() {
    let console = Console::of(1).await;
    let mut here = Browser::signed_in(&console, "vera").await;
    let mut there = Browser::signed_in(&console, "vera").await;
    here.get("/account").await.assert_has("this one");
    let fields = |old, new| {
        [
            ("old_password", old),
            ("password", new),
            ("password_again", new),
        ]
    };
    for (old, new, why) in [
        ("wrong", BETTER, "This is not your present password."),
        (PASSWORD, "veraveravera", "The password repeats too few"),
        (
            PASSWORD,
            "vera.vera.12",
            "The password is too easy to guess.",
        ),
        (PASSWORD, PASSWORD, "The new password is the old one."),
    ] {
        let answer = here.order("/account/password", &fields(old, new)).await;
        answer.assert_leads_to("/account");
        here.get("/account").await.assert_has(why);
    }
    assert_eq!(there.get("/").await.status, StatusCode::OK);
    let answer = here
        .order("/account/password", &fields(PASSWORD, BETTER))
        .await;
    answer.assert_leads_to("/account");
    let page = here.get("/account").await;
    page.assert_has("Your password was changed.");
    page.assert_lacks("End the session");
    there.get("/").await.assert_leads_to("/sign-in");
    let sign_in = [("name", "vera"), ("password", BETTER)];
    there.post("/sign-in", &sign_in).await.assert_leads_to("/");
}

/// The keys of the sessions that a page lets one end.
fn keys(page: &str) -> Vec<String> {
    let parts = page.split("/sessions/").skip(1);
    let keys = parts.filter_map(|it| it.split_once("/end"));
    keys.map(|(key, _)| key.to_owned()).collect()
}

#[tokio::test]
async fn a_session_is_ended_from_another_by_its_owner_and_by_administrators() {
    let console = Console::of(1).await;
    let mut here = Browser::signed_in(&console, "vera").await;
    let mut there = Browser::at(&console, "192.0.2.99");
    there.sign_in("vera").await.assert_leads_to("/");
    let mut olga = Browser::signed_in(&console, "olga").await;
    let page = here.get("/account").await;
    page.assert_has("192.0.2.99");
    let found = keys(&page.text());
    assert_eq!(found.len(), 1, "not the one that asks");
    // Nobody ends a stranger's, or comes in with its key.
    let end = format!("/account/sessions/{}/end", found[0]);
    olga.order(&end, &[]).await.assert_leads_to("/account");
    olga.get("/account")
        .await
        .assert_has("There is no such session");
    assert_eq!(there.get("/").await.status, StatusCode::OK);
    here.order(&end, &[]).await.assert_leads_to("/account");
    there.get("/").await.assert_leads_to("/sign-in");
    assert_eq!(here.get("/").await.status, StatusCode::OK);

    let mut ada = Browser::signed_in(&console, "ada").await;
    let page = ada.get("/accounts/vera").await;
    let found = keys(&page.text());
    let end = format!("/accounts/vera/sessions/{}/end", found[0]);
    ada.order(&end, &[]).await.assert_leads_to("/accounts/vera");
    here.get("/").await.assert_leads_to("/sign-in");
    let page = ada.get("/accounts/vera").await;
    page.assert_has("Nobody is signed in with this account.");
    ada.get("/audit").await.assert_has("session.end");
}

#[tokio::test]
async fn accounts_are_for_administrators() {
    let console = Console::of(1).await;
    let mut olga = Browser::signed_in(&console, "olga").await;
    for page in [
        "/accounts",
        "/accounts/new",
        "/accounts/ada",
        "/accounts/ada/delete",
    ] {
        let answer = olga.get(page).await;
        answer.assert_has("Your role does not allow this.");
    }
    for order in [
        "new",
        "vera/role",
        "vera/password",
        "vera/enable",
        "vera/disable",
        "vera/delete",
    ] {
        let fields = [
            ("name", "x"),
            ("role", "viewer"),
            ("password", BETTER),
            ("password_again", BETTER),
        ];
        let answer = olga.order(&format!("/accounts/{order}"), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{order}");
    }
    olga.get("/").await.assert_lacks("href=\"/accounts\"");
    olga.get("/account")
        .await
        .assert_has("You are signed in as olga.");
}
