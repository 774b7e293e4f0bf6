//! Few file handles, and who wants them all.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use tests::rvp_client::{Connection, Request};
use tests::server::{Server, Surroundings};
use tests::{Deadline, Failure, eventually};

const SOON: Duration = Duration::from_secs(15);

fn with_files(files: u32, config: &str) -> Result<Server, Failure> {
    let surroundings = Surroundings {
        files: Some(files),
        ..Surroundings::default()
    };
    Server::start_in(surroundings, config)
}

/// Begins requests that never end, as many as are taken, and keeps them. The system itself takes
/// connections at once until its line is full, and then keeps one waiting for as long as one likes.
fn half_sent(to: SocketAddr, many: usize) -> Vec<Connection> {
    let at_once = Duration::from_millis(500);
    (0..many)
        .map_while(|_| Connection::open_within(to, at_once).ok())
        .filter_map(|mut connection| {
            // One that was closed at once is no matter here.
            connection.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-").ok()?;
            Some(connection)
        })
        .collect()
}

/// RVP answers on a new connection, and quickly.
fn rvp_answers(server: &Server) -> Result<(), Failure> {
    let begun = Deadline::within(SOON);
    let request = Request::new("ACL", "/instmsg/aliases/alice");
    let answer = Connection::open(server.rvp())?.send(&request)?;
    assert_eq!(answer.status, 401);
    assert!(
        begun.spent() < Duration::from_secs(2),
        "{:?}",
        begun.spent()
    );
    Ok(())
}

#[test]
fn half_sent_requests_at_the_console_leave_rvp_alone_and_go_after_their_time() -> Result<(), Failure>
{
    let server = with_files(1024, "[console.limits]\nhead_s = 3\n")?;
    let alice = server.user("alice")?;
    let taken = half_sent(server.console(), 700);
    println!("{} requests were begun at the console", taken.len());
    for _ in 0..20 {
        rvp_answers(&server)?;
    }
    alice.subscriptions("pragma/notify")?;
    server.run(&["user", "list"], "")?;
    // Their time is over, and others get in, although all of these are still there.
    eventually(SOON, "an answer of the console", || {
        let answer = Connection::open(server.console())?.send(&Request::new("GET", "/sign-in"));
        Ok(answer.is_ok().then_some(()))
    })?;
    drop(taken);
    Ok(())
}

/// This test itself may open so many files.
fn may_open(files: u32) -> Result<(), Failure> {
    let raised = Command::new("prlimit")
        .args(["--pid", &std::process::id().to_string()])
        .arg(format!("--nofile={files}:{files}"))
        .output()
        .map_err(Failure::io("running prlimit"))?;
    if raised.status.success() {
        return Ok(());
    }
    Err(Failure::Unexpected(format!(
        "this test needs {files} open files, and may not have them: {}",
        String::from_utf8_lossy(&raised.stderr)
    )))
}

#[test]
fn thousands_of_half_sent_requests_at_the_console_leave_rvp_fast() -> Result<(), Failure> {
    may_open(8192)?;
    // A proxy is let in with as many connections as there is room for, and no more.
    for config in ["", "[console]\ntrusted_proxies = [\"127.0.0.1\"]\n"] {
        let server = with_files(1024, config)?;
        let alice = server.online_user("alice")?;
        let mut taken = Vec::new();
        for _ in 0..10 {
            taken.extend(half_sent(server.console(), 220));
            rvp_answers(&server)?;
            alice.set_state("busy")?;
        }
        println!("{config:?}: {} were begun", taken.len());
        for _ in 0..20 {
            rvp_answers(&server)?;
        }
        server.run(&["user", "list"], "")?;
    }
    Ok(())
}

#[test]
fn a_proxy_that_is_trusted_carries_more_than_one_address_may() -> Result<(), Failure> {
    let bounds = "[console.limits]\nconnections_per_address = 3\n";
    for (trusted, more) in [("", false), ("trusted_proxies = [\"127.0.0.1\"]\n", true)] {
        let server = Server::start(&format!("[console]\n{trusted}{bounds}"))?;
        let mut open = Vec::new();
        for _ in 0..12 {
            let mut connection = Connection::open(server.console())?;
            let answer = connection.send(&Request::new("GET", "/sign-in"));
            open.push((answer.is_ok(), connection));
        }
        let answered = open.iter().filter(|(answered, _)| *answered).count();
        assert_eq!(answered, if more { 12 } else { 3 }, "{trusted}");
    }
    Ok(())
}

#[test]
fn who_takes_all_handles_of_one_listener_does_not_take_those_of_another() -> Result<(), Failure> {
    for files in [64, 128, 512] {
        let server = with_files(files, "")?;
        let bob = server.online_user("bob")?;
        let alice = server.user("alice")?;
        let mut talk = Connection::open(server.rvp())?;
        let taken = (
            half_sent(server.console(), 200),
            half_sent(server.rvp(), 600),
        );
        // The command line goes on, and so does who is connected, call-backs included.
        server.run(&["user", "list"], "")?;
        let body = tests::rvp_client::message(&alice.url("alice"), &alice.url("bob"), "hello");
        let answer = alice.send_on(&mut talk, &alice.say_request("bob", body))?;
        assert_eq!(answer.status, 200, "{files}: {}", answer.text());
        drop(taken);
        eventually(SOON, "an answer once there is room", || {
            Ok(rvp_answers(&server).is_ok().then_some(()))
        })?;
        let log = server.output();
        assert!(log.lines().count() < 60, "{files}: {log}");
        drop(bob);
    }
    Ok(())
}

#[test]
fn with_too_few_handles_the_server_says_so_and_does_not_start() {
    let Err(Failure::Unexpected(why)) = with_files(40, "") else {
        panic!("it started, or said nothing");
    };
    assert!(why.contains("LimitNOFILE"), "{why}");
}

#[test]
fn the_console_has_bounds_in_number_and_time() -> Result<(), Failure> {
    let server = Server::start(
        "[console.limits]\nconnections_per_address = 3\nhead_s = 1\nbody_s = 1\nidle_s = 2\n",
    )?;
    let sign_in = Request::new("GET", "/sign-in");
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Connection::open(server.console())?);
    }
    let mut fourth = Connection::open(server.console())?;
    assert!(fourth.is_closed()?, "the fourth");
    open.clear();

    for start in [
        "GET",
        "GET / HTTP/1.1\r\nX-Slow: ",
        "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n",
    ] {
        let mut connection = eventually(SOON, "room", || {
            let mut connection = Connection::open(server.console())?;
            Ok(connection
                .write(start.as_bytes())
                .is_ok()
                .then_some(connection))
        })?;
        let begun = Deadline::within(SOON);
        eventually(SOON, "the end of a connection that drips", || {
            Ok(connection.write(b"x").is_err().then_some(()))
        })?;
        println!(
            "{start:?} and then drop by drop: cut after {:?}",
            begun.spent()
        );
    }
    let many = (0..200).fold(sign_in.clone(), |request, n| {
        request.header(&format!("X-{n}"), "x")
    });
    assert_eq!(Connection::open(server.console())?.send(&many)?.status, 431);
    let mut idle = Connection::open(server.console())?;
    idle.send(&sign_in)?;
    assert!(idle.is_closed()?, "a connection without requests");
    Ok(())
}

#[test]
fn a_form_that_is_too_large_is_told_so() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_admin("root", "a long enough pass phrase 1")?;
    for length in [2 * 1024 * 1024 + 1, 8 * 1024 * 1024] {
        let body = vec![b'x'; length];
        let request = Request::new("POST", "/sign-in")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Connection", "close")
            .body(body);
        let answer = Connection::open(server.console())?.send(&request)?;
        assert_eq!(answer.status, 413, "{length}: {}", answer.head);
        assert!(answer.text().contains("2048 KB"), "{length}");
    }
    Ok(())
}
