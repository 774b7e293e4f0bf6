//! 5.8 other methods, 6 authentication, 7 headers, 8 return codes.

use std::io::{Read, Write};
use std::net::TcpStream;

use tests::Failure;
use tests::rvp_client::{CallBack, Connection, Request, Response};
use tests::server::Server;

use crate::{SOON, patch, phrase, set};

#[test]
fn s5_8_head_is_not_implemented() -> Result<(), Failure> {
    let server = Server::start("")?;
    // An answer to HEAD has no body, whatever length it names: it is read to its end.
    let mut stream = TcpStream::connect(server.rvp()).map_err(Failure::io("connecting"))?;
    stream
        .set_read_timeout(Some(SOON))
        .map_err(Failure::io("setting a time-out"))?;
    stream
        .write_all(b"HEAD /instmsg/aliases/alice HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        .map_err(Failure::io("sending"))?;
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .map_err(Failure::io("reading"))?;
    assert!(answer.starts_with("HTTP/1.1 501 "), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "a body after HEAD: {answer}");
    Ok(())
}

/// The document's 401 names the schemes, and the refused request has done nothing.
#[test]
fn s6_3_example() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bruceb = server.user("bruceb")?;
    let alice = server.user("alice")?;
    let call_back = CallBack::listen()?;
    let request = Request::new("SUBSCRIBE", "/instmsg/aliases/bruceb")
        .header("Subscription-Lifetime", "14400")
        .header("Notification-Type", "pragma/notify")
        .header("Call-Back", call_back.url())
        .header("RVP-Notifications-Version", "1.0")
        .header("Host", "imhome1.acme.com")
        .header(
            "RVP-From-Principal",
            "http://im.acme.com/instmsg/aliases/bruceb",
        );
    let denied = Connection::open(server.rvp())?.send(&request)?;
    assert_eq!(denied.status, 401);
    assert_eq!(denied.header("Subscription-Id"), None);
    assert_eq!(denied.header("RVP-Notifications-Version"), Some("1.0"));
    let schemes: Vec<_> = denied
        .all("WWW-Authenticate")
        .iter()
        .filter_map(|it| it.split(' ').next().map(str::to_owned))
        .collect();
    assert_eq!(schemes, ["Digest", "NTLM"]);
    assert_eq!(alice.say("bruceb", "there?")?.status, 412, "signed on");

    let granted = bruceb.expect(200, &request)?;
    assert_eq!(granted.header("Subscription-Lifetime"), Some("14400"));
    assert_eq!(alice.say("bruceb", "there?")?.status, 200);
    Ok(())
}

#[test]
fn s7_1_headers_of_webdav_are_ignored() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let request = alice
        .user
        .request("SUBSCRIPTIONS", "alice")
        .header("DAV", "1,2")
        .header("Depth", "infinity")
        .header("If", "(<opaquelocktoken:1>)")
        .header("Overwrite", "F");
    let answer = alice.user.expect(200, &request)?;
    assert_eq!(answer.header("DAV"), None, "{}", answer.head);
    let update = alice
        .user
        .set_state_request("busy", 1200, Some(alice.view))
        .header("Depth", "1");
    alice.user.expect(207, &update).map(drop)
}

/// One request for every return code that can be had.
fn answers(server: &Server) -> Result<Vec<(u16, Response)>, Failure> {
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let user = &alice.user;
    server.user("carol")?;
    let kept = patch(
        user,
        "alice",
        &set("<x:mood xmlns:x=\"urn:x\">fine</x:mood>"),
    );
    let plain = Request::new("SUBSCRIPTIONS", "/instmsg/aliases/alice");
    let state = tests::people::user_at(server.rvp(), "carol");
    let mut all = vec![
        (401, Connection::open(server.rvp())?.send(&plain)?),
        (
            500,
            state.send(&state.set_state_request("online", 1200, None))?,
        ),
    ];
    for (status, request) in [
        (200, user.request("ACL", "alice")),
        (207, kept),
        (400, user.request("UNSUBSCRIBE", "alice")),
        (403, user.request("ACL", "bob")),
        (404, user.request("ACL", "nobody")),
        (405, user.request("MOVE", "alice")),
        (412, user.request("PROPFIND", "alice")),
        (501, user.request("PUT", "alice")),
    ] {
        all.push((status, user.send(&request)?));
    }
    drop(bob);
    Ok(all)
}

#[test]
fn s7_2_every_answer_has_the_version() -> Result<(), Failure> {
    let server = Server::start("")?;
    for (status, answer) in answers(&server)? {
        assert_eq!(answer.status, status, "{}", answer.text());
        let version = answer.header("RVP-Notifications-Version");
        let expected = if status == 401 { "1.0" } else { "0.2" };
        assert_eq!(version, Some(expected), "{}", answer.head);
    }
    Ok(())
}

#[test]
fn s8_every_refusal_says_why_in_one_line() -> Result<(), Failure> {
    let server = Server::start("")?;
    for (status, answer) in answers(&server)? {
        match status {
            200 => assert_eq!(phrase(&answer), "Successful"),
            207 => assert_eq!(phrase(&answer), "Multi-Status"),
            _ => {
                let reason = answer.text();
                assert_eq!(reason.lines().count(), 1, "{status}: {reason:?}");
                let kind = answer.header("Content-Type").unwrap_or_default();
                assert!(kind.starts_with("text/plain"), "{status}: {kind}");
            }
        }
    }
    Ok(())
}
