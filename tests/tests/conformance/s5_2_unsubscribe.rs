//! 5.2 UNSUBSCRIBE.

use tests::Failure;
use tests::rvp_client::Request;
use tests::server::Server;

use crate::{SOON, heard_before, phrase};

#[test]
fn s5_2_the_number_is_needed() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let without = alice.user.request("UNSUBSCRIBE", "alice");
    let refused = alice.user.expect(400, &without)?;
    assert!(refused.text().contains("Subscription-Id"));
    for id in ["0", "-1", "9A504", "2147483648", "1 2"] {
        let request = without.clone().header("Subscription-Id", id);
        alice.user.expect(400, &request)?;
    }
    Ok(())
}

#[test]
fn s5_2_the_number_counts_on_its_own_node_only() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let (watch, _) = alice.user.watch("bob")?;
    assert_eq!(alice.user.unsubscribe("alice", watch)?, 412);
    bob.set_state("busy")?;
    alice
        .call_back
        .expect_state(SOON, &bob.url(), "busy")
        .map(drop)
}

#[test]
fn s5_2_a_watch_is_ended_by_its_watcher_or_the_node_s_owner() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let carol = server.online_user("carol")?;
    let (watch, _) = alice.user.watch("bob")?;
    assert_eq!(carol.user.unsubscribe("bob", watch)?, 403, "a third one");
    assert_eq!(bob.user.unsubscribe("bob", watch)?, 200, "the owner");
    bob.set_state("busy")?;
    let heard = heard_before(&carol.user, "alice", &mut alice.call_back)?;
    assert!(heard.is_empty(), "told after the end: {heard:?}");

    let (watch, _) = alice.user.watch("bob")?;
    assert_eq!(alice.user.unsubscribe("bob", watch)?, 200, "the watcher");
    Ok(())
}

#[test]
fn s5_2_a_login_can_be_ended() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    assert_eq!(alice.user.unsubscribe("bob", bob.login)?, 403, "another's");
    assert_eq!(bob.user.unsubscribe("bob", bob.login)?, 200);
    alice
        .call_back
        .expect_state(SOON, &bob.url(), "offline")
        .map(drop)
}

#[test]
fn s5_2_1_example() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bruceb = server.online_user("bruceb")?;
    server.user("company-a")?;
    let (watch, _) = bruceb.user.watch("company-a")?;
    let request = Request::new("UNSUBSCRIBE", "/instmsg/aliases/company-a")
        .header("Host", "im.stockquotes.com")
        .header("RVP-Notifications-Version", "1.0")
        .header(
            "RVP-From-Principal",
            "http://im.acme.com/instmsg/aliases/bruceb",
        )
        .header("Subscription-Id", watch.to_string());
    let answer = bruceb.user.expect(200, &request)?;
    assert_eq!(phrase(&answer), "Successful");
    assert_eq!(answer.header("RVP-Notifications-Version"), Some("1.0"));
    assert!(answer.body.is_empty(), "{}", answer.text());
    Ok(())
}
