//! A log that nobody reads, or that cannot be written.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::rvp_client::{Connection, Request};
use tests::server::{Server, Surroundings};
use tests::{Deadline, Failure, eventually};

const SOON: Duration = Duration::from_secs(15);
const PASSWORD: &str = "a long enough pass phrase 1";
/// What a pipe holds (pipe(7)).
const PIPE: usize = 64 * 1024;

fn logging_to(log: impl Into<Stdio>, config: &str) -> Result<Server, Failure> {
    let surroundings = Surroundings {
        log: Some(log.into()),
        ..Surroundings::default()
    };
    Server::start_in(surroundings, config)
}

/// Requests, each of which has a line in the log.
fn refused_requests(server: &Server, many: usize) -> Result<(), Failure> {
    let begun = Deadline::within(SOON);
    let mut connection = Connection::open(server.rvp())?;
    for _ in 0..many {
        let answer = connection.send(&Request::new("MOVE", "/instmsg/aliases/alice"))?;
        assert_eq!(answer.status, 405);
    }
    assert!(begun.spent() < SOON, "{:?}", begun.spent());
    Ok(())
}

/// A figure of `/metrics`.
fn figure(server: &Server, name: &str) -> Result<Option<f64>, Failure> {
    let proof = STANDARD.encode(format!("root:{PASSWORD}"));
    let request = Request::new("GET", "/metrics").header("Authorization", format!("Basic {proof}"));
    let answer = Connection::open(server.console())?.send(&request)?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    Ok(answer.text().lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key == name).then(|| value.parse().ok())?
    }))
}

#[test]
fn a_full_pipe_stops_nobody_and_what_is_lost_is_counted_and_told() -> Result<(), Failure> {
    let (mut reader, mut writer) = io::pipe().map_err(Failure::io("making a pipe"))?;
    writer
        .write_all(&vec![b'\n'; PIPE])
        .map_err(Failure::io("filling the pipe"))?;
    // The long target makes each line long: more than may wait in memory.
    let mut server = logging_to(writer, "")?;
    server.add_admin("root", PASSWORD)?;
    let target = format!("/instmsg/aliases/{}", "x".repeat(20_000));
    let mut connection = Connection::open(server.rvp())?;
    for _ in 0..400 {
        let answer = connection.send(&Request::new("MOVE", &target))?;
        assert_eq!(answer.status, 405);
    }
    let lost = figure(&server, "rollcall_log_lines_lost_total")?.unwrap_or_default();
    assert!(lost > 50.0, "{lost} lines lost");

    let reading = thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    // Another line, once those that waited are through.
    thread::sleep(Duration::from_millis(500));
    refused_requests(&server, 1)?;
    assert_eq!(server.stop()?, Some(0));
    drop(server);
    let text = reading
        .join()
        .expect("a thread that reads")
        .map_err(Failure::io("reading the log"))?;
    assert!(text.contains("lines of the log were lost here"), "not told");
    assert!(text.contains("stopped"), "the last lines are there");
    Ok(())
}

#[test]
fn a_log_that_is_gone_stops_nobody() -> Result<(), Failure> {
    let (reader, writer) = io::pipe().map_err(Failure::io("making a pipe"))?;
    let mut server = logging_to(writer, "")?;
    drop(reader);
    server.add_admin("root", PASSWORD)?;
    refused_requests(&server, 100)?;
    let lost = figure(&server, "rollcall_log_lines_lost_total")?.unwrap_or_default();
    assert!(lost >= 99.0, "{lost} lines lost");
    assert_eq!(server.stop()?, Some(0));
    Ok(())
}

#[test]
fn a_log_on_a_full_disk_stops_nobody() -> Result<(), Failure> {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .map_err(Failure::io("opening /dev/full"))?;
    let mut server = logging_to(full, "")?;
    server.add_admin("root", PASSWORD)?;
    refused_requests(&server, 100)?;
    let lost = figure(&server, "rollcall_log_lines_lost_total")?.unwrap_or_default();
    assert!(lost >= 99.0, "{lost} lines lost");
    assert_eq!(server.stop()?, Some(0));
    Ok(())
}

#[test]
fn an_access_log_that_cannot_be_written_stops_nobody_and_says_later_what_is_missing()
-> Result<(), Failure> {
    let mut server = Server::start("[log]\naccess = true\n")?;
    server.add_admin("root", PASSWORD)?;
    let logs = server.data_dir().join("logs");
    // Where the file of the day should be there is no directory any more.
    fs::remove_dir(&logs).map_err(Failure::io("removing the logs"))?;
    refused_requests(&server, 100)?;
    let name = "rollcall_access_log_lines_lost_total";
    eventually(SOON, "the lines to be counted", || {
        Ok((figure(&server, name)? == Some(100.0)).then_some(()))
    })?;
    fs::create_dir(&logs).map_err(Failure::io("making the logs"))?;
    refused_requests(&server, 1)?;
    assert_eq!(server.stop()?, Some(0));
    let file = fs::read_dir(&logs)
        .map_err(Failure::io("reading the logs"))?
        .find_map(Result::ok)
        .expect("a file of the day");
    let text = fs::read_to_string(file.path()).map_err(Failure::io("reading the log"))?;
    assert!(text.contains("100 lines were lost"), "{text}");
    assert!(text.contains(" MOVE "), "{text}");
    Ok(())
}

/// By the name of the program, whichever the filter calls it by.
#[test]
fn targets_bear_the_name_of_the_program() -> Result<(), Failure> {
    for name in ["rollcall", "server"] {
        let config = format!("[log]\nfilter = \"off,{name}::serve=info\"\n");
        let mut server = Server::start(&config)?;
        refused_requests(&server, 1)?;
        server.stop()?;
        let output = server.output();
        assert!(output.contains("INFO rollcall::serve: ready"), "{output}");
        for other in ["server::", "request refused"] {
            assert!(!output.contains(other), "{name}, {other}: {output}");
        }
    }
    Ok(())
}
