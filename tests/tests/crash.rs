//! The power goes while clients are busy: what was acknowledged is there after
//! the next start, what was not may be there or not.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tests::people::OnlineUser;
use tests::rvp_client::User;
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
