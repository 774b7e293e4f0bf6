//! A list changed by an administrator: clients feel it at once, and it says why.

use tests::Failure;
use tests::server::Server;

use crate::SOON;

/// Whether the first may do something with the second, and why, as the command line says it.
fn access(server: &Server, from: &str, to: &str, right: &str) -> Result<(bool, String), Failure> {
    let json = server.run(&["user", "access", from, to, "--json"], "")?;
    let access: serde_json::Value = serde_json::from_str(&json).expect("the answer is JSON");
    let rows = access["rights"].as_array().expect("rights");
    let mut rows = rows.iter().filter(|row| row["right"] == right);
    let row = rows.next().expect("a row for the right");
    assert_eq!(rows.next().map(|it| &it["allowed"]), Some(&row["allowed"]));
    let why = row["why"].as_str().unwrap_or_default().to_owned();
    Ok((row["allowed"] == true, why))
}

fn change(server: &Server, alias: &str, words: &[&str]) -> Result<(), Failure> {
    let order = [&["user", "privacy", alias], words].concat();
    server.run(&order, "").map(drop)
}

#[test]
fn a_block_by_the_administrator_holds_at_once_and_after_a_crash() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    bob.user.watch("alice")?;
    alice.set_state("busy")?;
    bob.call_back.expect_state(SOON, &alice.url(), "busy")?;
    let (allowed, why) = access(&server, "bob", "alice", "presence")?;
    assert!(allowed && why.contains("the default"), "{why}");

    change(&server, "alice", &["block", "bob"])?;
    bob.call_back.expect_state(SOON, &alice.url(), "offline")?;
    let refused = bob.user.say("alice", "let me in")?.status;
    assert!(matches!(refused, 403 | 412), "{refused}");
    let (allowed, why) = access(&server, "bob", "alice", "send-to")?;
    assert_eq!(
        (allowed, &*why),
        (false, "alice's list: bob is denied send-to")
    );
    server.kill9()?;
    server.restart()?;
    assert!(!access(&server, "bob", "alice", "send-to")?.0);

    change(&server, "alice", &["forget", "bob"])?;
    bob.call_back.expect_state(SOON, &alice.url(), "busy")?;
    let (allowed, why) = access(&server, "bob", "alice", "presence")?;
    assert_eq!(
        (allowed, &*why),
        (true, "alice's list: everybody is granted presence")
    );
    Ok(())
}

#[test]
fn deny_all_spares_those_allowed_and_the_owner() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    let mut carol = server.online_user("carol")?;
    for watcher in [&bob, &carol] {
        watcher.user.watch("alice")?;
    }
    alice.set_state("busy")?;
    for watcher in [&mut bob, &mut carol] {
        watcher.call_back.expect_state(SOON, &alice.url(), "busy")?;
    }
    change(&server, "alice", &["deny-all", "--except", "carol"])?;
    bob.call_back.expect_state(SOON, &alice.url(), "offline")?;
    assert_eq!(carol.user.say("alice", "still here")?.status, 200);
    alice.set_state("away")?;
    carol.call_back.expect_state(SOON, &alice.url(), "away")?;
    assert!(access(&server, "alice", "alice", "writeacl")?.0);

    change(&server, "alice", &["allow-all", "--except", "carol,dave"])
        .expect_err("there is no dave");
    change(&server, "alice", &["allow-all", "--except", "carol"])?;
    bob.call_back.expect_state(SOON, &alice.url(), "away")?;
    carol
        .call_back
        .expect_state(SOON, &alice.url(), "offline")?;

    change(&server, "alice", &["default"])?;
    carol.call_back.expect_state(SOON, &alice.url(), "away")?;
    let list = server.run(&["user", "privacy", "alice", "--json"], "")?;
    assert!(list.contains("\"standard\": true"), "{list}");
    Ok(())
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() -> Result<(), Failure> {
    let server = Server::start("")?;
    let _alice = server.online_user("alice")?;
    let before = server.run(&["user", "privacy", "alice", "--json"], "")?;
    for (words, said) in [
        (["block", "alice"], "is the owner of this list"),
        (["block", "nobody"], "There is no user nobody"),
        (["forget", "bob"], "has no entry for bob"),
        (["block", "http://"], "is not the URL of a user"),
    ] {
        let order = [&["user", "privacy", "alice"], &words[..]].concat();
        let output = server.cli(&order, "")?;
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(said), "{words:?}: {error}");
    }
    let after = server.run(&["user", "privacy", "alice", "--json"], "")?;
    assert_eq!(before, after);
    Ok(())
}
