//! One server has many names, and a list that names it by any of them counts.

use tests::people::OnlineUser;
use tests::rvp_client::{NAMESPACES, Request};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

use crate::SOON;

const CREDENTIALS: &str = "<a:credentials><a:assertion/><a:digest/><a:ntlm/></a:credentials>";

fn entry(who: &str, granted: &str, denied: &str) -> String {
    format!(
        "<a:ace><a:principal><a:rvp-principal>{who}</a:rvp-principal>{CREDENTIALS}</a:principal>\
         <a:grant>{granted}</a:grant><a:deny>{denied}</a:deny></a:ace>"
    )
}

fn set(of: &OnlineUser, entries: &str) -> Request {
    of.user.request("ACL", of.user.alias()).body(format!(
        "<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance>{entries}</a:acl></a:rvpacl>"
    ))
}

fn read(of: &OnlineUser) -> Result<String, Failure> {
    let answer = of
        .user
        .expect(200, &of.user.request("ACL", of.user.alias()))?;
    assert_client_can_read(&answer);
    Ok(answer.text())
}

const CONTACT: &str = "<a:send-to/><a:presence/>";

fn named() -> Result<Server, Failure> {
    Server::start_for(
        "im.example.test",
        "nt_domain = \"EXAMPLE\"\nnames = [\"chat.other.test\", \"nat.test:18080\"]\n\
         [federation]\ndns = [\"127.0.0.1:9\"]\n[[federation.peers]]\ndomain = \"b.test\"\n",
    )
}

/// By every name of the server a block holds, stands in the list once, and survives a crash.
#[test]
fn a_block_by_any_name_of_the_server_holds() -> Result<(), Failure> {
    let mut server = named()?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    bob.user.watch("alice")?;
    let port = server.rvp().port();
    let mut entries = 0;
    for host in [
        "im.example.test".to_owned(),
        format!("im.example.test:{port}"),
        "IM.Example.test.:80".to_owned(),
        "example.test".to_owned(),
        format!("example:{port}"),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{port}"),
        "chat.other.test".to_owned(),
        "nat.test:18080".to_owned(),
    ] {
        let url = format!("http://{host}/instmsg/aliases/bob");
        alice
            .user
            .expect(200, &set(&alice, &entry(&url, "", CONTACT)))?;
        bob.call_back.expect_state(SOON, &alice.url(), "offline")?;
        assert_eq!(bob.user.say("alice", "let me in")?.status, 412, "{host}");
        let list = read(&alice)?;
        // In the reader's own spelling, and never twice.
        assert!(list.contains(&alice.user.url("bob")), "{host}: {list}");
        let count = list.matches("<a:ace>").count();
        assert!(entries == 0 || count == entries, "{host}: {list}");
        entries = count;
        alice
            .user
            .expect(200, &set(&alice, &entry(&bob.url(), CONTACT, "")))?;
        bob.call_back.expect_state(SOON, &alice.url(), "online")?;
    }
    let mail = "http://example.test/instmsg/aliases/bob";
    alice
        .user
        .expect(200, &set(&alice, &entry(mail, "", CONTACT)))?;
    server.kill9()?;
    server.restart()?;
    assert_eq!(
        bob.user.say("alice", "and now?")?.status,
        412,
        "after a crash"
    );
    Ok(())
}

#[test]
fn two_names_of_one_user_are_one_entry() -> Result<(), Failure> {
    let server = named()?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let both = entry("http://example.test/instmsg/aliases/bob", CONTACT, "")
        + &entry("http://localhost:80/instmsg/aliases/Bob/", "", CONTACT);
    alice.user.expect(200, &set(&alice, &both))?;
    let list = read(&alice)?;
    assert_eq!(
        list.to_lowercase().matches("/aliases/bob<").count(),
        1,
        "{list}"
    );
    assert_eq!(
        bob.user.say("alice", "let me in")?.status,
        412,
        "the last word counts"
    );
    Ok(())
}

#[test]
fn an_entry_that_could_never_count_is_refused() -> Result<(), Failure> {
    let server = named()?;
    let alice = server.online_user("alice")?;
    let before = read(&alice)?;
    for stranger in [
        "http://evil.example.net/instmsg/aliases/bob",
        "http://im.example.test:81/instmsg/aliases/bob",
        "http://nat.test/instmsg/aliases/bob",
        "http://192.0.2.1/instmsg/aliases/bob",
        "evil.example.net",
        "bob",
    ] {
        let two = entry(&alice.user.url("bob"), "", CONTACT) + &entry(stranger, "", CONTACT);
        let answer = alice.user.send(&set(&alice, &two))?;
        assert!(
            matches!(answer.status, 400 | 403),
            "{stranger}: {}",
            answer.status
        );
        assert!(answer.text().contains(stranger), "{}", answer.text());
        assert_eq!(read(&alice)?, before, "{stranger}: nothing of it was taken");
    }
    for known in [
        "http://im.b.test/instmsg/aliases/bob",
        "http://b.test:8080/instmsg/aliases/carol",
        "b.test",
        "EXAMPLE",
    ] {
        alice
            .user
            .expect(200, &set(&alice, &entry(known, "", CONTACT)))?;
    }
    // The administrator's order is the same list.
    let refused = server.refused(&[
        "user",
        "privacy",
        "alice",
        "block",
        "http://evil.example.net/instmsg/aliases/bob",
    ])?;
    assert!(refused.contains("evil.example.net"), "{refused}");
    Ok(())
}

/// A client's own spelling of the server is the server, for that client.
#[test]
fn who_calls_the_server_otherwise_blocks_by_that_name() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let odd = "http://odd.example.net/instmsg/aliases";
    let as_odd = |request: Request| {
        request
            .header("Host", "odd.example.net")
            .header("RVP-From-Principal", format!("{odd}/alice"))
    };
    let body = format!(
        "<a:rvpacl {NAMESPACES}><a:acl>{}</a:acl></a:rvpacl>",
        entry(&format!("{odd}/bob"), "", CONTACT)
    );
    let path = "/instmsg/aliases/alice";
    alice
        .user
        .expect(200, &as_odd(Request::new("ACL", path).body(body)))?;
    assert_eq!(bob.user.say("alice", "let me in")?.status, 412);
    let list = alice.user.expect(200, &as_odd(Request::new("ACL", path)))?;
    assert!(
        list.text().contains(&format!("{odd}/bob")),
        "{}",
        list.text()
    );
    assert!(read(&alice)?.contains(&bob.url()), "for others in theirs");
    Ok(())
}

#[test]
fn what_a_request_line_names_is_served_here_or_refused() -> Result<(), Failure> {
    let server = named()?;
    let alice = server.user("alice")?;
    let ask = |target: &str| {
        let request = alice.request_to("SUBSCRIPTIONS", target);
        Ok::<_, Failure>(alice.send(&request)?.status)
    };
    for ours in [
        "im.example.test",
        "example.test",
        "LOCALHOST",
        "chat.other.test:99",
    ] {
        assert_eq!(
            ask(&format!("http://{ours}/instmsg/aliases/alice"))?,
            200,
            "{ours}"
        );
        let physical = format!("/instmsg/local/{ours}/instmsg/aliases/alice");
        assert_eq!(ask(&physical)?, 200, "{ours}");
    }
    for stranger in ["evil.example.net", "192.0.2.1:8080"] {
        assert_eq!(
            ask(&format!("http://{stranger}/instmsg/aliases/alice"))?,
            403
        );
        let physical = format!("/instmsg/local/{stranger}/instmsg/aliases/alice");
        assert_eq!(ask(&physical)?, 403);
    }
    Ok(())
}
