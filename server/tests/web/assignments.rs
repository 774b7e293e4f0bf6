//! For whom policies count, what counts for a user, and what was refused.

use crate::browser::Browser;
use crate::console::Console;
use crate::house::{alias, invitation};
use axum::http::StatusCode;
use rollcall::presence::Who;

async fn with_policy(fields: &[(&str, &str)]) -> Browser {
    let mut browser = Browser::signed_in(&Console::of(3).await, "ada").await;
    browser
        .order("/groups/new", &[("name", "branch")])
        .await
        .assert_leads_to("/groups/branch");
    let mut all = vec![("name", "WAN"), ("set.disable-file-transfer", "on")];
    all.extend_from_slice(fields);
    browser
        .order("/policies/new", &all)
        .await
        .assert_leads_to("/policies/WAN");
    browser
}

#[tokio::test]
async fn a_new_policy_counts_for_nobody_until_somebody_says_for_whom() {
    let mut browser = with_policy(&[]).await;
    let page = browser.get("/policies/WAN").await;
    page.assert_has("This policy counts for <strong>nobody</strong>");
    page.assert_lacks("name=\"everyone\" value=\"true\" checked");
    browser
        .get("/users/bob")
        .await
        .assert_has("No policy sets anything for this user.");
    let page = browser.get("/policies/new").await;
    page.assert_lacks("name=\"everyone\" value=\"true\" checked");
    page.assert_has("name=\"groups\" value=\"branch\"");
    page.assert_has("For nobody, until you say for whom");
}

#[tokio::test]
async fn a_new_policy_can_count_for_a_group_from_its_first_moment() {
    let fields = [("counts", "shown"), ("groups", "branch"), ("priority", "7")];
    let mut browser = with_policy(&fields).await;
    let page = browser.get("/policies/WAN").await;
    page.assert_has("<strong>the group branch</strong>, with priority 7");
    let page = browser.get("/users/bob").await;
    page.assert_has("No policy sets anything for this user.");
}

#[tokio::test]
async fn the_effective_policy_of_a_user_follows_the_assignment() {
    let everyone = [("counts", "shown"), ("everyone", "true")];
    let mut browser = with_policy(&everyone).await;
    let page = browser.get("/users/bob").await;
    page.assert_has("Effective policy");
    page.assert_has("for everyone");
    let fields = [("counts", "shown"), ("users", "bob"), ("priority", "")];
    browser
        .order("/policies/WAN/assign", &fields)
        .await
        .assert_leads_to("/policies/WAN");
    browser
        .get("/policies/WAN")
        .await
        .assert_has("WAN counts for the user bob from now on.");
    browser.get("/users/bob").await.assert_has("for user bob");
}

#[tokio::test]
async fn an_assignment_that_is_refused_keeps_what_was_typed() {
    let mut browser = with_policy(&[]).await;
    for (users, priority, why) in [
        ("nobody", "3", "There is no user nobody."),
        ("bob", "high", "“high” is not a whole number."),
    ] {
        let fields = [
            ("counts", "shown"),
            ("groups", "branch"),
            ("users", users),
            ("priority", priority),
        ];
        browser
            .order("/policies/WAN/assign", &fields)
            .await
            .assert_leads_to("/policies/WAN");
        let page = browser.get("/policies/WAN").await;
        page.assert_has(why);
        page.assert_has(&format!("value=\"{users}\""));
        page.assert_has(&format!("value=\"{priority}\""));
        page.assert_has("name=\"groups\" value=\"branch\" checked");
        page.assert_lacks("name=\"everyone\" value=\"true\" checked");
    }
}

#[tokio::test]
async fn the_proxy_script_is_switched_on_and_off_on_the_policys_page() {
    let mut browser = with_policy(&[]).await;
    browser
        .get("/policies/WAN")
        .await
        .assert_has("Hand it out</button>");
    browser
        .order("/policies/WAN/proxy-script", &[("serve", "yes")])
        .await
        .assert_leads_to("/policies/WAN");
    let page = browser.get("/policies/WAN").await;
    page.assert_has("http://im.example.com/proxy.pac");
    page.assert_has("Hand it out no more</button>");
}

#[tokio::test]
async fn what_was_refused_is_listed_with_filters_and_so_are_clients_out_of_reach() {
    let console = Console::of(4).await;
    let mut browser = Browser::signed_in(&console, "ada").await;
    let fields = [
        ("name", "WAN"),
        ("counts", "shown"),
        ("everyone", "true"),
        ("set.disable-file-transfer", "on"),
        ("set.disable-video", "on"),
    ];
    browser
        .order("/policies/new", &fields)
        .await
        .assert_leads_to("/policies/WAN");
    // bob offers somebody a file.
    let (bob, another) = (alias("bob"), alias(&console.another()));
    let mut version = console.nodes().version();
    let refused = console.live.enforcement.check(
        &Who::Here(bob),
        &Who::Here(another),
        &invitation(),
        console.clock.now_ms(),
    );
    assert!(refused.is_some());
    // It is written down beside the message, and then consoles are told.
    version.mark_unchanged();
    version.changed().await.unwrap();

    let page = browser.get("/compliance").await;
    page.assert_has("All (1)");
    page.assert_has("href=\"/compliance?feature=file-transfer\"");
    page.assert_has("href=\"/users/bob\"");
    page.assert_has("It does not say what it is");
    page.assert_has("all but No file transfer, No video, which it does not know.");
    let page = browser.get("/compliance?feature=voice").await;
    page.assert_has("No refused invitation matches.");
}

#[tokio::test]
async fn a_viewer_sees_for_whom_a_policy_counts_and_cannot_change_it() {
    let console = Console::of(1).await;
    let mut ada = Browser::signed_in(&console, "ada").await;
    let fields = [("name", "WAN"), ("counts", "shown"), ("everyone", "true")];
    ada.order("/policies/new", &fields)
        .await
        .assert_leads_to("/policies/WAN");
    let mut vera = Browser::signed_in(&console, "vera").await;
    let page = vera.get("/policies/WAN").await;
    page.assert_has("This policy counts for <strong>everyone</strong>");
    page.assert_lacks("Set for whom it counts");
    let refused = vera.order("/policies/WAN/assign", &[("counts", "shown")]);
    assert_eq!(refused.await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn two_who_set_for_whom_a_policy_counts_do_not_undo_each_other() {
    let mut browser = with_policy(&[]).await;
    let page = browser.get("/policies/WAN").await;
    let text = page.text();
    let form = text
        .split("action=\"/policies/WAN/assign\"")
        .nth(1)
        .unwrap();
    let seen = form.split("name=\"revision\" value=\"").nth(1).unwrap();
    let seen = seen.split('"').next().unwrap().to_owned();
    let mut assign = async |users: &str, group: bool, priority: &str| {
        let mut fields = vec![
            ("revision", seen.as_str()),
            ("counts", "shown"),
            ("users", users),
            ("priority", priority),
        ];
        if group {
            fields.push(("groups", "branch"));
        }
        let answer = browser.order("/policies/WAN/assign", &fields).await;
        answer.assert_leads_to("/policies/WAN");
        browser.get("/policies/WAN").await
    };
    assign("bob", false, "0").await;
    let page = assign("", true, "0").await;
    page.assert_has("WAN counts for the group branch and the user bob from now on.");
    // Only who changes the same is asked, and sees what others made of the rest.
    let page = assign("", false, "5").await;
    page.assert_has("the group branch and the user bob</strong>, with priority 5");
    let page = assign("bob, another", false, "0").await;
    page.assert_has("There is no user another.");
    let other = page.text().contains("value=\"bob, another\"");
    assert!(other, "what was typed is gone");
}
