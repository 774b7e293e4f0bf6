//! The power goes while clients are busy: what was acknowledged is there after
//! the next start, what was not may be there or not.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tests::people::OnlineUser;
use tests::rvp_client::{Answer, CallBack, NAMESPACES, User};
use tests::server::Server;
use tests::{Failure, eventually};

/// Users who change their state and watch others at the same time.
const USERS: usize = 12;
/// Changes that are acknowledged before the power goes.
const ENOUGH: usize = 200;
/// How often the power goes.
const ROUNDS: usize = 2;
const LONG: u32 = 1200;
const STATES: [&str; 4] = ["busy", "away", "online", "on-phone"];

/// What one user knows the server has promised.
#[derive(Debug)]
struct Promises {
    user: OnlineUser,
    state: &'static str,
    /// Sent, and no answer yet: the server may have done it.
    sent: Option<&'static str>,
    /// Subscriptions on others' nodes: node, id.
    watches: Vec<(String, u32)>,
}

impl Promises {
    /// Changes things until the server is gone.
    fn keep_busy(&mut self, number: usize, acknowledged: &AtomicUsize) {
        for turn in number.. {
            let state = STATES[turn % STATES.len()];
            self.sent = Some(state);
            if self.user.set_state(state).is_err() {
                return;
            }
            self.sent = None;
            self.state = state;
            acknowledged.fetch_add(1, Ordering::Relaxed);

            let node = alias((number + turn) % USERS);
            let Ok((id, _)) = self.user.user.watch(&node) else {
                return;
            };
            self.watches.push((node, id));
            acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn alias(number: usize) -> String {
    format!("user{number}")
}

fn check(everyone: &[Promises], witness: &User) -> Result<(), Failure> {
    for owner in everyone {
        let user = &owner.user.user;
        let state = witness.state_of(user.alias())?;
        assert!(
            state == owner.state || Some(state.as_str()) == owner.sent,
            "{} is {state}: {} was acknowledged, {:?} was under way",
            user.alias(),
            owner.state,
            owner.sent
        );

        let listed = user.subscriptions("update/propchange")?;
        for watcher in everyone {
            for (_, id) in watcher
                .watches
                .iter()
                .filter(|(node, _)| node == user.alias())
            {
                assert!(
                    listed.contains(&format!("<r:subscription-id>{id}</r:subscription-id>")),
                    "{} lost the subscription {id} of {}",
                    user.alias(),
                    watcher.user.user.alias()
                );
            }
        }
        let renewal = user.renew(user.alias(), owner.user.login, LONG)?;
        assert_eq!(
            renewal.status,
            200,
            "the login of {}: {}",
            user.alias(),
            renewal.text()
        );
        let view = user.set_state(owner.state, LONG, Some(owner.user.view))?;
        assert_eq!(view, owner.user.view, "the view of {}", user.alias());
    }
    Ok(())
}

#[test]
fn what_was_acknowledged_survives_kill_9() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let witness = server.online_user("witness")?;
    let mut everyone = Vec::new();
    for number in 0..USERS {
        everyone.push(Promises {
            user: server.online_user(&alias(number))?,
            state: "online",
            sent: None,
            watches: Vec::new(),
        });
    }

    for round in 0..ROUNDS {
        let acknowledged = AtomicUsize::new(0);
        thread::scope(|scope| {
            for (number, promises) in everyone.iter_mut().enumerate() {
                let acknowledged = &acknowledged;
                scope.spawn(move || promises.keep_busy(number + round, acknowledged));
            }
            let enough = eventually(Duration::from_secs(60), "enough changes", || {
                Ok((acknowledged.load(Ordering::Relaxed) >= ENOUGH).then_some(()))
            });
            // In any case: only this ends the threads.
            server.kill9()?;
            enough
        })?;
        server.restart()?;
        check(&everyone, &witness.user)?;
    }

    let known: BTreeSet<_> = everyone
        .iter()
        .flat_map(|it| &it.watches)
        .map(|(_, id)| *id)
        .collect();
    let (fresh, _) = witness.user.watch(&alias(0))?;
    assert!(!known.contains(&fresh), "the id {fresh} was given twice");
    Ok(())
}

#[test]
fn watchers_are_told_across_a_crash() -> Result<(), Failure> {
    let mut server = Server::start("[presence]\nmin_lease_s = 1\n")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let soon = Duration::from_secs(15);
    let short = bob.user.set_state("busy", 3, Some(bob.view))?;
    alice.call_back.expect_state(soon, &bob.url(), "busy")?;
    assert_eq!(short, bob.view);

    server.kill9()?;
    server.restart()?;
    // Its lease ran on, or out, while nobody was there.
    alice.call_back.expect_state(soon, &bob.url(), "offline")?;
    assert_eq!(bob.user.say("alice", "I am back")?.status, 200);
    alice
        .call_back
        .expect(soon, "the message", |it| it.text().contains("I am back"))
        .map(drop)
}

#[test]
fn what_was_visible_is_visible_after_a_crash() -> Result<(), Failure> {
    let soon = Duration::from_secs(20);
    let mut server = Server::start("[presence]\nmin_lease_s = 1\ngrace_s = 5\n")?;
    let mut watcher = server.online_user("watcher")?;
    let bob = server.user("bob")?;
    watcher.user.watch("bob")?;

    // Two machines, and views whose numbers are in another order than what they were set in.
    let (desk, home) = (CallBack::listen()?, CallBack::listen()?);
    bob.sign_on(&desk.url(), LONG)?;
    let first = bob.set_state("busy", LONG, None)?;
    bob.sign_on(&home.url(), LONG)?;
    let second = bob.set_state("away", LONG, None)?;
    assert!(first < second);
    for state in ["on-phone", "at-lunch"] {
        bob.set_state(state, LONG, Some(first))?;
    }
    watcher
        .call_back
        .expect_state(soon, &bob.url("bob"), "at-lunch")?;

    // Another's client is gone for a while: its lease is cut, and it has all of it again later.
    let silent = server.online_user("silent")?;
    silent.call_back.answer(Answer::HangUp);
    watcher.user.say("silent", "are you there?")?;
    eventually(soon, "the mark", || {
        let online = server.online()?;
        let rows = online.as_array().cloned().unwrap_or_default();
        let row = rows.into_iter().find(|row| row["alias"] == "silent");
        Ok(row.filter(|row| row["sessions"][0]["unreachable"].is_number()))
    })?;

    server.kill9()?;
    silent.call_back.answer(Answer::successful());
    server.restart()?;
    assert_eq!(watcher.user.state_of("bob")?, "at-lunch", "the newest wins");
    // Nothing has changed since, and all are told all the same: they may not have been.
    watcher
        .call_back
        .expect_state(soon, &bob.url("bob"), "at-lunch")?;
    let online = server.online()?;
    let rows = online.as_array().cloned().unwrap_or_default();
    let row = rows.iter().find(|row| row["alias"] == "silent");
    let session = row
        .map(|row| row["sessions"][0].clone())
        .unwrap_or_default();
    let whole = session["lease_ends"].as_i64().unwrap_or_default()
        - session["since"].as_i64().unwrap_or_default();
    assert!(whole > 1_100_000, "its lease is whole again: {session}");
    thread::sleep(Duration::from_secs(6));
    assert_eq!(watcher.user.state_of("silent")?, "online");
    Ok(())
}

#[test]
fn who_was_not_told_before_a_crash_is_told_after_it() -> Result<(), Failure> {
    let soon = Duration::from_secs(20);
    let mut server = Server::start("")?;
    let mut watchers = Vec::new();
    for number in 0..8 {
        watchers.push(server.online_user(&format!("watcher{number}"))?);
    }
    let bob = server.online_user("bob")?;
    for watcher in &watchers {
        watcher.user.watch("bob")?;
        // Takes what it gets, and is not heard of.
        watcher.call_back.answer(Answer::HangUp);
    }
    // Acknowledged; and whoever was blocked, or may not see more, is not told either.
    bob.set_state("busy")?;
    let body = format!(
        "<?xml version=\"1.0\"?>\n<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance><a:ace>\
         <a:principal><a:rvp-principal>{}</a:rvp-principal><a:credentials><a:digest/><a:ntlm/></a:credentials>\
         </a:principal><a:grant></a:grant><a:deny><a:presence/></a:deny></a:ace></a:acl></a:rvpacl>\n",
        bob.user.url("watcher0")
    );
    bob.user
        .expect(200, &bob.user.request("ACL", "bob").body(body))?;
    server.kill9()?;
    for watcher in &mut watchers {
        watcher.call_back.answer(Answer::successful());
        watcher.call_back.drain();
    }
    server.restart()?;
    for (number, watcher) in watchers.iter_mut().enumerate() {
        let state = if number == 0 { "offline" } else { "busy" };
        watcher.call_back.expect_state(soon, &bob.url(), state)?;
    }
    Ok(())
}
