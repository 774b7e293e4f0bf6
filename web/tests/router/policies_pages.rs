//! From a lockdown on the page to the file for Windows.

use crate::browser::{Browser, now};
use crate::fake::Fake;
use axum::http::{StatusCode, header};

const LOCKDOWN: [(&str, &str); 4] = [
    ("name", "WAN branch"),
    ("description", "thin line"),
    ("set.disable-file-transfer", "on"),
    ("set.disable-voice", "on"),
];

async fn with_policy() -> Browser {
    let mut browser = Browser::signed_in(&Fake::peopled(now, 1), "ada").await;
    let answer = browser.order("/policies/new", &LOCKDOWN).await;
    answer.assert_leads_to("/policies/WAN%20branch");
    browser
}

#[tokio::test]
async fn a_lockdown_comes_out_as_both_registry_files() {
    let mut browser = with_policy().await;
    let page = browser.get("/policies/WAN%20branch").await;
    page.assert_has("WAN branch was saved as revision 1.");
    page.assert_has("2 registry values are written");
    page.assert_has("DisableFileTransfer");

    let reg = browser
        .get("/policies/WAN%20branch/export?format=reg")
        .await;
    assert_eq!(reg.status, StatusCode::OK);
    assert!(
        reg.bytes.starts_with(&[0xff, 0xfe]),
        "{:?}",
        &reg.bytes[..16]
    );
    let disposition = reg.header(header::CONTENT_DISPOSITION);
    assert!(
        disposition.starts_with("attachment; filename="),
        "{disposition}"
    );
    let reg4 = browser
        .get("/policies/WAN%20branch/export?format=reg4")
        .await;
    assert!(reg4.bytes.starts_with(b"REGEDIT4\r\n"));
}

#[tokio::test]
async fn a_format_that_is_not_known_is_said_on_the_policys_page() {
    let mut browser = with_policy().await;
    let answer = browser
        .get("/policies/WAN%20branch/export?format=exe")
        .await;
    answer.assert_leads_to("/policies/WAN%20branch");
    browser
        .get("/policies/WAN%20branch")
        .await
        .assert_has("There is no format exe.");
    let missing = browser.get("/policies/none/export?format=reg").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_old_revision_is_not_saved_over_a_newer_one_and_nothing_typed_is_lost() {
    let mut browser = with_policy().await;
    let fields = [("base", "1"), ("set.disable-video", "on")];
    let address = "/policies/WAN%20branch";
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let fields = [
        ("base", "1"),
        ("description", "mine"),
        ("set.disable-phone", "on"),
    ];
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let page = browser.get(address).await;
    page.assert_has("is at revision 2, not 1.");
    page.assert_has("value=\"mine\"");
    page.assert_has("name=\"set.disable-phone\" value=\"on\" checked");
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_option_and_stops_the_export() {
    let mut browser = with_policy().await;
    let address = "/policies/WAN%20branch";
    let fields = [("base", "1"), ("set.ie-proxy-override", ".example.com")];
    browser
        .order(address, &fields)
        .await
        .assert_leads_to(address);
    let page = browser.get(address).await;
    page.assert_has("<b>Error: </b>");
    page.assert_lacks("export?format=reg");
    page.assert_has("the errors below stand against an export");
    page.assert_has("href=\"#option-ie-proxy-override\"");
}

#[tokio::test]
async fn a_number_that_is_none_leads_back_with_what_was_typed() {
    let mut browser = Browser::signed_in(&Fake::peopled(now, 1), "ada").await;
    let fields = [("name", "Lab"), ("set.netmeeting-max-send-kb", "much")];
    browser
        .order("/policies/new", &fields)
        .await
        .assert_leads_to("/policies/new");
    let page = browser.get("/policies/new").await;
    page.assert_has("value=\"Lab\"");
    page.assert_has("value=\"much\"");
    page.assert_has("“much” is not a number.");
}

#[tokio::test]
async fn a_viewer_looks_at_a_policy_and_cannot_change_it() {
    let fake = Fake::peopled(now, 1);
    let mut ada = Browser::signed_in(&fake, "ada").await;
    ada.order("/policies/new", &LOCKDOWN)
        .await
        .assert_leads_to("/policies/WAN%20branch");
    let mut vera = Browser::signed_in(&fake, "vera").await;
    let page = vera.get("/policies/WAN%20branch").await;
    page.assert_has("DisableFileTransfer");
    page.assert_lacks("Save policy");
    page.assert_lacks("Delete policy");
}

#[tokio::test]
async fn a_policy_is_deleted_after_a_second_button() {
    let mut browser = with_policy().await;
    browser
        .get("/policies/WAN%20branch/delete")
        .await
        .assert_has("Delete policy</button>");
    browser
        .order("/policies/WAN%20branch/delete", &[])
        .await
        .assert_leads_to("/policies");
    browser
        .get("/policies")
        .await
        .assert_has("There are no policies yet");
}
