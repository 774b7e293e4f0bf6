//! A policy with thousands of values from an imported file: its pages stay small.

use crate::browser::Browser;
use crate::console::Console;
use crate::house::root;
use api::{Assignment, CreatePolicy, GetPolicy, PolicyDocument};
use policies::{Hive, Policy, RegistryData, RegistryValue, Setting};
use std::sync::Arc;

const COUNT: usize = 20_000;

fn policy() -> Policy {
    let value = |number: usize| RegistryValue {
        hive: Hive::CurrentUser,
        key: format!("Software\\Example\\Key{:06}", number / 20),
        name: format!("V{number:06}"),
        data: RegistryData::Sz(format!("some text {number}")),
        option: None,
    };
    let mut policy = Policy::new("Big").with("disable-voice", Setting::On);
    policy.other_values = (0..COUNT).map(value).collect();
    // One that would fill the page by itself.
    policy.other_values[1].data = RegistryData::Other {
        kind: 3,
        bytes: vec![0xab; 60_000],
    };
    policy
}

async fn with_large() -> (Arc<Console>, Browser) {
    let console = Console::of(1).await;
    let create = CreatePolicy {
        policy: PolicyDocument::of(&policy()).unwrap(),
        comment: String::new(),
        assignment: Assignment::default(),
    };
    console.admin.call(&root(), create).await.unwrap();
    let browser = Browser::signed_in(&console, "ada").await;
    (console, browser)
}

async fn kept(console: &Console) -> usize {
    let name = "Big".to_owned();
    let view = console.admin.call(&root(), GetPolicy { name }).await;
    let policy: Policy = view.unwrap().policy.read().unwrap();
    policy.other_values.len()
}

#[tokio::test]
async fn its_page_shows_the_first_values_and_says_how_many_there_are() {
    let (_, mut browser) = with_large().await;
    let page = browser.get("/policies/Big").await;
    page.assert_has("20,001 registry values are written");
    page.assert_has("DisablePC2PCAudio");
    page.assert_has("V000049");
    page.assert_lacks("V000050");
    page.assert_has("And 19,950 more: ");
    page.assert_has("href=\"/policies/Big/values\"");
    page.assert_has("(60000 bytes)");
    page.assert_has("export?format=reg\"");
    let size = page.bytes.len();
    assert!(size < 1_000_000, "{size} bytes");
}

#[tokio::test]
async fn all_of_them_are_on_a_page_of_their_own_and_go_by_their_place() {
    let (console, mut browser) = with_large().await;
    let page = browser.get("/policies/Big/values?page=3").await;
    page.assert_has("20,000 values, page 3 of 400");
    page.assert_has("V000100");
    page.assert_has("name=\"drop.149\"");
    page.assert_lacks("V000150");
    page.assert_has("values?page=4");
    let size = page.bytes.len();
    assert!(size < 200_000, "{size} bytes");

    let address = "/policies/Big/values";
    let drop = [("base", "1"), ("drop.100", "1"), ("drop.149", "1")];
    browser
        .order(address, &drop)
        .await
        .assert_leads_to("/policies/Big");
    assert_eq!(kept(&console).await, COUNT - 2);
    let page = browser.get("/policies/Big/values?page=3").await;
    page.assert_lacks("V000100");
    page.assert_has("V000101");
    // On a page of an old revision a place is what it was there, whoever took out what since.
    let old = [("base", "1"), ("drop.101", "1")];
    browser
        .order(address, &old)
        .await
        .assert_leads_to("/policies/Big");
    assert_eq!(kept(&console).await, COUNT - 3);
    let page = browser.get("/policies/Big/values?page=3").await;
    page.assert_lacks("V000101");
    page.assert_has("V000102");
    // Beyond the end is the last page.
    let last = browser.get("/policies/Big/values?page=99999").await;
    last.assert_has("V019999");

    let all = [("base", "2"), ("all", "1")];
    browser
        .order(address, &all)
        .await
        .assert_leads_to("/policies/Big");
    assert_eq!(kept(&console).await, 0);
    browser
        .get("/policies/Big")
        .await
        .assert_has("1 registry value is written");
}

#[tokio::test]
async fn its_history_names_the_first_changes_and_counts_the_rest() {
    let (_, mut browser) = with_large().await;
    let all = [("base", "1"), ("all", "1")];
    browser
        .order("/policies/Big/values", &all)
        .await
        .assert_leads_to("/policies/Big");
    let page = browser.get("/policies/Big/history").await;
    page.assert_has("Removed HKCU\\Software\\Example\\Key000000\\V000000");
    page.assert_has("And 19,800 more.");
    let size = page.bytes.len();
    assert!(size < 500_000, "{size} bytes");
}
