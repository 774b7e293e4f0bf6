//! Clients that go without a word, in each way a machine can be gone: the back-off, the mark, the
//! cut lease, what watchers are told, and what a client finds that comes back in time.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tests::people::OnlineUser;
use tests::rvp_client::{Answer, CallBack, User};
use tests::server::Server;
use tests::{Deadline, Failure, eventually};

use super::SOON;

/// Lets a test wait for the end of the grace time.
const QUICK: &str =
    "[presence]\ngrace_s = 3\n[delivery]\nconnect_timeout_ms = 500\nanswer_timeout_ms = 500\n";

/// An address where nobody listens.
fn nobody() -> Result<SocketAddr, Failure> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(Failure::io("finding a free port"))
}

/// Whether the only session of a user is marked as unreachable.
fn is_marked(server: &Server, alias: &str) -> Result<bool, Failure> {
    let online = server.online()?;
    let row = online
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["alias"] == alias).cloned());
    Ok(row.is_some_and(|row| !row["sessions"][0]["unreachable"].is_null()))
}

fn marked(server: &Server, alias: &str, wanted: bool) -> Result<(), Failure> {
    let what = format!("the mark of {alias} to be {wanted}");
    eventually(SOON, &what, || {
        Ok((is_marked(server, alias)? == wanted).then_some(()))
    })
}

/// Seconds that are left of the login of a user.
fn seconds_left(user: &User) -> Result<u32, Failure> {
    let listed = user.subscriptions("pragma/notify")?;
    let left = listed
        .split_once("<d:timeout>")
        .and_then(|(_, rest)| rest.split_once('<'))
        .and_then(|(seconds, _)| seconds.parse().ok());
    left.ok_or_else(|| Failure::Unexpected(format!("no login in {listed}")))
}

/// Bob is signed on at an address and watches Alice, who watches him.
fn signed_on(server: &Server, call_back: &str) -> Result<(OnlineUser, User), Failure> {
    let mut alice = server.online_user("alice")?;
    let bob = server.user("bob")?;
    bob.sign_on(call_back, 1200)?;
    bob.set_state("online", 1200, None)?;
    alice.user.watch("bob")?;
    bob.watch("alice")?;
    alice.call_back.drain();
    Ok((alice, bob))
}

#[test]
fn every_way_to_be_gone_is_noticed_and_told() -> Result<(), Failure> {
    let hanging = CallBack::listen()?;
    hanging.answer(Answer::Hang);
    let hanging_up = CallBack::listen()?;
    hanging_up.answer(Answer::HangUp);
    let nonsense = CallBack::listen()?;
    nonsense.answer(Answer::Close(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
    for (what, call_back) in [
        ("refuses", format!("http://{}", nobody()?)),
        ("hangs", hanging.url()),
        ("hangs up", hanging_up.url()),
        ("is another program by now", nonsense.url()),
    ] {
        let server = Server::start(QUICK)?;
        let (mut alice, bob) = signed_on(&server, &call_back)?;
        alice.set_state("busy")?;
        marked(&server, "bob", true)?;
        let since = Deadline::within(SOON);
        let left = seconds_left(&bob)?;
        assert!(left <= 3, "{what}: {left} s are left of the lease");
        let gone = alice
            .call_back
            .expect_state(SOON, &bob.url("bob"), "offline");
        gone.map_err(|failure| Failure::Unexpected(format!("{what}: {failure}")))?;
        println!(
            "a call-back that {what}: watchers were told {:?} after the mark",
            since.spent()
        );
        assert!(
            since.spent() < Duration::from_millis(4500),
            "{what}: {:?}",
            since.spent()
        );
        // It is over, and it is told apart from what never was.
        assert_eq!(alice.user.say("bob", "are you there?")?.status, 412);
        let renewal = bob.set_state_request("online", 1200, None);
        assert_eq!(bob.send(&renewal)?.status, 500, "librvp signs off on this");
    }
    Ok(())
}

#[test]
fn who_comes_back_in_time_has_its_lease_and_what_it_missed() -> Result<(), Failure> {
    let server = Server::start("[presence]\ngrace_s = 60\n")?;
    let address = nobody()?;
    let (mut alice, bob) = signed_on(&server, &format!("http://{address}"))?;
    alice.set_state("busy")?;
    alice.set_state("away")?;
    marked(&server, "bob", true)?;
    assert!(seconds_left(&bob)? <= 60);
    alice.set_state("at-lunch")?;

    let mut back = CallBack::listen_at(address)?;
    let heard = back.expect(Duration::from_secs(30), "what was missed", |_| true)?;
    assert!(
        heard.tells_state(&alice.url(), "at-lunch"),
        "only the newest value is worth telling: {}",
        heard.text()
    );
    marked(&server, "bob", false)?;
    let left = seconds_left(&bob)?;
    assert!(left > 1000, "{left} s are left of 1200");
    assert_eq!(alice.user.say("bob", "welcome back")?.status, 200);
    let told = alice.call_back.drain();
    let offline = |it: &tests::rvp_client::Received| it.tells_state(&bob.url("bob"), "offline");
    assert!(
        !told.iter().any(offline),
        "nobody was told that bob had gone"
    );
    Ok(())
}

#[test]
fn who_only_hung_for_a_while_is_found_again_though_nobody_has_anything_to_say()
-> Result<(), Failure> {
    let server = Server::start("[presence]\ngrace_s = 60\n[delivery]\nanswer_timeout_ms = 500\n")?;
    let mut listener = CallBack::listen()?;
    let (alice, bob) = signed_on(&server, &listener.url())?;
    listener.answer(Answer::Hang);
    for _ in 0..2 {
        assert_eq!(alice.user.say("bob", "are you there?")?.status, 412);
    }
    marked(&server, "bob", true)?;
    assert!(seconds_left(&bob)? <= 60);
    listener.answer(Answer::successful());
    marked(&server, "bob", false)?;
    assert!(seconds_left(&bob)? > 1000, "it has its lease again");
    listener.expect(SOON, "what it is asked with", |it| {
        it.tells_state(&bob.url("bob"), "online")
    })?;
    Ok(())
}

#[test]
fn a_client_that_is_back_is_found_while_others_keep_changing() -> Result<(), Failure> {
    let server = Server::start("[presence]\ngrace_s = 60\n[delivery]\nanswer_timeout_ms = 500\n")?;
    let listener = CallBack::listen()?;
    let (alice, bob) = signed_on(&server, &listener.url())?;
    let mut states = ["busy", "away"].into_iter().cycle();
    let mut changing_until_mark_is = |wanted: bool| {
        eventually(SOON, &format!("the mark of bob to be {wanted}"), || {
            alice.set_state(states.next().unwrap_or_default())?;
            Ok((is_marked(&server, "bob")? == wanted).then_some(()))
        })
    };
    listener.answer(Answer::Hang);
    changing_until_mark_is(true)?;
    listener.answer(Answer::successful());
    changing_until_mark_is(false)?;
    assert!(seconds_left(&bob)? > 1000, "it has its lease again");
    Ok(())
}

#[test]
fn a_message_reaches_who_has_come_back_before_the_pause_is_over() -> Result<(), Failure> {
    let server = Server::start("")?;
    let address = nobody()?;
    let (alice, _bob) = signed_on(&server, &format!("http://{address}"))?;
    for _ in 0..4 {
        assert_eq!(alice.user.say("bob", "are you there?")?.status, 412);
    }
    marked(&server, "bob", true)?;
    let mut back = CallBack::listen_at(address)?;
    assert_eq!(alice.user.say("bob", "and now?")?.status, 200);
    back.expect(SOON, "the message", |it| it.text().contains("and now?"))?;
    marked(&server, "bob", false)
}

#[test]
fn the_server_leaves_a_silent_client_alone_for_longer_and_longer() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut silent = CallBack::listen()?;
    silent.answer(Answer::HangUp);
    let (alice, _bob) = signed_on(&server, &silent.url())?;
    silent.drain();
    alice.set_state("busy")?;
    let mut gaps = Vec::new();
    silent.expect(SOON, "the first try", |_| true)?;
    for _ in 0..3 {
        let begun = Deadline::within(SOON);
        silent.expect(SOON, "another try", |_| true)?;
        gaps.push(begun.spent());
    }
    println!("the pauses between the tries: {gaps:?}");
    assert!(gaps[0] >= Duration::from_millis(900), "{gaps:?}");
    assert!(
        gaps.windows(2).all(|pair| pair[1] > pair[0].mul_f32(1.5)),
        "{gaps:?}"
    );
    Ok(())
}

#[test]
fn a_client_that_answers_is_there_whatever_it_answers() -> Result<(), Failure> {
    let server = Server::start(QUICK)?;
    let mut grumpy = CallBack::listen()?;
    grumpy.answer(Answer::status(500));
    let (alice, bob) = signed_on(&server, &grumpy.url())?;
    for state in ["busy", "away", "online", "on-phone"] {
        alice.set_state(state)?;
        grumpy.expect_state(SOON, &alice.url(), state)?;
    }
    assert!(!is_marked(&server, "bob")?);
    assert!(seconds_left(&bob)? > 1000);
    Ok(())
}
