//! A disk that refuses: what was acknowledged is there, what was not is refused and nowhere, clients
//! stay, and the server goes on by itself when the disk does.

use std::process::Command;
use std::time::Duration;

use tests::faults::Disk;
use tests::librvp::Account;
use tests::people::{OnlineUser, PASSWORD, user_at};
use tests::rvp_client::{CallBack, Connection, NAMESPACES, Request};
use tests::server::Server;
use tests::{Failure, eventually};

const SOON: Duration = Duration::from_secs(15);
/// Tries to save something end and begin again within 2 s.
const RECOVERY: Duration = Duration::from_secs(30);
const SHORT: &str = "[presence]\nmin_lease_s = 1\n";
const STATES: [&str; 4] = ["busy", "away", "online", "on-phone"];

/// A fault that begins and ends.
trait Fault {
    fn begin(&self, server: &Server) -> Result<(), Failure>;
    fn end(&self, server: &Server) -> Result<(), Failure>;
}

impl Fault for Disk {
    fn begin(&self, server: &Server) -> Result<(), Failure> {
        server.faults()?.disk(*self)
    }

    fn end(&self, server: &Server) -> Result<(), Failure> {
        server.faults()?.disk(Self::Sound)
    }
}

struct NoRoom;

impl Fault for NoRoom {
    fn begin(&self, server: &Server) -> Result<(), Failure> {
        server.small_disk()?.fill()
    }

    fn end(&self, server: &Server) -> Result<(), Failure> {
        server.small_disk()?.make_room()
    }
}

fn block(of: &OnlineUser, whom: &str) -> Request {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance><a:ace>\
         <a:principal><a:rvp-principal>{}</a:rvp-principal><a:credentials><a:digest/><a:ntlm/></a:credentials>\
         </a:principal><a:grant></a:grant><a:deny><a:send-to/><a:presence/></a:deny></a:ace></a:acl></a:rvpacl>\n",
        of.user.url(whom)
    );
    of.user.request("ACL", of.user.alias()).body(body)
}

fn list(of: &OnlineUser) -> Result<String, Failure> {
    let read = of.user.request("ACL", of.user.alias());
    Ok(of.user.expect(200, &read)?.text())
}

/// Changes states until one is refused; gives the last that was acknowledged, after `so_far`.
fn change_until_refused(bob: &OnlineUser, so_far: &'static str) -> Result<&'static str, Failure> {
    let mut acknowledged = so_far;
    for turn in 0..20_000 {
        let state = STATES[turn % STATES.len()];
        let request = bob.user.set_state_request(state, 1200, Some(bob.view));
        match bob.user.send(&request)?.status {
            207 => acknowledged = state,
            500 | 503 => return Ok(acknowledged),
            other => {
                return Err(Failure::Unexpected(format!(
                    "{state} got {other} instead of 503"
                )));
            }
        }
    }
    Err(Failure::Unexpected("nothing was ever refused".to_owned()))
}

/// What is said to who watches over the server.
fn readiness(server: &Server) -> Result<(u16, String), Failure> {
    let request = Request::new("GET", "/readyz").header("Host", "console");
    let answer = Connection::open(server.console())?.send(&request)?;
    Ok((answer.status, answer.text()))
}

fn changes_are_taken_again(bob: &OnlineUser) -> Result<(), Failure> {
    eventually(RECOVERY, "changes to be taken again", || {
        let request = bob.user.set_state_request("at-lunch", 1200, Some(bob.view));
        Ok((bob.user.send(&request)?.status == 207).then_some(()))
    })
}

/// What holds whatever the fault is. `server` runs with it prepared.
fn survives(mut server: Server, fault: &impl Fault) -> Result<(), Failure> {
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let late = server.user("late")?;
    let carol = server.user("carol")?;
    let short = CallBack::listen()?;
    let (watch, _) = alice.user.watch("bob")?;
    alice.user.watch("carol")?;
    alice.user.expect(200, &block(&alice, "dave"))?;
    let before = (
        list(&alice)?,
        alice.user.subscriptions("update/propchange")?,
    );
    carol.sign_on(&short.url(), 12)?;
    carol.set_state("online", 1200, None)?;
    alice
        .call_back
        .expect_state(SOON, &carol.url("carol"), "online")?;

    fault.begin(&server)?;
    let acknowledged = change_until_refused(&bob, "online")?;
    let refused = |what: &str, status: u16, wanted: &[u16]| {
        assert!(wanted.contains(&status), "{what}: {status}, not {wanted:?}");
    };
    for round in 0..3 {
        // What is refused is not in memory either.
        assert_eq!(alice.user.state_of("bob")?, acknowledged, "round {round}");
        let listener = CallBack::listen()?;
        let sign_on = late.send(&late.sign_on_request(&listener.url(), 1200))?;
        refused("a sign-on", sign_on.status, &[500]);
        let renewal = bob.user.renew("bob", bob.login, 1200)?;
        refused("a renewal", renewal.status, &[503]);
        let renewal = alice.user.renew("bob", watch, 1200)?;
        refused("a renewed watch", renewal.status, &[503]);
        let watching = bob.user.send(&bob.user.watch_request("alice"))?;
        refused("a watch", watching.status, &[500, 503]);
        let blocking = alice.user.send(&block(&alice, "bob"))?;
        refused("a block", blocking.status, &[500, 503]);
        refused("an end", alice.user.unsubscribe("bob", watch)?, &[500, 503]);
        refused(
            "a sign-off",
            bob.user.unsubscribe("bob", bob.login)?,
            &[500, 503],
        );
        let now = (
            list(&alice)?,
            alice.user.subscriptions("update/propchange")?,
        );
        assert_eq!(now.0, before.0, "the list is as it was");
        assert_eq!(
            now.1.matches("<r:subscription>").count(),
            before.1.matches("<r:subscription>").count()
        );
        // What needs no disk goes on.
        assert_eq!(bob.user.say("alice", "still there?")?.status, 200);
        let (status, why) = readiness(&server)?;
        assert_eq!(status, 503, "{why}");
        assert!(why.starts_with("not ready: the database refuses"), "{why}");
    }
    // A lease ends in time, whatever the disk does.
    alice
        .call_back
        .expect_state(Duration::from_secs(20), &carol.url("carol"), "offline")?;
    assert!(
        server.output().contains("the database refuses changes"),
        "the log says so"
    );

    // The power goes while it refuses; the disk is well again at the next start.
    server.kill9()?;
    fault.end(&server)?;
    server.restart()?;
    assert_eq!(alice.user.state_of("bob")?, acknowledged, "after kill -9");
    assert_eq!(list(&alice)?, before.0);
    assert_eq!(alice.user.state_of("carol")?, "offline");

    // And it is well again without one.
    fault.begin(&server)?;
    let acknowledged = change_until_refused(&bob, acknowledged)?;
    fault.end(&server)?;
    assert_eq!(alice.user.state_of("bob")?, acknowledged);
    changes_are_taken_again(&bob)?;
    alice.call_back.expect_state(SOON, &bob.url(), "at-lunch")?;
    assert!(server.output().contains("takes changes again"));
    eventually(SOON, "a server that is ready", || {
        Ok((readiness(&server)?.0 == 200).then_some(()))
    })?;
    let newcomer = CallBack::listen()?;
    late.sign_on(&newcomer.url(), 1200)?;
    server.add_user("eve", "a pass phrase of hers 1")?;

    // SIGTERM while it refuses.
    fault.begin(&server)?;
    let acknowledged = change_until_refused(&bob, "at-lunch")?;
    server.stop()?;
    fault.end(&server)?;
    server.restart()?;
    assert_eq!(alice.user.state_of("bob")?, acknowledged, "after SIGTERM");
    assert!(server.run(&["user", "list"], "")?.contains("eve"));
    changes_are_taken_again(&bob)
}

#[test]
fn a_full_disk_loses_nothing_and_is_survived() -> Result<(), Failure> {
    match Server::start_on_small_disk(6 * 1024, SHORT) {
        Ok(server) => survives(server, &NoRoom),
        // Who may not mount sees at least what a full disk says.
        Err(Failure::Unexpected(why)) if why.contains("cannot be mounted") => {
            println!("{why}");
            survives(Server::start_with_faults(SHORT)?, &Disk::Full)
        }
        Err(failure) => Err(failure),
    }
}

#[test]
fn a_disk_that_says_it_is_full_is_survived() -> Result<(), Failure> {
    survives(Server::start_with_faults(SHORT)?, &Disk::Full)
}

#[test]
fn a_disk_that_fails_is_survived() -> Result<(), Failure> {
    survives(Server::start_with_faults(SHORT)?, &Disk::Broken)
}

#[test]
fn a_disk_that_becomes_read_only_is_survived() -> Result<(), Failure> {
    survives(Server::start_with_faults(SHORT)?, &Disk::ReadOnly)
}

/// The page of a table, in the file.
fn page_of(server: &Server, table: &str) -> Result<(u64, u64), Failure> {
    let ask = format!(
        "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA page_size; SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"
    );
    let output = Command::new("sqlite3")
        .arg(server.data_dir().join("rollcall.db"))
        .arg(ask)
        .output()
        .map_err(Failure::io("running sqlite3"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<u64> = text.lines().filter_map(|it| it.parse().ok()).collect();
    match numbers[..] {
        [size, page] => Ok((size, page)),
        _ => Err(Failure::Unexpected(format!("sqlite3 said {output:?}"))),
    }
}

#[test]
fn a_damaged_page_stops_only_what_is_on_it() -> Result<(), Failure> {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let server = Server::start(SHORT)?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let (size, page) = page_of(&server, "views")?;
    let mut file = std::fs::File::options()
        .write(true)
        .open(server.data_dir().join("rollcall.db"))
        .map_err(Failure::io("opening the database"))?;
    file.seek(SeekFrom::Start((page - 1) * size))
        .and_then(|_| file.write_all(&vec![0xa5; usize::try_from(size).unwrap_or(4096)]))
        .map_err(Failure::io("damaging the database"))?;
    // Another connection's change: what the writer remembers of the file is worth nothing now.
    server.run(&["group", "add", "branch", "alice"], "")?;

    for round in 0..5 {
        let busy = bob.user.set_state_request("busy", 1200, Some(bob.view));
        let status = bob.user.send(&busy)?.status;
        assert!(matches!(status, 500 | 503), "round {round}: {status}");
        assert_eq!(alice.user.state_of("bob")?, "online", "round {round}");
        // What stands elsewhere is saved as ever.
        let renewal = bob.user.renew("bob", bob.login, 1200)?;
        assert_eq!(renewal.status, 200, "{}", renewal.text());
        alice.user.watch("bob")?;
        alice
            .user
            .expect(200, &block(&alice, &format!("user{round}")))?;
        assert_eq!(bob.user.say("alice", "hello")?.status, 200);
        assert_eq!(server.online()?.as_array().map_or(0, Vec::len), 2);
    }
    alice
        .call_back
        .expect(SOON, "a message", |it| it.text().contains("hello"))?;
    assert!(server.output().contains("damaged"), "the log says so");
    let user = user_at(server.rvp(), "alice");
    assert_eq!(user.state_of("bob")?, "online");
    Ok(())
}

/// The real client looks every 30 s whether its lease is to be renewed.
#[test]
fn a_real_client_stays_signed_on_while_the_disk_is_full() -> Result<(), Failure> {
    let look = Duration::from_secs(60);
    let server = Server::start_with_faults("[presence]\nmax_lease_s = 75\n")?;
    server.add_user("alice", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD).start(server.rvp())?;
    alice.signed_on(SOON)?;
    // It goes on signing on for a while; what is refused then signs it off, visibly.
    std::thread::sleep(Duration::from_secs(3));
    Disk::Full.begin(&server)?;
    let refused = |method: &str| {
        let output = server.output();
        let mut lines = output.lines().filter(|it| it.contains("request refused"));
        lines.any(|it| it.contains(method) && it.contains("status=503"))
    };
    eventually(look, "a renewal that is refused", || {
        Ok((refused("SUBSCRIBE") && refused("PROPPATCH")).then_some(()))
    })?;
    Disk::Full.end(&server)?;
    // Longer than its lease: it was renewed after all, and the client never left.
    std::thread::sleep(Duration::from_secs(50));
    assert_eq!(server.online()?.as_array().map_or(0, Vec::len), 1);
    assert_eq!(server.output().matches("signed on").count(), 1);
    let witness = server.user("witness")?;
    assert_eq!(witness.state_of("alice")?, "online");
    alice.set_state("busy")?;
    eventually(SOON, "alice's state", || {
        Ok((witness.state_of("alice")? == "busy").then_some(()))
    })
}

/// What the command line said of an order: done or not.
fn ordered(server: &Server, arguments: &[&str]) -> Result<bool, Failure> {
    let output = server.cli(arguments, "")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        !complaint.contains("may have been"),
        "{arguments:?}: {complaint}"
    );
    Ok(output.status.success())
}

fn is_enabled(server: &Server, alias: &str) -> Result<bool, Failure> {
    let listed = server.run(&["user", "list", "--json"], "")?;
    let listed: serde_json::Value = serde_json::from_str(&listed)
        .map_err(|error| Failure::Unexpected(format!("{error}: {listed}")))?;
    let user = listed
        .as_array()
        .into_iter()
        .flatten()
        .find(|it| it["alias"] == alias);
    Ok(user.is_some_and(|it| it["enabled"] == true))
}

fn sign_ons(server: &Server) -> Result<usize, Failure> {
    Ok(server.online()?.as_array().map_or(0, Vec::len))
}

/// Presence is not saved for a while after the disk works again, accounts are at once: an order that
/// needs both is done or it is not.
#[test]
fn an_order_does_what_it_says_when_the_disk_is_only_just_back() -> Result<(), Failure> {
    let mut server = Server::start_with_faults("")?;
    let bob = server.online_user("bob")?;
    let anna = server.online_user("anna")?;
    let carl = server.online_user("carl")?;
    server.faults()?.disk(Disk::Broken)?;
    change_until_refused(&bob, "online")?;
    // The tries come after 0.2, 0.6, 1.4, 3 and 5 s.
    std::thread::sleep(Duration::from_millis(3300));
    server.faults()?.disk(Disk::Sound)?;
    let disabled = ordered(&server, &["user", "disable", "anna"])?;
    assert_eq!(is_enabled(&server, "anna")?, !disabled);
    let blocked = ordered(&server, &["logoff", "carl", "--block-for", "10m"])?;
    let online = 3 - usize::from(disabled) - usize::from(blocked);
    assert_eq!(sign_ons(&server)?, online);
    assert!(
        disabled && blocked,
        "nothing stands in their way: {}",
        server.output()
    );
    server.kill9()?;
    server.restart()?;
    assert!(!is_enabled(&server, "anna")?);
    assert_eq!(sign_ons(&server)?, online, "nobody is back after a restart");
    changes_are_taken_again(&bob)?;
    for user in [anna, carl] {
        let renewed = user.user.renew(user.user.alias(), user.login, 1200)?;
        assert_ne!(renewed.status, 200, "{}", user.user.alias());
    }
    Ok(())
}

/// The disk takes what is written, and fails to keep it.
#[test]
fn what_was_refused_at_the_last_step_does_not_come_back() -> Result<(), Failure> {
    let mut server = Server::start_with_faults("")?;
    server.add_user("anna", PASSWORD)?;
    for round in 0..3 {
        let name = format!("new{round}");
        let add = ["user", "add", &name, "--password-stdin"];
        server.faults()?.disk(Disk::Forgetful)?;
        let output = server.cli(&add, "a password\n")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{complaint}");
        assert!(complaint.contains("the disk failed"), "{complaint}");
        assert!(!complaint.contains("may have been"), "{complaint}");
        assert!(!ordered(&server, &["user", "disable", "anna"])?);
        server.kill9()?;
        server.faults()?.disk(Disk::Sound)?;
        server.restart()?;
        assert!(is_enabled(&server, "anna")?, "round {round}");
        assert!(!server.run(&["user", "list"], "")?.contains(&name));
        server.run(&add, "a password\n")?;
    }
    Ok(())
}
