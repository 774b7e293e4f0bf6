//! 5.1 SUBSCRIBE.

use tests::rvp_client::{CallBack, Request, User};
use tests::server::Server;
use tests::{Failure, assert_client_can_read, eventually};

use crate::{SHORT, SOON, heard_before, phrase};

fn watch_for(watcher: &User, node: &str, call_back: &str, seconds: &str) -> Request {
    watcher
        .request("SUBSCRIBE", node)
        .header("Notification-Type", "update/propchange")
        .header("Subscription-Lifetime", seconds)
        .header("Call-Back", call_back)
}

#[test]
fn s5_1_1_every_subscription_has_a_number_of_its_own() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let mut ids = vec![alice.login, bob.login];
    for (watcher, whom) in [(&alice, "bob"), (&alice, "alice"), (&bob, "alice")] {
        ids.push(watcher.user.watch(whom)?.0);
    }
    let given = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), given, "a number was given twice: {ids:?}");
    Ok(())
}

#[test]
fn s5_1_2_lifetime_is_negotiated() -> Result<(), Failure> {
    let server = Server::start("[presence]\nmin_lease_s = 60\nmax_lease_s = 600\n")?;
    let alice = server.online_user("alice")?;
    server.user("bob")?;
    for (asked, granted) in [("10", "60"), ("300", "300"), ("99999999999", "600")] {
        let watch = watch_for(&alice.user, "bob", &alice.url(), asked);
        let answer = alice.user.expect(207, &watch)?;
        assert_eq!(answer.header("Subscription-Lifetime"), Some(granted));
    }
    for (asked, granted) in [(10, "60"), (300, "300"), (9999, "600")] {
        let answer = alice.user.renew("alice", alice.login, asked)?;
        assert_eq!(answer.header("Subscription-Lifetime"), Some(granted));
    }
    Ok(())
}

#[test]
fn s5_1_2_no_subscription_is_permanent() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    server.user("bob")?;
    // Named no lifetime, a subscription is leased all the same: the header in the answer says so.
    let watch = alice
        .user
        .request("SUBSCRIBE", "bob")
        .header("Notification-Type", "update/propchange")
        .header("Call-Back", alice.url());
    let answer = alice.user.expect(207, &watch)?;
    assert_eq!(answer.header("Subscription-Lifetime"), Some("1200"));
    for asked in ["infinite", "-1", ""] {
        let watch = watch_for(&alice.user, "bob", &alice.url(), asked);
        let refused = alice.user.expect(400, &watch)?;
        assert!(refused.text().contains("Lifetime"), "{}", refused.text());
    }
    Ok(())
}

#[test]
fn s5_1_2_a_watch_that_is_not_renewed_ends() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let watch = watch_for(&alice.user, "bob", &alice.url(), "1");
    alice.user.expect(207, &watch)?;
    eventually(SOON, "the end of the watch", || {
        let list = bob.user.subscriptions("update/propchange")?;
        Ok((!list.contains("<r:subscription>")).then_some(()))
    })?;
    bob.set_state("busy")?;
    let heard = heard_before(&bob.user, "alice", &mut alice.call_back)?;
    assert!(heard.is_empty(), "told after the end: {heard:?}");
    Ok(())
}

#[test]
fn s5_1_2_a_watch_that_is_renewed_stays() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    // The first one ends later than the renewed one would have.
    let (renewed, lasting) = ("1", "2");
    let answer = alice
        .user
        .expect(207, &watch_for(&alice.user, "bob", &alice.url(), renewed))?;
    let id = answer.header("Subscription-Id").unwrap_or_default();
    let id = id.parse().expect("a number");
    assert_eq!(alice.user.renew("bob", id, 1200)?.status, 200);
    bob.user
        .expect(207, &watch_for(&bob.user, "bob", &bob.url(), lasting))?;
    eventually(SOON, "the end of the other watch", || {
        let list = bob.user.subscriptions("update/propchange")?;
        Ok((!list.contains(&format!("<d:href>{}</d:href>", bob.url()))).then_some(()))
    })?;
    bob.set_state("busy")?;
    alice
        .call_back
        .expect_state(SOON, &bob.url(), "busy")
        .map(drop)
}

#[test]
fn s5_1_3_the_type_must_be_one_of_two() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    for kind in [Some("update/delete"), Some(""), None] {
        let mut request = alice
            .user
            .request("SUBSCRIBE", "alice")
            .header("Subscription-Lifetime", "1200")
            .header("Call-Back", alice.call_back.url());
        if let Some(kind) = kind {
            request = request.header("Notification-Type", kind);
        }
        let refused = alice.user.expect(400, &request)?;
        assert!(refused.text().contains("pragma/notify"), "{kind:?}");
    }
    Ok(())
}

#[test]
fn s5_1_3_a_watcher_hears_changes_and_no_messages() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let carol = server.online_user("carol")?;
    alice.user.watch("bob")?;
    assert_eq!(carol.user.say("bob", "for bob alone")?.status, 200);
    bob.set_state("busy")?;
    let push = alice
        .call_back
        .expect(SOON, "anything of bob", |it| it.text().contains(&bob.url()))?;
    assert!(push.tells_state(&bob.url(), "busy"), "{}", push.text());
    let heard = heard_before(&bob.user, "alice", &mut alice.call_back)?;
    assert!(heard.iter().all(|it| !it.contains("alone")), "{heard:?}");
    Ok(())
}

#[test]
fn s5_1_4_a_watch_may_name_an_address_of_its_own() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let mut own = CallBack::listen()?;
    let watch = watch_for(&alice.user, "bob", &own.url(), "1200");
    alice.user.expect(207, &watch)?;
    bob.set_state("busy")?;
    own.expect_state(SOON, &bob.url(), "busy")?;
    let heard = heard_before(&bob.user, "alice", &mut alice.call_back)?;
    assert!(heard.is_empty(), "told at the sign-on as well: {heard:?}");
    Ok(())
}

#[test]
fn s5_1_4_nobody_is_told_in_another_s_name() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let carol = server.online_user("carol")?;
    server.user("bob")?;
    let watch = watch_for(&alice.user, "bob", &carol.url(), "1200");
    alice.user.expect(403, &watch).map(drop)
}

#[test]
fn s5_1_5_a_renewal_changes_nothing_but_the_lifetime() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let mut elsewhere = CallBack::listen()?;
    let renewal = alice
        .user
        .sign_on_request(&elsewhere.url(), 1300)
        .header("Subscription-Id", alice.login.to_string());
    let answer = alice.user.expect(200, &renewal)?;
    assert_eq!(answer.header("Subscription-Lifetime"), Some("1300"));
    heard_before(&bob.user, "alice", &mut alice.call_back)?;
    assert!(elsewhere.drain().is_empty(), "the call-back was changed");
    Ok(())
}

#[test]
fn s5_1_5_duplicates_are_kept_apart() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let (first, _) = alice.user.watch("bob")?;
    let (second, _) = alice.user.watch("bob")?;
    let list = bob.user.subscriptions("update/propchange")?;
    for id in [first, second] {
        let listed = format!("<r:subscription-id>{id}</r:subscription-id>");
        assert!(list.contains(&listed), "{id} was merged away: {list}");
    }
    assert_eq!(alice.user.unsubscribe("bob", first)?, 200);
    bob.set_state("busy")?;
    let push = alice.call_back.expect_state(SOON, &bob.url(), "busy")?;
    let second = second.to_string();
    assert_eq!(push.header("Subscription-Id"), Some(second.as_str()));
    Ok(())
}

#[test]
fn s5_1_6_each_kind_has_its_answer() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.user("alice")?;
    let call_back = CallBack::listen()?;
    let login = alice.expect(200, &alice.sign_on_request(&call_back.url(), 1200))?;
    assert_eq!(phrase(&login), "Successful");
    let (id, watch) = alice.watch("alice")?;
    assert_eq!(phrase(&watch), "Multi-Status");
    assert!(watch.header("Subscription-Lifetime").is_some());
    let renewal = alice.renew("alice", id, 1200)?;
    assert_eq!((renewal.status, phrase(&renewal)), (200, "Successful"));
    assert!(renewal.body.is_empty(), "{}", renewal.text());
    Ok(())
}

#[test]
fn s5_1_7_1_example() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bruceb = server.user("bruceb")?;
    let call_back = CallBack::listen()?;
    let request = Request::new("SUBSCRIBE", "/instmsg/aliases/bruceb")
        .header("Subscription-Lifetime", "14400")
        .header("Notification-Type", "pragma/notify")
        .header("Call-Back", call_back.url())
        .header("RVP-Notifications-Version", "1.0")
        .header("Host", "imhome1.acme.com")
        .header(
            "RVP-From-Principal",
            "http://im.acme.com/instmsg/aliases/bruceb",
        );
    let answer = bruceb.expect(200, &request)?;
    assert_client_can_read(&answer);
    assert_eq!(phrase(&answer), "Successful");
    assert_eq!(answer.header("Subscription-Lifetime"), Some("14400"));
    assert_eq!(answer.header("RVP-Notifications-Version"), Some("1.0"));
    assert!(answer.header("Subscription-Id").is_some());
    Ok(())
}

#[test]
fn s5_1_7_2_example() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bruceb = server.online_user("bruceb")?;
    let add = ["user", "add", "stevem", "--display-name", "Steve"];
    let more = ["--email", "stevem@example.com", "--password-stdin"];
    server.run(&[&add[..], &more].concat(), "a word of his 1\n")?;

    let stevem = server.principal("stevem");
    let request = Request::new("SUBSCRIBE", &stevem)
        .header("Subscription-Lifetime", "14400")
        .header("Notification-Type", "update/propchange")
        .header("Call-Back", bruceb.url())
        .header("RVP-Notifications-Version", "1.0")
        .header("Host", "im.example.com")
        .header("RVP-From-Principal", bruceb.url());
    let answer = bruceb.user.expect(207, &request)?;
    assert_client_can_read(&answer);
    assert_eq!(answer.header("RVP-Notifications-Version"), Some("1.0"));
    let expected = format!(
        "<d:response><d:href>{stevem}</d:href><d:propstat><d:prop><r:state><r:offline/></r:state>\
         <d:displayname>Steve</d:displayname><r:email>stevem@example.com</r:email>\
         <r:mobile-state>0</r:mobile-state><r:mobile-description></r:mobile-description></d:prop>\
         <d:status>HTTP/1.1 200 "
    );
    assert!(answer.text().contains(&expected), "{}", answer.text());
    Ok(())
}
