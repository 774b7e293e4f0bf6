//! Groups, from the first to the last.

use crate::browser::Browser;
use crate::console::Console;
use axum::http::StatusCode;

async fn with_group() -> Browser {
    let mut browser = Browser::signed_in(&Console::of(3).await, "ada").await;
    let fields = [
        ("name", "branch"),
        ("description", "thin line"),
        ("members", "bob"),
    ];
    browser
        .order("/groups/new", &fields)
        .await
        .assert_leads_to("/groups/branch");
    browser
}

#[tokio::test]
async fn a_group_is_listed_with_its_members_and_found_from_the_user() {
    let mut browser = with_group().await;
    let page = browser.get("/groups").await;
    page.assert_has("href=\"/groups/branch\"");
    page.assert_has("thin line");
    let page = browser.get("/groups/branch").await;
    page.assert_has("1 member");
    page.assert_has("href=\"/users/bob\"");
    browser
        .get("/users/bob")
        .await
        .assert_has("href=\"/groups/branch\"");
}

#[tokio::test]
async fn who_does_not_exist_is_named_and_what_was_typed_stays() {
    let mut browser = with_group().await;
    browser
        .order("/groups/branch/add", &[("members", "bob, nobody")])
        .await
        .assert_leads_to("/groups/branch");
    let page = browser.get("/groups/branch").await;
    page.assert_has("There is no user nobody. Nobody was added.");
    page.assert_has("value=\"bob, nobody\"");
}

#[tokio::test]
async fn members_are_taken_out_by_ticks() {
    let mut browser = with_group().await;
    browser
        .order("/groups/branch/remove", &[("members", "bob")])
        .await
        .assert_leads_to("/groups/branch");
    let page = browser.get("/groups/branch").await;
    page.assert_has("1 member was taken out.");
    page.assert_has("Nobody is in this group yet");
}

#[tokio::test]
async fn a_group_is_deleted_after_a_second_button() {
    let mut browser = with_group().await;
    browser
        .get("/groups/branch/delete")
        .await
        .assert_has("Delete group</button>");
    browser
        .order("/groups/branch/delete", &[])
        .await
        .assert_leads_to("/groups");
    browser
        .get("/groups")
        .await
        .assert_has("There are no groups yet");
    let gone = browser.get("/groups/branch").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_viewer_looks_and_changes_nothing() {
    let console = Console::of(3).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    let fields = [("name", "branch"), ("members", "bob")];
    ada.order("/groups/new", &fields)
        .await
        .assert_leads_to("/groups/branch");
    let mut vera = Browser::signed_in(&console, "vera").await;
    let page = vera.get("/groups/branch").await;
    page.assert_has("href=\"/users/bob\"");
    page.assert_lacks("Remove selected");
    page.assert_lacks("Delete group");
    let refused = vera.order("/groups/branch/delete", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
