//! The access log: off unless asked for, and in the format that tools for IIS logs read.

use std::fs;
use std::path::Path;

use tests::Failure;
use tests::rvp_client::{Connection, Request};
use tests::server::Server;

fn logs(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory.join("logs")) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            assert!(name.starts_with("ex") && name.len() == 12, "{name}");
            fs::read_to_string(entry.path()).ok()
        })
        .collect()
}

#[test]
fn every_request_leaves_a_line_that_is_there_after_the_server_has_ended() -> Result<(), Failure> {
    let mut server = Server::start("[log]\naccess = true\n")?;
    for (method, path) in [("PROPFIND", "/instmsg/aliases/a%20b"), ("LOCK", "/x")] {
        let request = Request::new(method, path).header("User-Agent", "Some Client 1.0");
        Connection::open(server.rvp())?.send(&request)?;
    }
    server.stop()?;
    let text = logs(&server.data_dir()).concat();
    assert!(text.starts_with("#Software: Rollcall "), "{text}");
    assert!(
        text.contains("#Fields: date time c-ip cs-username cs-method"),
        "{text}"
    );
    let lines: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(' ').collect())
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(
        lines[0][2..7],
        [
            "127.0.0.1",
            "-",
            "PROPFIND",
            "/instmsg/aliases/a%20b",
            "401"
        ]
    );
    assert_eq!(lines[0][10], "Some+Client+1.0");
    assert_eq!(lines[1][4..7], ["LOCK", "/x", "501"]);
    Ok(())
}

#[test]
fn without_the_setting_there_is_no_log() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    Connection::open(server.rvp())?.send(&Request::new("LOCK", "/x"))?;
    server.stop()?;
    assert!(logs(&server.data_dir()).is_empty());
    Ok(())
}
