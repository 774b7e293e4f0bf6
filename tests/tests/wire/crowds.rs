//! One against all: call-backs by the thousand that never answer, and watchers that leave no room
//! for others. Those who only want to talk do not notice.

use std::time::Duration;

use tests::dns::NameServer;
use tests::people::{OnlineUser, PASSWORD, user_at};
use tests::rvp_client::{Connection, NAMESPACES, Request, User};
use tests::server::Server;
use tests::silent::Silent;
use tests::{Deadline, Failure, eventually};

use super::SOON;

/// What others may be delayed by. It is far below a second; a loaded machine adds to it.
const AT_ONCE: Duration = Duration::from_secs(3);

/// The load is one address with many users: nobody is to slow it down.
const FREE: &str = "[limits]\nrequests_per_address = 0\nrequests_per_user = 0\n";

/// Accounts `prefix0`, `prefix1`… that exist and are not signed on.
fn crowd(server: &Server, prefix: &str, count: usize) -> Result<Vec<User>, Failure> {
    let names: Vec<_> = (0..count).map(|it| format!("{prefix}{it}")).collect();
    let file = server.scratch().join(format!("{prefix}.tsv"));
    let lines: String = names
        .iter()
        .map(|it| format!("{it}\t{PASSWORD}\n"))
        .collect();
    std::fs::write(&file, lines).map_err(Failure::io("writing the accounts"))?;
    server.run(&["user", "import", &file.to_string_lossy()], "")?;
    Ok(names.iter().map(|it| user_at(server.rvp(), it)).collect())
}

/// Does the same for each of many users, a few at a time.
fn for_each(
    users: &[User],
    act: impl Fn(usize, &User) -> Result<(), Failure> + Sync,
) -> Result<(), Failure> {
    let share = users.len().div_ceil(8);
    std::thread::scope(|scope| {
        let parts: Vec<_> = users
            .chunks(share)
            .enumerate()
            .map(|(part, users)| {
                let act = &act;
                scope.spawn(move || {
                    let mut places = users.iter().enumerate();
                    places.try_for_each(|(place, user)| act(part * share + place, user))
                })
            })
            .collect();
        parts
            .into_iter()
            .try_for_each(|part| part.join().expect("a thread of the crowd"))
    })
}

/// Watches with an address as the call-back.
fn watch_at(user: &User, whom: &str, call_back: &str) -> Request {
    user.request("SUBSCRIBE", whom)
        .header("Notification-Type", "update/propchange")
        .header("Subscription-Lifetime", "14400")
        .header("Call-Back", call_back)
}

/// Alice and Bob talk, Bob watches Alice change: how long the slowest message and the slowest
/// change took.
fn talk(
    alice: &mut OnlineUser,
    bob: &mut OnlineUser,
    times: usize,
    meanwhile: impl Fn(usize) -> Result<(), Failure>,
) -> Result<(Duration, Duration), Failure> {
    let (mut slowest, mut slowest_change) = (Duration::ZERO, Duration::ZERO);
    for number in 0..times {
        meanwhile(number)?;
        let text = format!("number {number}");
        let (from, to) = if number % 2 == 0 {
            (&*alice, &mut *bob)
        } else {
            (&*bob, &mut *alice)
        };
        let begun = Deadline::within(SOON);
        let said = from.user.say(to.user.alias(), &text)?;
        slowest = slowest.max(begun.spent());
        assert_eq!(said.status, 200, "{text}: {}", said.text());
        to.call_back
            .expect(SOON, &text, |it| it.text().contains(&format!("{text}]]")))?;

        let state = ["busy", "away"][number % 2];
        let begun = Deadline::within(SOON);
        alice.set_state(state)?;
        bob.call_back.expect_state(SOON, &alice.url(), state)?;
        slowest_change = slowest_change.max(begun.spent());
    }
    Ok((slowest, slowest_change))
}

#[test]
fn thousands_of_silent_call_backs_keep_nobody_waiting() -> Result<(), Failure> {
    let server = Server::start(FREE)?;
    let silent = Silent::listen(400)?;
    let mut alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    bob.user.watch("alice")?;
    let stars = [server.online_user("star")?, server.online_user("comet")?];
    let mallories = crowd(&server, "mallory", 40)?;
    for_each(&mallories, |place, mallory| {
        for sign_on in 0..16 {
            mallory.sign_on(&silent.url(place * 16 + sign_on), 14_400)?;
        }
        for star in ["star", "comet"] {
            mallory.watch(star)?;
            for address in 0..8 {
                let call_back = silent.url(place * 8 + address + 7);
                mallory.expect(207, &watch_at(mallory, star, &call_back))?;
            }
        }
        // Whoever writes to them holds a connection to each of their sign-ons.
        let victim = mallory.alias().to_owned();
        let writer = mallories[(place + 1) % mallories.len()].clone();
        std::thread::spawn(move || {
            for _ in 0..4 {
                drop(writer.say(&victim, "are you there?"));
            }
        });
        Ok(())
    })?;
    println!("{} sockets are silent", silent.count());
    for star in &stars {
        star.set_state("busy")?;
    }
    let states = ["away", "busy"];
    let (message, change) = talk(&mut alice, &mut bob, 50, |number| {
        // They are tried again and again.
        stars[number % 2].set_state(states[number / 2 % 2])
    })?;
    println!("the slowest message took {message:?}, the slowest change {change:?}");
    assert!(message < AT_ONCE, "{message:?}");
    assert!(change < AT_ONCE, "{change:?}");
    // And one who signs on only now is told at once, too.
    let mut carol = server.online_user("carol")?;
    let begun = Deadline::within(SOON);
    assert_eq!(alice.user.say("carol", "welcome")?.status, 200);
    carol
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("welcome"))?;
    assert!(begun.spent() < AT_ONCE, "{:?}", begun.spent());
    Ok(())
}

/// The other domain is `b.test`; its server takes connections and does not answer.
fn server_with_a_peer_that_hangs() -> Result<(Server, (Silent, NameServer)), Failure> {
    let silent = Silent::listen(2)?;
    let names = NameServer::start()?;
    names.add_service("b.test", "im.b.test", silent.port(1))?;
    names.add_address("im.b.test", "127.0.0.1")?;
    let config = format!(
        "{FREE}[federation]\ndns = [\"{}\"]\n[[federation.peers]]\ndomain = \"b.test\"\nnetworks = [\"127.0.0.0/8\"]\n",
        names.address()
    );
    let server = Server::start(&config)?;
    Ok((server, (silent, names)))
}

#[test]
fn a_peer_that_hangs_keeps_nobody_waiting() -> Result<(), Failure> {
    let (server, _peer) = server_with_a_peer_that_hangs()?;
    let mut alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    bob.user.watch("alice")?;
    let mut connection = Connection::open(server.rvp())?;
    for number in 0..700 {
        let own = format!("http://im.b.test/instmsg/aliases/far{number}");
        let request = Request::new("SUBSCRIBE", "/instmsg/aliases/alice")
            .header("Host", server.rvp().to_string())
            .header("Notification-Type", "update/propchange")
            .header("Subscription-Lifetime", "14400")
            .header("RVP-From-Principal", &own)
            .header("Call-Back", &own);
        let answer = connection.send(&request)?;
        assert_eq!(answer.status, 207, "{}", answer.text());
    }
    let (message, change) = talk(&mut alice, &mut bob, 20, |_| Ok(()))?;
    println!("the slowest message took {message:?}, the slowest change {change:?}");
    assert!(message < AT_ONCE, "{message:?}");
    assert!(change < AT_ONCE, "{change:?}");
    Ok(())
}

#[test]
fn so_many_wait_for_a_peer_that_hangs_and_no_more() -> Result<(), Failure> {
    let (server, _peer) = server_with_a_peer_that_hangs()?;
    let mut alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    bob.user.watch("alice")?;
    let senders = crowd(&server, "sender", 100)?;
    let threads: Vec<_> = senders
        .iter()
        .cloned()
        .map(|sender| {
            std::thread::spawn(move || {
                let request = sender
                    .request_to("SUBSCRIBE", "http://im.b.test/instmsg/aliases/far")
                    .header("Notification-Type", "update/propchange")
                    .header("Subscription-Lifetime", "1200")
                    .header("Call-Back", sender.url(sender.alias()));
                sender.send(&request)
            })
        })
        .collect();
    let (message, change) = talk(&mut alice, &mut bob, 10, |_| Ok(()))?;
    println!("the slowest message took {message:?}, the slowest change {change:?}");
    assert!(message < AT_ONCE, "{message:?}");
    assert!(change < AT_ONCE, "{change:?}");
    let mut turned_away = 0;
    for thread in threads {
        let answer = thread.join().expect("a thread that watches")?;
        assert_eq!(answer.status, 412, "{}", answer.text());
        turned_away += usize::from(answer.text().contains("many wait for it already"));
    }
    println!("{turned_away} of 100 were turned away");
    assert!(turned_away >= 30, "{turned_away}");
    Ok(())
}

#[test]
fn a_watcher_is_told_at_a_handful_of_addresses() -> Result<(), Failure> {
    let server = Server::start(FREE)?;
    let silent = Silent::listen(100)?;
    let mallory = server.user("mallory")?;
    let star = server.user("star")?;
    for place in 0..100 {
        mallory.expect(207, &watch_at(&mallory, "star", &silent.url(place)))?;
    }
    let watchers = star.subscriptions("update/propchange")?;
    let addresses = |text: &str| text.matches("<d:href>http://127.0.0.1:").count();
    let own = watchers.matches("/instmsg/aliases/").count();
    println!("{watchers}");
    assert_eq!(watchers.matches("<r:subscription>").count(), 8);
    assert!(addresses(&watchers) >= 8, "{own}");
    assert!(watchers.contains(&silent.url(99)), "the newest stays");
    assert!(
        !watchers.contains(&format!("{}<", silent.url(0))),
        "the oldest has gone"
    );

    // On all nodes together it is a bounded number, and then it is said what to do.
    let nodes = crowd(&server, "node", 10)?;
    let mut refused = None;
    for (number, node) in nodes.iter().enumerate() {
        for place in 0..8 {
            let request = watch_at(&mallory, node.alias(), &silent.url(number * 8 + place));
            let answer = mallory.send(&request)?;
            if answer.status != 207 {
                refused = Some((number, answer));
                break;
            }
        }
    }
    let (number, answer) = refused.expect("a refusal at some point");
    assert_eq!((number, answer.status), (9, 403), "{}", answer.text());
    assert!(
        answer.text().contains("name your own URL"),
        "{}",
        answer.text()
    );
    // Who names a URL, as all clients do, is not concerned.
    mallory.watch("node9").map(drop)
}

#[test]
fn a_few_accounts_do_not_fill_up_a_users_watchers() -> Result<(), Failure> {
    let server = Server::start(&format!("{FREE}watchers_per_user = 100\n"))?;
    let alice = server.user("alice")?;
    let (bob, carol, dave) = (
        server.user("bob")?,
        server.user("carol")?,
        server.user("dave")?,
    );
    let mallories = crowd(&server, "mallory", 6)?;
    for_each(&mallories, |_, mallory| {
        for _ in 0..40 {
            drop(mallory.send(&mallory.watch_request("alice"))?);
        }
        Ok(())
    })?;
    let count = |user: &User| -> Result<usize, Failure> {
        let listed = user.subscriptions("update/propchange")?;
        Ok(listed.matches("<r:subscription>").count())
    };
    assert!(count(&alice)? <= 96, "six accounts with sixteen each");
    // Whom she knows is not kept out by those whom she does not.
    let refused = dave.send(&dave.watch_request("alice"))?;
    assert_eq!(refused.status, 403, "{}", refused.text());
    alice.watch("alice")?;
    alice.watch("bob")?;
    bob.watch("alice")?;
    let granted = format!(
        "<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance><a:ace><a:principal>\
         <a:rvp-principal>{}</a:rvp-principal><a:credentials><a:digest/><a:ntlm/></a:credentials>\
         </a:principal><a:grant><a:send-to/><a:presence/></a:grant><a:deny/></a:ace></a:acl></a:rvpacl>",
        alice.url("carol")
    );
    let before = carol.send(&carol.watch_request("alice"))?;
    assert_eq!(before.status, 403, "{}", before.text());
    alice.expect(200, &alice.request("ACL", "alice").body(granted))?;
    carol.watch("alice")?;
    // Their own oldest still makes room for those who have one.
    let mallory = &mallories[0];
    let before = count(&alice)?;
    mallory.watch("alice")?;
    assert_eq!(count(&alice)?, before);
    Ok(())
}

#[test]
fn what_a_call_back_cannot_take_comes_back_at_once() -> Result<(), Failure> {
    let server = Server::start(&format!("[delivery]\nanswer_timeout_ms = 3000\n{FREE}"))?;
    let silent = Silent::listen(2)?;
    let bob = server.user("bob")?;
    bob.sign_on(&silent.url(1), 1200)?;
    let senders = crowd(&server, "sender", 100)?;
    let text = "x".repeat(100 << 10);
    let threads: Vec<_> = senders
        .iter()
        .map(|sender| {
            let (sender, text) = (sender.clone(), text.clone());
            std::thread::spawn(move || {
                let begun = Deadline::within(SOON);
                let answer = sender.say("bob", &text);
                (answer.map(|it| it.status), begun.spent())
            })
        })
        .collect();
    let mut early = 0;
    for thread in threads {
        let (status, spent) = thread.join().expect("a thread that sends");
        assert_eq!(status?, 412);
        early += usize::from(spent < Duration::from_millis(2500));
    }
    println!("{early} of 100 came back at once");
    assert!(early >= 80, "a megabyte waits, and no more: {early}");
    // The server goes on.
    let alice = server.online_user("alice")?;
    eventually(SOON, "a message to somebody else", || {
        Ok((senders[0].say("alice", "hello")?.status == 200).then_some(()))
    })?;
    drop(alice);
    Ok(())
}
