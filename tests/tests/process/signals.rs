//! The end: what is acknowledged is in the one file, what is under way is answered.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tests::people::PASSWORD;
use tests::rvp_client::{Answer, Connection, Request};
use tests::server::{Server, Surroundings};
use tests::{Deadline, Failure, eventually, programs};

const SOON: Duration = Duration::from_secs(15);

/// The accounts in a copy of the database file alone.
fn accounts_of_the_file_alone(server: &Server) -> Result<String, Failure> {
    let copy = server.scratch().join("copy");
    let _ = fs::remove_dir_all(&copy);
    fs::create_dir(&copy).map_err(Failure::io("making a directory"))?;
    Command::new("chmod")
        .arg("700")
        .arg(&copy)
        .status()
        .map_err(Failure::io("running chmod"))?;
    for file in ["rollcall.db", "verifiers.key"] {
        fs::copy(server.data_dir().join(file), copy.join(file))
            .map_err(Failure::io("copying the database"))?;
    }
    let output = Command::new(programs::rollcall()?)
        .args(["user", "list", "--data-dir"])
        .arg(&copy)
        .output()
        .map_err(Failure::io("listing the copy"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn every_signal_that_ends_it_leaves_one_whole_file() -> Result<(), Failure> {
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let mut server = Server::start("")?;
        let alice = server.online_user("alice")?;
        alice.set_state("busy")?;
        server.add_user("latest", PASSWORD)?;
        server.signal(signal)?;
        assert_eq!(server.end()?, Some(0), "SIG{signal}");
        let left = fs::metadata(server.data_dir().join("rollcall.db-wal")).map_or(0, |it| it.len());
        assert_eq!(left, 0, "SIG{signal}: bytes left in the log");
        let accounts = accounts_of_the_file_alone(&server)?;
        assert!(accounts.contains("latest"), "SIG{signal}: {accounts}");
        server.restart()?;
        assert_eq!(alice.user.state_of("alice")?, "busy", "SIG{signal}");
    }
    Ok(())
}

#[test]
fn a_command_without_a_server_leaves_one_whole_file() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.stop()?;
    server.add_user("offline", PASSWORD)?;
    let accounts = accounts_of_the_file_alone(&server)?;
    assert!(accounts.contains("offline"), "{accounts}");
    Ok(())
}

#[test]
fn messages_under_way_are_answered_or_come_back_as_undelivered() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let deaf = server.online_user("deaf")?;
    let quick = server.online_user("quick")?;
    deaf.call_back.answer(Answer::Hang);
    let alice = server.user("alice")?;
    let messages: Vec<_> = (0..40)
        .map(|number| {
            let alice = alice.clone();
            let to = if number % 4 == 0 { "quick" } else { "deaf" };
            thread::spawn(move || (to, alice.say(to, "before the end")))
        })
        .collect();
    let mut quick = quick;
    quick
        .call_back
        .expect(SOON, "a message", |it| it.text().contains("before the end"))?;
    let begun = Deadline::within(SOON);
    server.stop()?;
    let spent = begun.spent();
    assert!(spent < Duration::from_secs(9), "{spent:?}");
    let (mut answered, mut undelivered) = (0, 0);
    for message in messages {
        let (to, answer) = message.join().expect("a thread that sends");
        // One that had not even been connected may find nobody.
        match answer {
            Ok(answer) if answer.status == 412 => undelivered += 1,
            Ok(answer) => {
                assert_eq!((answer.status, to), (200, "quick"), "{}", answer.text());
                answered += 1;
            }
            Err(error) => panic!("a message to {to} was not answered: {error}"),
        }
    }
    println!("{answered} delivered, {undelivered} came back, ended after {spent:?}");
    assert!(answered >= 1 && undelivered >= 20);
    Ok(())
}

#[test]
fn idle_connections_and_live_pages_hold_nothing_up_and_a_second_signal_hastens()
-> Result<(), Failure> {
    let mut server = Server::start("")?;
    let mut idle = Vec::new();
    for address in [server.rvp(), server.console()] {
        idle.push(Connection::open(address)?);
        let mut used = Connection::open(address)?;
        used.send(&Request::new("GET", "/"))?;
        idle.push(used);
    }
    let begun = Deadline::within(SOON);
    assert_eq!(server.stop()?, Some(0));
    println!("with idle connections: {:?}", begun.spent());
    assert!(
        begun.spent() < Duration::from_millis(2500),
        "{:?}",
        begun.spent()
    );

    server.restart()?;
    let deaf = server.online_user("deaf")?;
    deaf.call_back.answer(Answer::Hang);
    let alice = server.user("alice")?;
    let message = thread::spawn(move || alice.say("deaf", "hello"));
    eventually(SOON, "the message at the call-back", || {
        Ok(server.output().contains("ready").then_some(()))
    })?;
    thread::sleep(Duration::from_millis(300));
    let begun = Deadline::within(SOON);
    server.signal("TERM")?;
    thread::sleep(Duration::from_millis(100));
    server.signal("TERM")?;
    assert_eq!(server.end()?, Some(0));
    println!("after two signals: {:?}", begun.spent());
    assert!(
        begun.spent() < Duration::from_millis(2500),
        "{:?}",
        begun.spent()
    );
    let answer = message.join().expect("a thread that sends")?;
    assert_eq!(answer.status, 412);
    Ok(())
}

#[test]
fn who_was_started_with_nohup_outlives_the_terminal() -> Result<(), Failure> {
    let surroundings = Surroundings {
        shell: "trap '' HUP",
        ..Surroundings::default()
    };
    let mut server = Server::start_in(surroundings, "")?;
    server.signal("HUP")?;
    server.user("alice")?.subscriptions("pragma/notify")?;
    assert_eq!(server.stop()?, Some(0));
    Ok(())
}

#[test]
fn it_starts_with_everything_closed() -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(Failure::io("making a directory"))?;
    let data = directory.path().join("data");
    let mut process = Command::new("sh")
        .args(["-c", "exec \"$@\" <&- >&- 2>&-", "sh"])
        .arg(programs::rollcall()?)
        .args([
            "serve",
            "--rvp-listen",
            "127.0.0.1:0",
            "--console-listen",
            "127.0.0.1:0",
        ])
        .args(["--domain", "127.0.0.1", "--data-dir"])
        .arg(&data)
        .stdin(Stdio::null())
        .spawn()
        .map_err(Failure::io("starting the server"))?;
    let answered = eventually(SOON, "an answer to the command line", || {
        let online = Command::new(programs::rollcall()?)
            .args(["online", "--json", "--data-dir"])
            .arg(&data)
            .output()
            .map_err(Failure::io("asking who is online"))?;
        Ok(online.status.success().then_some(()))
    });
    Command::new("kill")
        .arg(process.id().to_string())
        .status()
        .map_err(Failure::io("running kill"))?;
    let ended = process
        .wait()
        .map_err(Failure::io("waiting for the server"))?;
    answered?;
    assert_eq!(ended.code(), Some(0));
    Ok(())
}
