//! SUBSCRIBE, its renewal, UNSUBSCRIBE and SUBSCRIPTIONS.

use tests::rvp_client::CallBack;
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

use crate::SOON;

#[test]
fn a_login_is_answered_as_clients_need_it() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.user("alice")?;
    let call_back = CallBack::listen()?;
    for (asked, granted) in [(14_000, "14000"), (60, "60"), (1, "30"), (999_999, "14400")] {
        let answer = alice.expect(200, &alice.sign_on_request(&call_back.url(), asked))?;
        assert_client_can_read(&answer);
        assert_eq!(answer.header("Subscription-Lifetime"), Some(granted));
        assert!(answer.body.is_empty(), "{}", answer.text());
        let id = answer.header("Subscription-Id").expect("an id");
        assert!(
            id.parse::<i32>().is_ok_and(|it| it > 0),
            "librvp cuts off {id:?}"
        );
    }
    Ok(())
}

#[test]
fn a_login_without_a_lifetime_gets_twenty_minutes() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.user("alice")?;
    let call_back = CallBack::listen()?;
    let request = alice
        .request("SUBSCRIBE", "alice")
        .header("Notification-Type", "pragma/notify")
        .header("Call-Back", call_back.url());
    let answer = alice.expect(200, &request)?;
    assert_eq!(answer.header("Subscription-Lifetime"), Some("1200"));
    Ok(())
}

#[test]
fn a_login_without_a_call_back_is_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.user("alice")?;
    let request = alice
        .request("SUBSCRIBE", "alice")
        .header("Notification-Type", "pragma/notify");
    let answer = alice.send(&request)?;
    assert!(
        (400..500).contains(&answer.status) && answer.status != 401,
        "{}",
        answer.head
    );
    assert!(!answer.body.is_empty(), "no reason given");
    Ok(())
}

#[test]
fn a_renewal_keeps_the_id() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    server.add_user("bob", "another word 1")?;
    let (watch, _) = alice.user.watch("bob")?;
    for (node, id) in [("alice", alice.login), ("bob", watch)] {
        let answer = alice.user.renew(node, id, 1300)?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_client_can_read(&answer);
        assert_eq!(
            answer.header("Subscription-Id"),
            Some(id.to_string().as_str())
        );
        assert_eq!(answer.header("Subscription-Lifetime"), Some("1300"));
    }
    Ok(())
}

#[test]
fn a_renewal_that_cannot_be_is_refused_so_that_clients_notice() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let status = alice.user.renew("alice", 2_000_000_001, 1200)?.status;
    assert!(
        matches!(status, 403 | 500),
        "librvp stays deaf after {status}"
    );
    Ok(())
}

#[test]
fn an_end_is_an_end() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let (watch, _) = alice.user.watch("bob")?;
    bob.set_state("busy")?;
    alice.call_back.expect_state(SOON, &bob.url(), "busy")?;

    assert_eq!(alice.user.unsubscribe("bob", watch)?, 200);
    assert_eq!(alice.user.unsubscribe("bob", watch)?, 412, "a second time");
    bob.set_state("away")?;
    // A message to her comes after the push that must not come.
    assert_eq!(bob.user.say("alice", "I am away")?.status, 200);
    alice.call_back.expect(SOON, "the message", |it| {
        assert!(!it.tells_state(&bob.url(), "away"), "told after the end");
        it.text().contains("I am away")
    })?;

    assert_eq!(alice.user.unsubscribe("alice", alice.login)?, 200);
    assert_eq!(bob.user.say("alice", "gone?")?.status, 412);
    assert_eq!(bob.user.state_of("alice")?, "offline");
    Ok(())
}

#[test]
fn subscriptions_are_listed_for_their_owner() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let (watch, _) = bob.user.watch("alice")?;

    let logins = alice.user.subscriptions("pragma/notify")?;
    let expected = format!("<r:subscription-id>{}</r:subscription-id>", alice.login);
    assert!(
        logins.contains(&expected),
        "Net::RVP dies without its own login: {logins}"
    );
    let list = alice
        .user
        .request("SUBSCRIPTIONS", "alice")
        .header("Notification-Type", "update/propchange");
    let list = alice.user.expect(200, &list)?;
    assert_client_can_read(&list);
    let list = list.text();
    assert!(
        list.contains(&format!("<r:subscription-id>{watch}</r:subscription-id>")),
        "{list}"
    );
    assert!(
        list.contains(&format!("<a:rvp-principal>{}</a:rvp-principal>", bob.url())),
        "{list}"
    );
    assert!(
        !list.contains(&expected),
        "a login among the watchers: {list}"
    );
    let unnamed = alice
        .user
        .expect(200, &alice.user.request("SUBSCRIPTIONS", "alice"))?
        .text();
    assert!(
        unnamed.contains(&format!("<r:subscription-id>{watch}</r:subscription-id>")),
        "{unnamed}"
    );

    let foreign = alice
        .user
        .send(&alice.user.request("SUBSCRIPTIONS", "bob"))?;
    assert_eq!(foreign.status, 403, "another's watchers");
    Ok(())
}

#[test]
fn a_watcher_is_told_once_for_two_subscriptions() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let (first, _) = alice.user.watch("bob")?;
    let (second, _) = alice.user.watch("bob")?;
    assert_ne!(first, second, "duplicates are independent (RVP document)");
    bob.set_state("busy")?;
    alice.call_back.expect_state(SOON, &bob.url(), "busy")?;
    assert_eq!(bob.user.say("alice", "after the push")?.status, 200);
    alice.call_back.expect(SOON, "the message", |it| {
        assert!(!it.tells_state(&bob.url(), "busy"), "told twice");
        it.text().contains("after the push")
    })?;
    Ok(())
}

#[test]
fn watching_a_stranger_is_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let answer = alice.user.send(&alice.user.watch_request("stranger"))?;
    assert_eq!(answer.status, 404, "{}", answer.text());
    Ok(())
}

#[test]
fn a_call_back_elsewhere_is_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.user("bob")?;
    for stranger in [
        "http://192.0.2.7:80",
        "http://localhost.example:80",
        "ftp://127.0.0.1:21",
        "rubbish",
    ] {
        let answer = bob.send(&bob.sign_on_request(stranger, 1200))?;
        assert!(
            matches!(answer.status, 400 | 403),
            "{stranger} got {}",
            answer.status
        );
        assert!(!answer.body.is_empty(), "no reason given for {stranger}");
    }
    let here = CallBack::listen()?;
    bob.sign_on(&here.url(), 1200).map(drop)
}
