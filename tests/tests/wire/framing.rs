//! Requests in the shapes clients write them, and in shapes nobody should.

use tests::people::{self, PASSWORD};
use tests::rvp_client::{Connection, Request, User};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

#[test]
fn every_form_of_an_address_is_understood() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.user("alice")?;
    let logical = server.principal("alice");
    for target in [
        "/instmsg/aliases/alice",
        "/instmsg/aliases/alice/",
        "/InstMsg/Aliases/ALICE",
        "/instmsg/aliases/%61lice",
        "/instmsg/local/127.0.0.1/instmsg/aliases/alice",
        &logical,
        &logical.replace("http", "HTTP"),
    ] {
        let answer = alice.send(&alice.request_to("SUBSCRIPTIONS", target))?;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    }
    for target in [
        "/",
        "/instmsg",
        "/instmsg/aliases/",
        "/instmsg/aliases/a/b",
        "/etc/passwd",
        "*",
    ] {
        let answer = alice.send(&alice.request_to("SUBSCRIPTIONS", target))?;
        assert!(
            (400..500).contains(&answer.status),
            "{target}: {}",
            answer.status
        );
    }
    Ok(())
}

#[test]
fn methods_of_other_protocols_are_refused_as_documented() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.user("alice")?;
    for (methods, status) in [
        (
            &[
                "GET",
                "POST",
                "PUT",
                "LOCK",
                "UNLOCK",
                "OPTIONS",
                "FROBNICATE",
            ][..],
            501,
        ),
        (&["COPY", "MOVE"], 405),
    ] {
        for method in methods {
            let answer = alice.send(&alice.request(method, "alice"))?;
            assert_eq!(answer.status, status, "{method}");
        }
    }
    Ok(())
}

#[test]
fn bare_line_feeds_and_a_missing_length_are_understood() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.user("alice")?;
    let plain = alice.request("SUBSCRIPTIONS", "alice");
    for request in [
        plain.clone().bare_line_feeds(),
        plain.clone().without_length(),
        plain
            .clone()
            .without_length()
            .header("TE", "deflate,gzip;q=0.3")
            .header("Connection", "Keep-Alive, TE"),
    ] {
        let answer = alice.send(&request)?;
        assert_eq!(
            answer.status,
            200,
            "{:?}",
            String::from_utf8_lossy(&request.to_bytes())
        );
        assert_client_can_read(&answer);
    }
    Ok(())
}

#[test]
fn pipelined_requests_are_answered_in_order() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = User::new(server.rvp(), "alice", PASSWORD);
    let mut connection = Connection::open(server.rvp())?;
    let first = alice.request("SUBSCRIPTIONS", "alice").to_bytes();
    let second = alice.request("GET", "alice").to_bytes();
    connection.write(&[first, second].concat())?;
    assert_eq!(connection.read()?.status, 401);
    assert!(matches!(connection.read()?.status, 401 | 501));
    Ok(())
}

#[test]
fn a_connection_that_says_nothing_bothers_nobody() -> Result<(), Failure> {
    let server = Server::start("")?;
    // librvp opens one for life and never sends a byte on it.
    let silent = Connection::open(server.rvp())?;
    let alice = server.online_user("alice")?;
    alice.set_state("busy")?;
    drop(silent);
    alice.set_state("away")
}

#[test]
fn nonsense_gets_an_answer_or_an_end_and_does_no_harm() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    for bytes in [
        &b"\x00\x01\x02\xff\xfe\r\n\r\n"[..],
        b"NOTIFY\r\n\r\n",
        b"SUBSCRIBE /instmsg/aliases/alice HTTP/9.9\r\n\r\n",
        b"ACL /instmsg/aliases/alice HTTP/1.1\r\nContent-Length: minus\r\n\r\n",
        b"ACL /instmsg/aliases/alice HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"ACL /instmsg/aliases/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"ACL /instmsg/aliases/\xc3\xbc HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    ] {
        let mut connection = Connection::open(server.rvp())?;
        connection.write(bytes)?;
        if let Ok(answer) = connection.read() {
            assert!(
                (400..600).contains(&answer.status),
                "{bytes:?} got {}",
                answer.status
            );
        }
    }
    people::user_at(server.rvp(), "alice")
        .subscriptions("pragma/notify")
        .map(drop)
}

#[test]
fn a_body_over_the_limit_is_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    server.online_user("bob")?;
    let head = Request::new("NOTIFY", "/instmsg/aliases/bob")
        .header("Host", "127.0.0.1")
        .header("RVP-From-Principal", alice.url())
        .header("Content-Type", "text/xml")
        .header("Content-Length", "1000000000")
        .without_length();
    let mut connection = Connection::open(server.rvp())?;
    connection.write(&head.to_bytes())?;
    let answer = connection.read()?;
    assert!(matches!(answer.status, 401 | 413), "{}", answer.head);

    let large = vec![b'x'; 8 << 20];
    let answer = alice.user.send(&alice.user.say_request("bob", large));
    if let Ok(answer) = answer {
        assert_eq!(answer.status, 413, "{}", answer.head);
    }
    Ok(())
}
