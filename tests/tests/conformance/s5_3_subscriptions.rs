//! 5.3 SUBSCRIPTIONS.

use tests::rvp_client::{NAMESPACES, Request};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

/// The seconds left that a list says, in its order.
fn seconds_left(list: &str) -> Vec<u32> {
    list.split("<d:timeout>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .map(|seconds| seconds.parse().expect("a number of seconds"))
        .collect()
}

#[test]
fn s5_3_each_entry_says_who_where_and_how_long() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let logins = bob.user.subscriptions("pragma/notify")?;
    let own = format!(
        "<r:subscription><r:subscription-id>{}</r:subscription-id><d:href>{}</d:href><a:principal>\
         <a:rvp-principal>{}</a:rvp-principal></a:principal><d:timeout>",
        bob.login,
        bob.call_back.url(),
        bob.url()
    );
    assert!(logins.contains(&own), "{own} is missing in {logins}");
    assert!(
        seconds_left(&logins)
            .iter()
            .all(|it| (1..=1200).contains(it)),
        "{logins}"
    );

    let (watch, _) = alice.user.watch("bob")?;
    let watchers = bob.user.subscriptions("update/propchange")?;
    let hers = format!(
        "<r:subscription-id>{watch}</r:subscription-id><d:href>{0}</d:href><a:principal>\
         <a:rvp-principal>{0}</a:rvp-principal></a:principal>",
        alice.url()
    );
    assert!(watchers.contains(&hers), "{hers} is missing in {watchers}");
    let left = seconds_left(&watchers);
    assert!(matches!(left[..], [14_300..=14_400]), "{left:?}");
    Ok(())
}

#[test]
fn s5_3_what_has_ended_is_not_listed() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let (watch, _) = alice.user.watch("alice")?;
    assert_eq!(alice.user.unsubscribe("alice", watch)?, 200);
    let list = alice.user.subscriptions("update/propchange")?;
    assert!(!list.contains("<r:subscription>"), "{list}");
    Ok(())
}

#[test]
fn s5_3_another_type_is_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let request = alice
        .user
        .request("SUBSCRIPTIONS", "alice")
        .header("Notification-Type", "update/delete");
    alice.user.expect(400, &request).map(drop)
}

#[test]
fn s5_3_1_example() -> Result<(), Failure> {
    let server = Server::start("")?;
    let list = server.online_user("sales-event")?;
    let bruceb = server.online_user("bruceb")?;
    let stevem = server.online_user("stevem")?;
    bruceb.user.watch("sales-event")?;
    stevem.user.watch("sales-event")?;
    let request = Request::new("SUBSCRIPTIONS", "/instmsg/aliases/sales-event")
        .header("Host", "im.example.com")
        .header("RVP-Notifications-Version", "1.0")
        .header("Notification-Type", "update/propchange")
        .header(
            "RVP-From-Principal",
            "http://im.acme.com/instmsg/aliases/bruceb",
        )
        .without_length();
    let answer = list.user.expect(200, &request)?;
    assert_client_can_read(&answer);
    let body = answer.text();
    assert!(
        body.contains(&format!("<r:subscriptions {NAMESPACES}>")),
        "{body}"
    );
    assert_eq!(body.matches("<r:subscription>").count(), 2, "{body}");
    for watcher in [&bruceb, &stevem] {
        assert!(body.contains(&watcher.url()), "{body}");
    }
    Ok(())
}
