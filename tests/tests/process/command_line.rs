//! Output that nobody takes, and servers that do not answer.

use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Output};
use std::time::Duration;

use tests::server::Server;
use tests::{Deadline, Failure, programs};

/// Runs a line of shell in which `$R` is the program and `$D` the data directory.
fn shell(server: &Server, line: &str) -> Result<Output, Failure> {
    Command::new("sh")
        .args(["-c", line])
        .env("R", programs::rollcall()?)
        .env("ROLLCALL_DATA_DIR", server.data_dir())
        .output()
        .map_err(Failure::io("running a shell"))
}

fn with_many_users() -> Result<Server, Failure> {
    let server = Server::start("")?;
    let users: String = (0..2000)
        .map(|number| format!("user{number}\tcorrect horse 7\tA rather long name {number}\n"))
        .collect();
    server.run(&["user", "import", "-"], &users)?;
    Ok(server)
}

#[test]
fn whoever_has_read_enough_is_no_error() -> Result<(), Failure> {
    let server = with_many_users()?;
    for command in [
        "user list",
        "user list --json",
        "online --json",
        "policy list",
        "group list",
        "doctor",
        "help",
        "--help",
        "user privacy user1",
    ] {
        for reader in ["head -1", "head -c 1", "true"] {
            let line = format!("{{ $R {command}; echo $? >&3; }} 3>&2 | {reader} >/dev/null");
            let said = String::from_utf8_lossy(&shell(&server, &line)?.stderr).into_owned();
            assert!(!said.contains("panic"), "{command} | {reader}: {said}");
            let status = said.lines().last().unwrap_or_default();
            // The doctor has something to say of a server without a name.
            if command != "doctor" {
                assert_eq!(status, "0", "{command} | {reader}: {said}");
                assert_eq!(said.lines().count(), 1, "{command} | {reader}: {said}");
            }
        }
        // Nor is it one that nobody reads what goes wrong.
        let line = format!("$R {command} --no-such-flag 2>&1 | true");
        shell(&server, &line)?;
    }
    Ok(())
}

#[test]
fn output_that_is_lost_is_no_success() -> Result<(), Failure> {
    let server = with_many_users()?;
    for command in [
        "user list",
        "user list --json",
        "online --json",
        "policy list",
        "help",
    ] {
        let output = shell(&server, &format!("$R {command} > /dev/full"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(said.contains("cannot be written"), "{command}: {said}");
    }
    // And without anybody to tell, it still ends.
    let output = shell(&server, "$R user list > /dev/full 2> /dev/full")?;
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}

#[test]
fn a_server_that_hangs_is_given_up_on_after_the_time_that_was_named() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.signal("STOP")?;
    let begun = Deadline::within(Duration::from_secs(30));
    let said = server.refused(&["user", "disable", "alice", "--timeout", "2"])?;
    let spent = begun.spent();
    server.signal("CONT")?;
    println!("after {spent:?}: {said}");
    assert!(spent >= Duration::from_millis(1900), "{spent:?}");
    assert!(spent < Duration::from_secs(15), "{spent:?}");
    let process = format!("process {}", server.id()?);
    for part in [
        "did not answer within 2 s",
        "may have been carried out or not",
        "--timeout",
        &process,
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    server.run(&["user", "list"], "")?;
    Ok(())
}

#[test]
fn sockets_of_nobody_of_somebody_else_and_of_who_breaks_off_are_told_apart() -> Result<(), Failure>
{
    let mut server = Server::start("")?;
    server.stop()?;
    let socket = server.data_dir().join("control.sock");
    assert!(!socket.exists(), "it takes its socket away");

    // One that a server left behind which was killed: as if no server ran.
    drop(UnixListener::bind(&socket).map_err(Failure::io("making a socket"))?);
    server.run(&["user", "list"], "")?;
    let said = server.refused(&["online"])?;
    assert!(said.contains("no server runs"), "{said}");
    std::fs::remove_file(&socket).map_err(Failure::io("removing a socket"))?;

    // One that closes every connection.
    let listener = UnixListener::bind(&socket).map_err(Failure::io("making a socket"))?;
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream);
        }
    });
    let said = server.refused(&["user", "list"])?;
    assert!(said.contains("broke off before it answered"), "{said}");
    Ok(())
}

#[test]
fn whoever_says_nothing_at_the_control_socket_keeps_no_command_waiting() -> Result<(), Failure> {
    let server = Server::start("")?;
    let socket = server.data_dir().join("control.sock");
    let silent: Vec<_> = (0..20)
        .filter_map(|_| UnixStream::connect(&socket).ok())
        .collect();
    assert_eq!(silent.len(), 20);
    server.run(&["user", "list"], "")?;
    Ok(())
}
