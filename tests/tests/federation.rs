//! Two servers for two domains, which find each other by a name server on the loopback.

use std::time::Duration;

use tests::dns::NameServer;
use tests::librvp::Account;
use tests::people::{OnlineUser, PASSWORD, user_at};
use tests::rvp_client::{Connection, NAMESPACES, Request, Response, User, message};
use tests::server::Server;
use tests::{Deadline, Failure, assert_client_can_read, eventually};

/// For what should happen at once; generous for a loaded machine.
const SOON: Duration = Duration::from_secs(10);

/// What two servers of the test believe each other by: both stand on the loopback.
const LOOPBACK: &str = "\"127.0.0.0/8\"";

/// Two domains, `a.test` and `b.test`, which are peers.
struct Two {
    names: NameServer,
    a: Server,
    b: Server,
}

impl Two {
    fn start() -> Result<Self, Failure> {
        let names = NameServer::start()?;
        let a = Server::start_for("im.a.test", &peer(&names, "b.test", LOOPBACK))?;
        let b = Server::start_for("im.b.test", &peer(&names, "a.test", LOOPBACK))?;
        for (domain, server) in [("a.test", &a), ("b.test", &b)] {
            names.add_service(domain, &format!("im.{domain}"), server.rvp().port())?;
            names.add_address(&format!("im.{domain}"), "127.0.0.1")?;
        }
        Ok(Self { names, a, b })
    }
}

fn peer(names: &NameServer, domain: &str, networks: &str) -> String {
    format!(
        "[federation]\ndns = [\"{}\"]\n[[federation.peers]]\ndomain = \"{domain}\"\nnetworks = [{networks}]\n",
        names.address()
    )
}

/// The logical URL of a user in the name of their domain.
fn url(server: &Server, domain: &str, alias: &str) -> String {
    format!(
        "http://im.{domain}:{}/instmsg/aliases/{alias}",
        server.rvp().port()
    )
}

/// A watch of somebody elsewhere, as a client behind its own server sends it.
fn watch(user: &User, target: &str) -> Result<Response, Failure> {
    user.send(
        &user
            .request_to("SUBSCRIBE", target)
            .header("Notification-Type", "update/propchange")
            .header("Subscription-Lifetime", "14400")
            .header("Call-Back", user.url(user.alias())),
    )
}

fn say(user: &User, from: &str, to: &str, text: &str) -> Result<Response, Failure> {
    user.send(
        &user
            .request_to("NOTIFY", to)
            .header("Content-Type", "text/xml")
            .header("RVP-Hop-Count", "1")
            .header("RVP-Ack-Type", "DeepOr")
            .body(message(from, to, text)),
    )
}

#[test]
fn presence_and_messages_cross_between_domains() -> Result<(), Failure> {
    let two = Two::start()?;
    let mut alice = two.a.online_user("alice")?;
    let mut bob = two.b.online_user("bob")?;
    let alice_url = url(&two.a, "a.test", "alice");
    let bob_url = url(&two.b, "b.test", "Bob");

    // A watch: the other server's answer, in the letters of who asked.
    let watching = watch(&alice.user, &bob_url)?;
    assert_eq!(watching.status, 207, "{}", watching.text());
    assert_client_can_read(&watching);
    let body = watching.text();
    assert!(
        body.contains(&format!("<d:href>{bob_url}</d:href>")),
        "{body}"
    );
    assert!(body.contains("<r:state><r:online/></r:state>"), "{body}");
    let id = watching
        .header("Subscription-Id")
        .unwrap_or_default()
        .to_owned();

    // A change travels back, through three hands.
    bob.set_state("busy")?;
    let push = alice.call_back.expect_state(SOON, &bob_url, "busy")?;
    assert_eq!(push.header("RVP-Hop-Count"), Some("3"), "{}", push.head);

    // Bob sees who watches him, by their own domain.
    let watchers = bob.user.subscriptions("update/propchange")?;
    assert!(watchers.contains(&alice_url), "{watchers}");

    // A message and its answer.
    let said = say(&alice.user, &alice_url, &bob_url, "hello over there")?;
    assert_eq!(said.status, 200, "{}", said.text());
    let heard = bob
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("over there"))?;
    assert_eq!(heard.header("RVP-Hop-Count"), Some("3"), "{}", heard.head);
    assert_eq!(
        heard.header("RVP-From-Principal"),
        Some(&*alice_url),
        "{}",
        heard.head
    );
    let answered = say(
        &bob.user,
        &url(&two.b, "b.test", "bob"),
        &alice_url,
        "hello back",
    )?;
    assert_eq!(answered.status, 200, "{}", answered.text());
    alice
        .call_back
        .expect(SOON, "the answer", |it| it.text().contains("hello back"))?;

    // A renewal and the end, over there.
    let renewal = alice.user.request_to("SUBSCRIBE", &bob_url);
    let renewal = renewal
        .header("Subscription-Id", id.clone())
        .header("Subscription-Lifetime", "600");
    let renewed = alice.user.expect(200, &renewal)?;
    assert_eq!(renewed.header("Subscription-Lifetime"), Some("600"));
    let end = alice.user.request_to("UNSUBSCRIBE", &bob_url);
    alice.user.expect(200, &end.header("Subscription-Id", id))?;
    bob.set_state("away")?;
    assert!(
        !bob.user
            .subscriptions("update/propchange")?
            .contains("a.test"),
        "the watch has ended"
    );
    Ok(())
}

#[test]
fn real_clients_of_two_domains_meet() -> Result<(), Failure> {
    let two = Two::start()?;
    two.a.add_user("alice", PASSWORD)?;
    two.b.add_user("bob", PASSWORD)?;
    let mut alice = Account::new("alice", PASSWORD)
        .reaches("im.a.test", "b.test", "im.b.test")
        .knows(&["bob@b.test"])
        .start(two.a.rvp())?;
    alice.signed_on(SOON)?;
    let mut bob = Account::new("bob", PASSWORD)
        .reaches("im.b.test", "a.test", "im.a.test")
        .knows(&["alice@a.test"])
        .start(two.b.rvp())?;
    bob.signed_on(SOON)?;
    alice.sees(SOON, "bob@b.test", "online")?;
    bob.sees(SOON, "alice@a.test", "online")?;
    bob.set_state("busy")?;
    alice.sees(SOON, "bob@b.test", "busy")?;
    alice.send("bob@b.test", "hello over there")?;
    bob.hears(SOON, "alice", "hello over there")?;
    bob.send("alice@a.test", "and back")?;
    alice.hears(SOON, "bob", "and back")?;
    bob.quit()?;
    alice.sees(SOON, "bob@b.test", "offline")?;
    alice.quit()
}

#[test]
fn a_contact_of_another_domain_who_is_not_there_is_told_of_as_one_of_ours() -> Result<(), Failure> {
    let two = Two::start()?;
    let alice = two.a.online_user("alice")?;
    two.b.user("bob")?;
    let from = url(&two.a, "a.test", "alice");
    let to = |alias| url(&two.b, "b.test", alias);
    assert_eq!(
        say(&alice.user, &from, &to("bob"), "anyone?")?.status,
        412,
        "offline"
    );
    assert_eq!(
        say(&alice.user, &from, &to("nobody"), "anyone?")?.status,
        404,
        "unknown"
    );
    let found = alice.user.request_to("PROPFIND", &to("bob"));
    let found = found
        .header("Depth", "0")
        .header("Content-Type", "text/xml");
    let found = alice.user.expect(
        207,
        &found.body(format!(
            "<d:propfind {NAMESPACES}><d:prop><r:state/></d:prop></d:propfind>"
        )),
    )?;
    assert!(found.text().contains("<r:offline/>"), "{}", found.text());
    Ok(())
}

#[test]
fn a_watcher_elsewhere_is_told_when_their_server_is_back() -> Result<(), Failure> {
    let mut two = Two::start()?;
    let alice = two.a.online_user("alice")?;
    let bob = two.b.online_user("bob")?;
    let bob_url = url(&two.b, "b.test", "bob");
    assert_eq!(watch(&alice.user, &bob_url)?.status, 207);
    two.a.stop()?;
    bob.set_state("at-lunch")?;
    two.a.restart()?;
    let OnlineUser { mut call_back, .. } = alice;
    call_back.expect_state(Duration::from_secs(30), &bob_url, "at-lunch")?;
    Ok(())
}

#[test]
fn a_watch_from_elsewhere_survives_a_crash() -> Result<(), Failure> {
    let mut two = Two::start()?;
    let mut alice = two.a.online_user("alice")?;
    let bob = two.b.online_user("bob")?;
    let bob_url = url(&two.b, "b.test", "bob");
    assert_eq!(watch(&alice.user, &bob_url)?.status, 207);
    two.b.kill9()?;
    two.b.restart()?;
    bob.set_state("on-phone")?;
    alice.call_back.expect_state(SOON, &bob_url, "on-phone")?;
    Ok(())
}

#[test]
fn the_list_of_a_user_counts_for_who_comes_from_elsewhere() -> Result<(), Failure> {
    let two = Two::start()?;
    let mut alice = two.a.online_user("alice")?;
    let bob = two.b.online_user("bob")?;
    let alice_url = url(&two.a, "a.test", "alice");
    let bob_url = url(&two.b, "b.test", "bob");
    assert_eq!(watch(&alice.user, &bob_url)?.status, 207);

    let deny = format!(
        "<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance><a:ace><a:principal>\
         <a:rvp-principal>{alice_url}</a:rvp-principal><a:credentials><a:assertion/></a:credentials>\
         </a:principal><a:grant/><a:deny><a:send-to/><a:presence/></a:deny></a:ace></a:acl></a:rvpacl>"
    );
    bob.user
        .expect(200, &bob.user.request("ACL", "bob").body(deny))?;
    alice.call_back.expect_state(SOON, &bob_url, "offline")?;
    assert_eq!(
        say(&alice.user, &alice_url, &bob_url, "still there?")?.status,
        412
    );
    assert_eq!(watch(&alice.user, &bob_url)?.status, 403);

    // Who is not named is not meant.
    let carol = two.a.online_user("carol")?;
    assert_eq!(watch(&carol.user, &bob_url)?.status, 207);
    Ok(())
}

#[test]
fn nobody_speaks_for_a_domain_that_is_not_theirs() -> Result<(), Failure> {
    let two = Two::start()?;
    let alice = two.a.online_user("alice")?;
    let mut bob = two.b.online_user("bob")?;
    let bob_url = url(&two.b, "b.test", "bob");
    let b = two.b.rvp();
    let from_elsewhere = |principal: &str, from: &str| {
        let request = Request::new("NOTIFY", "/instmsg/aliases/bob")
            .header("Host", "im.b.test")
            .header("RVP-From-Principal", principal)
            .header("Content-Type", "text/xml")
            .body(message(from, &bob_url, "believe me"));
        Connection::open(b)?.send(&request)
    };
    let alice_url = url(&two.a, "a.test", "alice");
    let carol_url = url(&two.a, "a.test", "carol");
    // A server says who wrote a message, and the message says the same.
    assert_eq!(
        from_elsewhere(&alice_url, &alice_url)?.status,
        200,
        "the peer itself"
    );
    bob.call_back.expect(SOON, "the one message", |it| {
        it.text().contains("believe me")
    })?;
    for (principal, from, status) in [
        (&*alice_url, &*carol_url, 403),
        (&*alice_url, &*bob_url, 403),
        ("http://im.c.test/instmsg/aliases/eve", &*alice_url, 401),
        (
            "http://im.a.test.evil/instmsg/aliases/alice",
            &*alice_url,
            401,
        ),
        ("http://127.0.0.1/instmsg/aliases/alice", &*alice_url, 401),
    ] {
        assert_eq!(
            from_elsewhere(principal, from)?.status,
            status,
            "{principal} {from}"
        );
    }
    // A server that speaks for itself tells of its users' properties, and sends no messages.
    let own_word = Request::new("NOTIFY", "/instmsg/aliases/bob")
        .header("RVP-From-Principal", "im.a.test")
        .header("Content-Type", "text/xml");
    let said = own_word
        .clone()
        .body(message(&alice_url, &bob_url, "from nobody"));
    assert_eq!(
        Connection::open(b)?.send(&said)?.status,
        403,
        "a message has a sender"
    );
    let push = format!(
        "<r:notification {NAMESPACES}><r:propnotification><r:notification-from><r:contact>\
         <d:href>{alice_url}</d:href><r:description></r:description></r:contact>\
         </r:notification-from><r:notification-to><r:contact><d:href>{bob_url}</d:href>\
         <r:description></r:description></r:contact></r:notification-to><d:propertyupdate><d:set>\
         <d:prop><r:state><r:busy/></r:state></d:prop></d:set></d:propertyupdate>\
         </r:propnotification></r:notification>"
    );
    assert_eq!(
        Connection::open(b)?
            .send(&own_word.clone().body(push.clone()))?
            .status,
        200
    );
    bob.call_back.expect_state(SOON, &alice_url, "busy")?;
    let of_ours = push.replace(&alice_url, &bob_url);
    assert_eq!(
        Connection::open(b)?.send(&own_word.body(of_ours))?.status,
        403,
        "not of ours"
    );
    // One of ours does not speak for somebody elsewhere, nor has the server fetch what it likes.
    let mallory = two.b.online_user("alice")?;
    let told = mallory.user.send(
        &mallory
            .user
            .say_request("bob", message(&alice_url, &bob_url, "it is me")),
    )?;
    assert_eq!(told.status, 403, "{}", told.text());
    let elsewhere = alice.user.request_to("SUBSCRIBE", &bob_url);
    let elsewhere = elsewhere
        .header("Notification-Type", "update/propchange")
        .header("Call-Back", alice.call_back.url());
    assert_eq!(
        alice.user.send(&elsewhere)?.status,
        403,
        "no address of a client leaves"
    );
    // What a peer sends is not passed on to a third.
    let relay = Request::new("PROPFIND", &alice_url)
        .header("RVP-From-Principal", alice_url.clone())
        .header("Depth", "0");
    assert_eq!(
        Connection::open(b)?.send(&relay)?.status,
        403,
        "no relay for others"
    );
    let heard = |it: &tests::rvp_client::Received| it.text().contains("believe me");
    assert!(
        !bob.call_back.drain().iter().any(heard),
        "nothing else arrived"
    );
    Ok(())
}

#[test]
fn private_addresses_are_connected_only_where_the_configuration_says_so() -> Result<(), Failure> {
    let names = NameServer::start()?;
    let a = Server::start_for("im.a.test", &peer(&names, "b.test", ""))?;
    let alice = a.online_user("alice")?;
    // Whatever listens there must not be asked.
    let trap = tests::rvp_client::CallBack::listen()?;
    let port = trap
        .url()
        .rsplit(':')
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or(0);
    names.add_service("b.test", "im.b.test", port)?;
    names.add_address("im.b.test", "127.0.0.1")?;
    let bob_url = "http://im.b.test/instmsg/aliases/bob";
    let refused = watch(&alice.user, bob_url)?;
    assert_eq!(refused.status, 412);
    assert!(
        refused.text().contains("private address"),
        "{}",
        refused.text()
    );
    let mut trap = trap;
    assert!(trap.drain().is_empty(), "nothing was sent");

    // Nor is a server believed that is no server of the domain.
    let request = Request::new("PROPFIND", "/instmsg/aliases/alice")
        .header("RVP-From-Principal", bob_url)
        .header("Depth", "0");
    let stranger = Connection::open(a.rvp())?.send(&request)?;
    assert_eq!(stranger.status, 403);
    assert!(
        stranger.text().contains("is not a server of b.test"),
        "{}",
        stranger.text()
    );
    Ok(())
}

#[test]
fn a_domain_without_a_server_or_without_an_answer_is_said_to_be_so() -> Result<(), Failure> {
    let two = Two::start()?;
    let alice = two.a.online_user("alice")?;
    let b = two.b.rvp();
    drop(two.b);
    let from = url(&two.a, "a.test", "alice");
    let to = format!("http://im.b.test:{}/instmsg/aliases/bob", b.port());
    let started = Deadline::within(SOON);
    let gone = say(&alice.user, &from, &to, "anyone?")?;
    assert_eq!(gone.status, 412);
    assert!(gone.text().contains("does not answer"), "{}", gone.text());
    assert!(!started.left().is_zero(), "at once");

    // Domains that nobody named are none of ours to look for: they are read as this server.
    let config = peer(&two.names, "c.test", LOOPBACK);
    let c = Server::start_for("im.a.test", &config)?;
    c.add_user("alice", PASSWORD)?;
    let alice = user_at(c.rvp(), "alice");
    let nowhere = eventually(SOON, "an answer", || {
        watch(&alice, "http://im.c.test/instmsg/aliases/bob").map(Some)
    })?;
    assert_eq!(nowhere.status, 412);
    assert!(
        nowhere.text().contains("names no server"),
        "{}",
        nowhere.text()
    );
    Ok(())
}

#[test]
fn the_doctor_looks_for_the_servers_of_peers() -> Result<(), Failure> {
    let names = NameServer::start()?;
    let a = Server::start_for("im.a.test", &peer(&names, "b.test", ""))?;
    names.add_service("b.test", "im.b.test", 80)?;
    names.add_address("im.b.test", "10.1.2.3")?;
    let said = a.cli(&["doctor"], "")?;
    let said = String::from_utf8_lossy(&said.stdout);
    assert!(
        said.contains("add 10.1.2.3 to networks of that peer"),
        "{said}"
    );
    Ok(())
}
