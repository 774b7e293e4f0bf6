//! Credentials end with what they proved, and who is kept out is kept out of everything.

use tests::Failure;
use tests::people::PASSWORD;
use tests::rvp_client::ntlm::sign_in;
use tests::rvp_client::{Connection, Request, User, message, state_update};
use tests::server::Server;

const OTHER_PASSWORD: &str = "another password entirely";

/// A connection that alice has proved with NTLM, and what she asks on it.
fn proved(server: &Server, password: &str) -> Result<(Connection, Request), Failure> {
    let mut connection = Connection::open(server.rvp())?;
    let request = User::new(server.rvp(), "alice", "").request("SUBSCRIPTIONS", "alice");
    let answer = sign_in(&mut connection, &request, "alice", password)?;
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert_eq!(connection.send(&request)?.status, 200, "proved once");
    Ok((connection, request))
}

/// What ends a proof, by commands; the connection must prove itself anew, as the one of now.
fn ends(commands: &[&[&str]]) -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let (mut connection, request) = proved(&server, PASSWORD)?;
    for command in commands {
        server.run(command, &format!("{OTHER_PASSWORD}\n"))?;
        let answer = connection.send(&request)?;
        assert_eq!(answer.status, 401, "after {command:?}: {}", answer.head);
    }
    let password = if commands.concat().contains(&"--password-stdin") {
        let old = sign_in(&mut connection, &request, "alice", PASSWORD)?;
        assert_eq!(old.status, 401, "with the old password");
        OTHER_PASSWORD
    } else {
        PASSWORD
    };
    let answer = sign_in(&mut connection, &request, "alice", password)?;
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert_eq!(connection.send(&request)?.status, 200);
    Ok(())
}

#[test]
fn a_connection_ends_with_the_password_it_proved() -> Result<(), Failure> {
    ends(&[&["user", "passwd", "alice", "--password-stdin"]])
}

#[test]
fn a_connection_is_not_that_of_the_next_account_of_its_name() -> Result<(), Failure> {
    ends(&[
        &["user", "remove", "alice"],
        &["user", "add", "alice", "--password-stdin"],
    ])
}

#[test]
fn a_connection_of_a_disabled_account_does_not_come_back() -> Result<(), Failure> {
    ends(&[&["user", "disable", "alice"], &["user", "enable", "alice"]])
}

#[test]
fn a_password_set_without_a_server_counts_when_it_runs() -> Result<(), Failure> {
    let mut server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    server.stop()?;
    let passwd = ["user", "passwd", "alice", "--password-stdin"];
    server.run(&passwd, &format!("{OTHER_PASSWORD}\n"))?;
    server.restart()?;
    proved(&server, OTHER_PASSWORD).map(drop)
}

#[test]
fn who_is_kept_out_neither_sends_nor_watches_nor_reads() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let (mut connection, _) = proved(&server, PASSWORD)?;
    let (watch, _) = alice.user.watch("bob")?;
    let reason = ["--reason", "the audit", "--block-for", "10m"];
    server.run(&[&["logoff", "alice"][..], &reason].concat(), "")?;

    let own = |method: &str| alice.user.request(method, "alice");
    let xml =
        |request: Request, body: String| request.header("Content-Type", "text/xml").body(body);
    let property = |name: &str| {
        format!(
            "<d:propertyupdate xmlns:d=\"DAV:\" xmlns:r=\"http://schemas.microsoft.com/rvp/\">\
             <d:set><d:prop><r:{name}>x</r:{name}></d:prop></d:set></d:propertyupdate>"
        )
    };
    let renew = |alias: &str, id: u32| {
        alice
            .user
            .request("SUBSCRIBE", alias)
            .header("Subscription-Id", id.to_string())
            .header("Subscription-Lifetime", "1200")
    };
    let say = alice
        .user
        .request("NOTIFY", "bob")
        .header("RVP-Ack-Type", "DeepOr")
        .header("RVP-Hop-Count", "1");
    let find = "<d:propfind xmlns:d=\"DAV:\"><d:prop><d:displayname/></d:prop></d:propfind>";
    let look = alice.user.request("PROPFIND", "bob").header("Depth", "0");
    let requests = [
        (
            "a message",
            xml(say, message(&alice.url(), &bob.url(), "hello")),
            412,
        ),
        ("a watch", alice.user.watch_request("bob"), 403),
        (
            "a sign-on",
            alice.user.sign_on_request(&alice.call_back.url(), 1200),
            403,
        ),
        ("a renewed sign-on", renew("alice", alice.login), 403),
        ("a renewed watch", renew("bob", watch), 403),
        ("reading", xml(look, find.to_owned()), 403),
        ("who watches", own("SUBSCRIPTIONS"), 403),
        ("the list", own("ACL"), 403),
        (
            "a state",
            xml(own("PROPPATCH"), state_update("online", 1200, None)),
            500,
        ),
        (
            "a property",
            xml(own("PROPPATCH"), property("mobile-description")),
            403,
        ),
        // Signing off is always in order.
        (
            "offline",
            xml(own("PROPPATCH"), state_update("offline", 1200, None)),
            207,
        ),
    ];
    for (what, request, status) in requests {
        let over_new = alice.user.send(&request)?;
        assert_eq!(over_new.status, status, "{what}: {}", over_new.text());
        let over_old = connection.send(&request)?;
        assert_eq!(over_old.status, status, "{what}: {}", over_old.text());
        if status != 207 {
            assert!(over_old.text().contains("the audit"), "{}", over_old.text());
        }
    }
    assert_eq!(alice.user.unsubscribe("bob", watch)?, 200);
    assert_eq!(bob.user.state_of("alice")?, "offline");
    Ok(())
}
