//! Challenges and Digest.

use tests::people::PASSWORD;
use tests::rvp_client::{Challenge, Connection, Credentials, Request, User};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

fn subscriptions(server: &Server) -> Request {
    User::new(server.rvp(), "alice", PASSWORD).request("SUBSCRIPTIONS", "alice")
}

/// Takes a fresh challenge and answers it with the header that `answer` makes.
fn status_for(server: &Server, answer: impl FnOnce(&Challenge) -> String) -> Result<u16, Failure> {
    let mut connection = Connection::open(server.rvp())?;
    let request = subscriptions(server);
    let first = connection.send(&request)?;
    assert_eq!(first.status, 401, "{}", first.head);
    let challenge = Challenge::of(&first).expect("a Digest challenge");
    Ok(connection
        .send(&request.header("Authorization", answer(&challenge)))?
        .status)
}

fn credentials(name: &str, password: &str) -> Credentials {
    Credentials {
        name: name.to_owned(),
        password: password.to_owned(),
    }
}

const PATH: &str = "/instmsg/aliases/alice";

#[test]
fn the_challenges_are_ones_that_every_client_survives() -> Result<(), Failure> {
    for (schemes, kinds) in [
        ("[\"digest\"]", vec!["Digest"]),
        ("[\"ntlm\"]", vec!["NTLM"]),
        ("[\"digest\", \"ntlm\"]", vec!["Digest", "NTLM"]),
        // The order in the file must not matter: librvp fails on NTLM first.
        ("[\"ntlm\", \"digest\"]", vec!["Digest", "NTLM"]),
    ] {
        let server = Server::start(&format!("[auth]\nschemes = {schemes}\n"))?;
        let answer = Connection::open(server.rvp())?.send(&subscriptions(&server))?;
        assert_eq!(answer.status, 401);
        assert_client_can_read(&answer);
        assert_eq!(
            answer.header("RVP-Notifications-Version"),
            Some("0.2"),
            "{}",
            answer.head
        );
        let challenges = answer.all("WWW-Authenticate");
        let found: Vec<_> = challenges
            .iter()
            .map(|it| it.split(' ').next().unwrap_or_default())
            .collect();
        assert_eq!(found, kinds, "for {schemes}");
        for challenge in challenges {
            if challenge.starts_with("NTLM") {
                assert_eq!(challenge, "NTLM", "compared for equality by all clients");
            } else {
                assert!(
                    challenge.contains("qop=\"auth\""),
                    "librvp crashes on others: {challenge}"
                );
                assert!(
                    challenge.ends_with("stale=false"),
                    "librvp reads on past it: {challenge}"
                );
                let realm = Challenge::of(&answer).expect("a Digest challenge").realm;
                assert!(!realm.contains(','), "librvp splits at commas: {challenge}");
            }
        }
    }
    Ok(())
}

#[test]
fn without_a_version_the_later_one_is_answered() -> Result<(), Failure> {
    let server = Server::start("")?;
    let answer = Connection::open(server.rvp())?.send(&Request::new("SUBSCRIPTIONS", PATH))?;
    assert_eq!(
        answer.header("RVP-Notifications-Version"),
        Some("1.0"),
        "{}",
        answer.head
    );
    Ok(())
}

#[test]
fn digest_is_accepted_in_every_spelling_clients_use() -> Result<(), Failure> {
    let server = Server::start("nt_domain = \"EXAMPLE\"\n")?;
    server.add_user("alice", PASSWORD)?;
    for name in [
        "alice",
        "EXAMPLE\\alice",
        "EXAMPLE/alice",
        "alice@127.0.0.1",
        "Alice",
    ] {
        let who = credentials(name, PASSWORD);
        let status = status_for(&server, |it| {
            who.authorization(it, "SUBSCRIPTIONS", PATH, 1)
        })?;
        assert_eq!(status, 200, "as {name}");
    }
    let who = credentials("alice", PASSWORD);
    let quoted = status_for(&server, |it| {
        who.authorization_all_quoted(it, "SUBSCRIPTIONS", PATH)
    })?;
    assert_eq!(quoted, 200, "with nc in quotes, as Miranda writes it");
    Ok(())
}

#[test]
fn one_nonce_serves_a_second_request() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    let mut connection = Connection::open(server.rvp())?;
    let request = subscriptions(&server);
    let challenge = Challenge::of(&connection.send(&request)?).expect("a Digest challenge");
    let who = credentials("alice", PASSWORD);
    for count in [1, 2] {
        let proof = who.authorization(&challenge, "SUBSCRIPTIONS", PATH, count);
        let answer = connection.send(&request.clone().header("Authorization", proof))?;
        assert_eq!(answer.status, 200, "with nc={count}");
    }
    Ok(())
}

#[test]
fn false_digests_are_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    server.add_user("alice", PASSWORD)?;
    server.add_user("carol", PASSWORD)?;
    server.run(&["user", "disable", "carol"], "")?;

    let wrong = credentials("alice", "guessed");
    let unknown = credentials("nobody", PASSWORD);
    let disabled = credentials("carol", PASSWORD);
    let right = credentials("alice", PASSWORD);
    for who in [&wrong, &unknown, &disabled] {
        let status = status_for(&server, |it| {
            who.authorization(it, "SUBSCRIPTIONS", PATH, 1)
        })?;
        assert!(matches!(status, 401 | 403), "{} got {status}", who.name);
    }
    let other_method = status_for(&server, |it| right.authorization(it, "NOTIFY", PATH, 1))?;
    assert!(
        matches!(other_method, 400 | 401),
        "for another method: {other_method}"
    );
    let other_target = status_for(&server, |it| {
        right.authorization(it, "SUBSCRIPTIONS", "/instmsg/aliases/bob", 1)
    })?;
    assert!(
        matches!(other_target, 400 | 401),
        "for another target: {other_target}"
    );
    let made_up = status_for(&server, |it| {
        let foreign = Challenge {
            nonce: "abcdefabcdefabcdef".to_owned(),
            ..it.clone()
        };
        right.authorization(&foreign, "SUBSCRIPTIONS", PATH, 1)
    })?;
    assert_eq!(made_up, 401, "with a nonce the server never gave");
    for garbage in [
        "Digest",
        "Digest ,,,=",
        "Digest username=\"alice",
        "Bearer x",
        "",
        "NTLM ?",
    ] {
        let status = status_for(&server, |_| garbage.to_owned())?;
        assert!(matches!(status, 400 | 401), "{garbage:?} got {status}");
    }
    Ok(())
}

#[test]
fn nobody_acts_for_another() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;

    let as_bob = alice
        .user
        .request("PROPPATCH", "bob")
        .header("Content-Type", "text/xml");
    let body = tests::rvp_client::state_update("busy", 1200, None);
    assert_eq!(alice.user.send(&as_bob.body(body))?.status, 403);
    assert_eq!(alice.user.state_of("bob")?, "online");

    let login = alice
        .user
        .request("SUBSCRIBE", "bob")
        .header("Notification-Type", "pragma/notify");
    let login = login
        .header("Call-Back", alice.call_back.url())
        .header("Subscription-Lifetime", "1200");
    assert_eq!(alice.user.send(&login)?.status, 403, "a login for another");

    let status = alice.user.unsubscribe("bob", bob.login)?;
    assert!(
        matches!(status, 403 | 412),
        "ending another's login: {status}"
    );
    assert_eq!(alice.user.say("bob", "are you still there?")?.status, 200);

    let forged = tests::rvp_client::message(&bob.url(), &alice.url(), "I am bob");
    let request = Request::new("NOTIFY", PATH)
        .header("Host", "127.0.0.1")
        .header("RVP-From-Principal", bob.url())
        .header("RVP-Ack-Type", "DeepOr")
        .header("RVP-Hop-Count", "1")
        .header("Content-Type", "text/xml")
        .body(forged);
    let carol = server.online_user("carol")?;
    assert_eq!(
        carol.user.send(&request)?.status,
        403,
        "a message in another's name"
    );
    Ok(())
}
