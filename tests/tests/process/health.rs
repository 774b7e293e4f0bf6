//! What watches over the process asks: without an account, without a session, never from a cache.

use std::time::Duration;

use tests::faults::Disk;
use tests::rvp_client::{Connection, Request, Response};
use tests::server::Server;
use tests::{Failure, eventually};

const SOON: Duration = Duration::from_secs(15);

fn ask(server: &Server, path: &str) -> Result<Response, Failure> {
    let request = Request::new("GET", path).header("Host", "console");
    let answer = Connection::open(server.console())?.send(&request)?;
    assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{path}");
    assert_eq!(answer.header("Set-Cookie"), None, "{path} made a session");
    Ok(answer)
}

fn ready(server: &Server) -> Result<(u16, String), Failure> {
    let answer = ask(server, "/readyz")?;
    Ok((answer.status, answer.text()))
}

#[test]
fn who_watches_over_the_server_needs_no_account() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alive = ask(&server, "/healthz")?;
    assert_eq!((alive.status, &*alive.text()), (200, "ok\n"));
    assert_eq!(ready(&server)?, (200, "ready\n".to_owned()));
    // Whatever the console does with who has an account, or comes through a proxy.
    let odd = Request::new("GET", "/readyz")
        .header("Host", "console")
        .header("Cookie", "rollcall=made-up")
        .header("X-Forwarded-For", "nobody");
    let answer = Connection::open(server.console())?.send(&odd)?;
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert_eq!(answer.header("Set-Cookie"), None);
    let posted = Request::new("POST", "/readyz").header("Host", "console");
    let answer = Connection::open(server.console())?.send(&posted)?;
    assert_eq!(answer.status, 405, "{}", answer.head);
    // It is no business of clients.
    let answer = Connection::open(server.rvp())?.send(&Request::new("GET", "/healthz"))?;
    assert_ne!(answer.status, 200, "{}", answer.head);
    Ok(())
}

/// Nobody has changed anything meanwhile: who asks finds it out first.
#[test]
fn a_disk_that_fails_is_found_out_by_asking() -> Result<(), Failure> {
    let server = Server::start_with_faults("")?;
    assert_eq!(ready(&server)?.0, 200);
    for (disk, said) in [
        (Disk::Full, "the disk is full"),
        (Disk::Broken, "the disk failed"),
        (Disk::ReadOnly, "read-only"),
    ] {
        server.faults()?.disk(disk)?;
        eventually(SOON, "a server that says why it is not ready", || {
            let (status, text) = ready(&server)?;
            let is_plain = text.starts_with("not ready: ") && text.lines().count() == 1;
            Ok((status == 503 && is_plain && text.contains(said)).then_some(()))
        })?;
        assert_eq!(ask(&server, "/healthz")?.status, 200, "the process answers");
        server.faults()?.disk(Disk::Sound)?;
        eventually(SOON, "a server that is ready again", || {
            Ok((ready(&server)?.0 == 200).then_some(()))
        })?;
    }
    Ok(())
}

/// However often it is asked, the disk has little to do, and nobody waits.
#[test]
fn asking_often_costs_the_disk_nothing() -> Result<(), Failure> {
    let server = Server::start("")?;
    let log = server.data_dir().join("rollcall.db-wal");
    let size = || std::fs::metadata(&log).map_or(0, |it| it.len());
    assert_eq!(ready(&server)?.0, 200);
    let before = size();
    let mut connection = Connection::open(server.console())?;
    let request = Request::new("GET", "/readyz").header("Host", "console");
    for _ in 0..300 {
        assert_eq!(connection.send(&request)?.status, 200);
    }
    // A change is two pages at the most; these were a few seconds.
    let grown = size().saturating_sub(before);
    assert!(grown < 100 * 4096, "the log grew by {grown} bytes");
    Ok(())
}

/// Whoever shares out requests takes a server out as soon as it is told to end.
#[test]
fn a_server_that_ends_is_not_ready() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    let mut connection = Connection::open(server.console())?;
    connection.write(b"GET /readyz HTTP/1.1\r\nHost: console\r\n")?;
    // What has arrived is under way, and is answered.
    std::thread::sleep(Duration::from_millis(300));
    server.signal("TERM")?;
    eventually(SOON, "the beginning of the end", || {
        Ok(server.output().contains("stopping").then_some(()))
    })?;
    connection.write(b"\r\n")?;
    let answer = connection.read()?;
    assert_eq!(answer.status, 503, "{}", answer.head);
    assert_eq!(answer.text(), "not ready: the server is ending\n");
    assert_eq!(server.end()?, Some(0));
    Ok(())
}
