//! 9.1: the elements and what they may hold.

use tests::Failure;
use tests::rvp_client::state_update_without_lease;
use tests::server::Server;

use crate::{SOON, patch, set};

/// 9.1.5 to 9.1.11.
const STATES: [&str; 7] = [
    "online",
    "offline",
    "away",
    "busy",
    "back-soon",
    "on-phone",
    "at-lunch",
];

#[test]
fn s9_1_1_a_state_is_leased_or_bare() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    for state in STATES.into_iter().filter(|it| *it != "online") {
        let mut view = bob.user.set_state("online", 1200, None)?;
        if state != "offline" {
            view = bob.user.set_state(state, 1200, Some(view))?;
            alice.call_back.expect_state(SOON, &bob.url(), state)?;
            bob.user.set_state("online", 1200, Some(view))?;
            alice.call_back.expect_state(SOON, &bob.url(), "online")?;
        }
        let bare = bob
            .user
            .request("PROPPATCH", "bob")
            .header("Content-Type", "text/xml")
            .body(state_update_without_lease(state, view));
        bob.user.expect(207, &bare)?;
        alice.call_back.expect_state(SOON, &bob.url(), state)?;
    }
    Ok(())
}

#[test]
fn s9_1_16_a_mobile_is_set_told_and_found() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let mobile =
        "<r:mobile-state>1</r:mobile-state><r:mobile-description>555-1234</r:mobile-description>";
    bob.user
        .expect(207, &patch(&bob.user, "bob", &set(mobile)))?;
    // Two properties are told in no certain order, one NOTIFY each.
    let mut told = String::new();
    while !(told.contains("<r:mobile-state>1<") && told.contains("<r:mobile-description>555-1234<"))
    {
        let push = alice
            .call_back
            .expect(SOON, "the mobile", |it| it.text().contains("<r:mobile-"))?;
        told.push_str(&push.text());
    }
    let found = alice.user.find("bob", "<d:allprop/>")?.text();
    assert!(found.contains(mobile), "{found}");
    Ok(())
}

#[test]
fn s9_1_20_a_message_may_be_to_several() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    let one = tests::rvp_client::message(&alice.url(), &bob.url(), "to several");
    let to = format!(
        "<r:contact><d:href>{}</d:href><r:description></r:description></r:contact></r:notification-to>",
        alice.user.url("carol")
    );
    let several_elements = one.replace(
        "</r:notification-to>",
        &format!("</r:notification-to><r:notification-to>{to}"),
    );
    let several_contacts = one.replace("</r:notification-to>", &to);
    for body in [several_elements, several_contacts] {
        let request = alice.user.say_request("bob", body.clone());
        alice.user.expect(200, &request)?;
        let notify = bob
            .call_back
            .expect(SOON, "the message", |it| it.text().contains("several"))?;
        assert_eq!(notify.text(), body);
    }
    Ok(())
}
