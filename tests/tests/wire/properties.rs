//! PROPFIND.

use tests::server::Server;
use tests::{Failure, assert_client_can_read};

#[test]
fn known_properties_are_found() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    server.run(
        &[
            "user",
            "add",
            "bob",
            "--display-name",
            "B\u{f6}b <& Co>",
            "--password-stdin",
        ],
        "a word of his 1\n",
    )?;
    let answer = alice
        .user
        .find("bob", "<d:prop><d:displayname/></d:prop>")?;
    assert_eq!(answer.status, 207, "{}", answer.text());
    assert_client_can_read(&answer);
    let body = answer.text();
    assert!(
        body.contains("<d:displayname>B\u{f6}b &lt;&amp; Co"),
        "{body}"
    );
    assert!(body.contains("<d:status>HTTP/1.1 200 "), "{body}");
    Ok(())
}

#[test]
fn all_properties_come_in_one_propstat() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let answer = alice.user.find("alice", "\n  <d:allprop/>\n")?;
    assert_eq!(answer.status, 207, "{}", answer.text());
    assert_client_can_read(&answer);
    let body = answer.text();
    assert_eq!(body.matches("<d:propstat>").count(), 1, "{body}");
    for name in [
        "r:state",
        "d:displayname",
        "r:email",
        "r:mobile-state",
        "r:mobile-description",
    ] {
        assert!(
            body.contains(&format!("<{name}>")),
            "{name} is missing in {body}"
        );
    }
    Ok(())
}

#[test]
fn unknown_properties_have_a_propstat_of_their_own() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let wanted = "<d:prop><d:displayname/><x:shoe-size xmlns:x=\"urn:x\"/></d:prop>";
    let answer = alice.user.find("alice", wanted)?;
    assert_eq!(answer.status, 207, "{}", answer.text());
    let body = answer.text();
    assert_eq!(body.matches("<d:propstat>").count(), 2, "{body}");
    assert!(body.contains("<d:status>HTTP/1.1 404 "), "{body}");
    assert!(body.contains("shoe-size"), "{body}");
    Ok(())
}

#[test]
fn only_depth_zero_is_answered() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let body = "<d:propfind xmlns:d=\"DAV:\"><d:allprop/></d:propfind>";
    for depth in [None, Some("1"), Some("infinity"), Some("x")] {
        let mut request = alice
            .user
            .request("PROPFIND", "alice")
            .header("Content-Type", "text/xml");
        if let Some(depth) = depth {
            request = request.header("Depth", depth);
        }
        let answer = alice.user.send(&request.body(body))?;
        assert_eq!(answer.status, 412, "Depth {depth:?}");
    }
    Ok(())
}

#[test]
fn strangers_and_bad_bodies_are_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    assert_eq!(alice.user.find("stranger", "<d:allprop/>")?.status, 404);
    for body in [
        "<d:propfind xmlns:d=\"DAV:\">",
        "rubbish",
        "<!DOCTYPE a><a/>",
    ] {
        let request = alice
            .user
            .request("PROPFIND", "alice")
            .header("Depth", "0")
            .body(body);
        let answer = alice.user.send(&request)?;
        assert_eq!(answer.status, 400, "{body:?}: {}", answer.text());
    }
    Ok(())
}
