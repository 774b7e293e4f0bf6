//! A client that is gone: its watchers know when its lease ends, or before,
//! when its call-back refuses.

use std::time::Duration;

use tests::librvp::Account;
use tests::people::PASSWORD;
use tests::rvp_client::CallBack;
use tests::server::Server;
use tests::{Deadline, Failure, eventually};

const SOON: Duration = Duration::from_secs(15);
/// Short leases, so that a test can wait for their end.
const SHORT: &str = "[presence]\nmin_lease_s = 1\n";
/// "Every watcher knows within a second", and a loaded machine.
const LATE: Duration = Duration::from_millis(1500);

#[test]
fn a_state_ends_when_its_lease_does() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let bob = server.user("bob")?;
    server.add_user("alice", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD)
        .knows(&["bob"])
        .start(server.rvp())?;
    alice.signed_on(SOON)?;

    let call_back = CallBack::listen()?;
    bob.sign_on(&call_back.url(), 1200)?;
    let lease = Duration::from_secs(2);
    let begun = Deadline::within(SOON);
    bob.set_state("online", 2, None)?;
    alice.sees(SOON, "bob", "online")?;
    alice.sees(SOON, "bob", "offline")?;
    assert!(begun.spent() >= lease, "after {:?} already", begun.spent());
    assert!(
        begun.spent() < lease + LATE,
        "only after {:?}",
        begun.spent()
    );
    Ok(())
}

#[test]
fn a_renewed_lease_does_not_end() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let bob = server.user("bob")?;
    let mut alice = server.online_user("alice")?;
    alice.user.watch("bob")?;

    let call_back = CallBack::listen()?;
    bob.sign_on(&call_back.url(), 1200)?;
    let view = bob.set_state("online", 1, None)?;
    let begun = Deadline::within(SOON);
    assert_eq!(bob.set_state("online", 3, Some(view))?, view);
    alice
        .call_back
        .expect_state(SOON, &bob.url("bob"), "offline")?;
    assert!(
        begun.spent() >= Duration::from_secs(3),
        "after {:?}",
        begun.spent()
    );
    Ok(())
}

#[test]
fn a_login_ends_when_its_lease_does() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let bob = server.user("bob")?;
    let mut alice = server.online_user("alice")?;
    alice.user.watch("bob")?;

    let call_back = CallBack::listen()?;
    let login = bob.sign_on(&call_back.url(), 2)?;
    let begun = Deadline::within(SOON);
    bob.set_state("online", 1200, None)?;
    alice
        .call_back
        .expect_state(SOON, &bob.url("bob"), "online")?;
    alice
        .call_back
        .expect_state(SOON, &bob.url("bob"), "offline")?;
    assert!(
        begun.spent() >= Duration::from_millis(1900),
        "after {:?}",
        begun.spent()
    );
    assert!(
        begun.spent() < Duration::from_secs(2) + LATE,
        "after {:?}",
        begun.spent()
    );

    assert_eq!(alice.user.say("bob", "anyone?")?.status, 412);
    let renewal = bob.renew("bob", login, 1200)?.status;
    assert!(
        matches!(renewal, 403 | 500),
        "librvp would stay deaf after {renewal}"
    );
    Ok(())
}

#[test]
fn a_lease_is_cut_to_the_ceiling() -> Result<(), Failure> {
    let server = Server::start("[presence]\nmax_lease_s = 2\n")?;
    let bob = server.user("bob")?;
    let call_back = CallBack::listen()?;
    let answer = bob.expect(200, &bob.sign_on_request(&call_back.url(), 14_400))?;
    assert_eq!(answer.header("Subscription-Lifetime"), Some("2"));
    let answer = bob
        .expect(207, &bob.set_state_request("online", 14_400, None))?
        .text();
    assert!(answer.contains("<d:timeout>2</d:timeout>"), "{answer}");
    Ok(())
}

#[test]
fn a_vanished_client_is_noticed_by_its_call_back() -> Result<(), Failure> {
    let server = Server::start("[presence]\ngrace_s = 3\n")?;
    server.add_user("alice", PASSWORD)?;
    server.add_user("bob", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD)
        .knows(&["bob"])
        .start(server.rvp())?;
    alice.signed_on(SOON)?;
    let mut bob = Account::new("bob", PASSWORD)
        .knows(&["alice"])
        .start(server.rvp())?;
    bob.signed_on(SOON)?;
    alice.sees(SOON, "bob", "online")?;

    bob.vanish()?;
    alice.send("bob", "are you there?")?;
    alice.expect_event(SOON, "the message back", |it| {
        it.get("text").contains("could not be delivered")
    })?;
    // The list says since when, and until when, before the session ends.
    let marked = eventually(SOON, "the mark on bob's session", || {
        let online = server.online()?;
        let rows = online.as_array().cloned().unwrap_or_default();
        let bob = rows.into_iter().find(|row| row["alias"] == "bob");
        Ok(bob.filter(|row| row["sessions"][0]["unreachable"].is_number()))
    })?;
    let session = &marked["sessions"][0];
    let span = session["lease_ends"].as_i64().unwrap_or_default()
        - session["unreachable"].as_i64().unwrap_or_default();
    assert_eq!(span, 3000, "the grace time: {session}");
    alice.sees(SOON, "bob", "offline").map(drop)
}
