//! 5.5 PROPPATCH: several machines of one user, a view each.

use tests::people::OnlineUser;
use tests::rvp_client::{CallBack, state_update_without_lease};
use tests::server::Server;
use tests::{Failure, eventually};

use crate::{SHORT, SOON, heard_before};

/// A second machine of a user who is signed on: its call-back and its view.
fn second_machine(of: &OnlineUser, state: &str) -> Result<(CallBack, u32), Failure> {
    let call_back = CallBack::listen()?;
    of.user.sign_on(&call_back.url(), 1200)?;
    let view = of.user.set_state(state, 1200, None)?;
    assert_ne!(view, of.view, "both machines have one view");
    Ok((call_back, view))
}

#[test]
fn s5_5_a_view_is_given_and_taken_back() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    for state in ["busy", "away", "online"] {
        let view = bob.user.set_state(state, 1200, Some(bob.view))?;
        assert_eq!(view, bob.view, "for {state}");
    }
    Ok(())
}

#[test]
fn s5_5_busy_on_one_machine_is_told_to_the_other() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut office = server.online_user("bob")?;
    let (mut home, view) = second_machine(&office, "online")?;
    office.user.watch("bob")?;
    for state in ["busy", "at-lunch"] {
        office.user.set_state(state, 1200, Some(view))?;
        office
            .call_back
            .expect_state(SOON, &office.user.url("bob"), state)?;
        home.expect_state(SOON, &office.user.url("bob"), state)?;
    }
    Ok(())
}

#[test]
fn s5_5_idle_on_one_machine_is_told_to_nobody() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let office = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let (_home, view) = second_machine(&office, "online")?;
    office.user.set_state("idle", 1200, Some(view))?;
    let heard = heard_before(&office.user, "alice", &mut alice.call_back)?;
    assert!(heard.is_empty(), "{heard:?}");
    assert_eq!(alice.user.state_of("bob")?, "online");

    // Nobody is at the other machine either.
    office.set_state("idle")?;
    alice
        .call_back
        .expect_state(SOON, &office.url(), "idle")
        .map(drop)
}

#[test]
fn s5_5_offline_on_one_machine_leaves_the_user_online() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let office = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let (_home, view) = second_machine(&office, "online")?;
    let log_off = office
        .user
        .request("PROPPATCH", "bob")
        .header("Content-Type", "text/xml")
        .body(state_update_without_lease("offline", view));
    office.user.expect(207, &log_off)?;
    let heard = heard_before(&office.user, "alice", &mut alice.call_back)?;
    assert!(heard.is_empty(), "{heard:?}");
    assert_eq!(alice.user.state_of("bob")?, "online");
    Ok(())
}

#[test]
fn s5_5_a_view_ends_with_its_lease() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    assert_eq!(bob.user.set_state("busy", 1, Some(bob.view))?, bob.view);
    eventually(SOON, "the end of the view", || {
        Ok((alice.user.state_of("bob")? == "offline").then_some(()))
    })?;
    let fresh = bob.user.set_state("busy", 1200, Some(bob.view))?;
    assert_ne!(fresh, bob.view, "a view that has ended was used again");
    Ok(())
}
