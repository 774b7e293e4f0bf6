//! The access list: reading it, and single entries that merge into it.

use tests::people::OnlineUser;
use tests::rvp_client::{NAMESPACES, Request};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

use crate::SOON;

/// A list with one entry, as librvp sends it.
fn entry(who: &str, credentials: &str, granted: &str, denied: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<a:rvpacl {NAMESPACES}><a:acl><a:inheritance>none</a:inheritance><a:ace>\
         <a:principal><a:rvp-principal>{who}</a:rvp-principal>{credentials}</a:principal>\
         <a:grant>{granted}</a:grant><a:deny>{denied}</a:deny></a:ace></a:acl></a:rvpacl>\n"
    )
}

const ANY_PROOF: &str = "<a:credentials><a:assertion/><a:digest/><a:ntlm/></a:credentials>";
const CONTACT: &str = "<a:send-to/><a:presence/>";

fn read(of: &OnlineUser) -> Result<String, Failure> {
    let answer = of
        .user
        .expect(200, &of.user.request("ACL", of.user.alias()))?;
    assert_client_can_read(&answer);
    Ok(answer.text())
}

/// Without `Content-Type`, as librvp sends it.
fn set(of: &OnlineUser, body: String) -> Request {
    of.user.request("ACL", of.user.alias()).body(body)
}

#[test]
fn the_list_is_read_in_its_documented_shape() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let list = read(&alice)?;
    assert!(list.contains("<a:rvpacl "), "{list}");
    assert!(
        list.contains("<a:acl><a:inheritance>none</a:inheritance><a:ace><a:principal>"),
        "{list}"
    );
    assert_eq!(
        list.matches("<a:ace>").count(),
        list.matches("<a:credentials>").count(),
        "{list}"
    );
    let owner = format!("<a:rvp-principal>{}</a:rvp-principal>", alice.url());
    assert!(list.contains(&owner), "the owner has no rights: {list}");
    Ok(())
}

#[test]
fn a_single_entry_merges() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.user("bob")?;
    let before = read(&alice)?;
    let grant = entry(&bob.url("bob"), ANY_PROOF, CONTACT, "");
    alice.user.expect(200, &set(&alice, grant))?;
    let after = read(&alice)?;
    assert!(after.contains(&bob.url("bob")), "{after}");
    assert_eq!(
        after.matches("<a:ace>").count(),
        before.matches("<a:ace>").count() + 1,
        "{after}"
    );
    // Had it replaced the list, the owner would have lost this right.
    let grant = entry(&bob.url("bob"), ANY_PROOF, "", CONTACT);
    alice.user.expect(200, &set(&alice, grant))?;
    let last = read(&alice)?;
    assert_eq!(
        last.matches("<a:ace>").count(),
        after.matches("<a:ace>").count(),
        "{last}"
    );
    Ok(())
}

#[test]
fn an_entry_without_credentials_is_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    for credentials in ["", "<a:credentials></a:credentials>"] {
        let body = entry(&alice.user.url("bob"), credentials, CONTACT, "");
        let answer = alice.user.send(&set(&alice, body))?;
        assert_eq!(answer.status, 400, "{credentials:?}");
        assert!(answer.text().contains("redentials"), "{}", answer.text());
    }
    Ok(())
}

#[test]
fn another_s_list_is_not_for_us() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    assert_eq!(
        alice.user.send(&alice.user.request("ACL", "bob"))?.status,
        403
    );
    let grant = alice
        .user
        .request("ACL", "bob")
        .body(entry(&alice.url(), ANY_PROOF, CONTACT, ""));
    assert_eq!(alice.user.send(&grant)?.status, 403);
    drop(bob);
    Ok(())
}

#[test]
fn who_is_blocked_sees_offline_and_cannot_send() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    bob.user.watch("alice")?;
    alice
        .user
        .expect(200, &set(&alice, entry(&bob.url(), ANY_PROOF, "", CONTACT)))?;
    bob.call_back.expect_state(SOON, &alice.url(), "offline")?;
    let refused = bob.user.say("alice", "let me in")?.status;
    assert!(matches!(refused, 403 | 412), "{refused}");
    alice.set_state("busy")?;
    let watch = bob.user.send(&bob.user.watch_request("alice"))?;
    assert!(
        watch.status == 403 || watch.text().contains("<r:offline/>"),
        "{}",
        watch.text()
    );

    alice
        .user
        .expect(200, &set(&alice, entry(&bob.url(), ANY_PROOF, CONTACT, "")))?;
    bob.call_back.expect_state(SOON, &alice.url(), "busy")?;
    assert_eq!(bob.user.say("alice", "thanks")?.status, 200);
    Ok(())
}

/// Clients send one entry a contact, all at once, when they sign on.
#[test]
fn entries_that_are_set_at_once_are_all_kept() -> Result<(), Failure> {
    const CONTACTS: usize = 24;
    let mut server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let me = alice.user.clone();
    let contact = |n: usize| me.url(&format!("contact{n}"));
    for round in 0..3 {
        let set_one = |n: usize| {
            let granted = if round % 2 == 0 { "" } else { CONTACT };
            let denied = if round % 2 == 0 { CONTACT } else { "" };
            let body = entry(&contact(n), ANY_PROOF, granted, denied);
            let set = me.request("ACL", me.alias()).body(body);
            me.expect(200, &set).map(drop)
        };
        std::thread::scope(|scope| {
            let requests: Vec<_> = (0..CONTACTS)
                .map(|n| {
                    let set_one = &set_one;
                    scope.spawn(move || set_one(n))
                })
                .collect();
            requests
                .into_iter()
                .try_for_each(|it| it.join().expect("a request"))
        })?;
        let list = read(&alice)?;
        for n in 0..CONTACTS {
            let who = format!("<a:rvp-principal>{}</a:rvp-principal>", contact(n));
            assert!(list.contains(&who), "round {round}: {who} is lost: {list}");
        }
        server.kill9()?;
        server.restart()?;
        assert_eq!(read(&alice)?, list, "round {round}: the disk says the same");
    }
    Ok(())
}
