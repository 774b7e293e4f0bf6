//! 5.7.1: each right, by the request that needs it.

use tests::people::OnlineUser;
use tests::rvp_client::{NAMESPACES, Request, state_update};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

use crate::s5_7_acl::{ALL, ANY, ace, named, set};
use crate::{SOON, heard_before, patch, propstat};

const EVERY_RIGHT: &str = "list read write send-to receive-from readacl writeacl presence subscriptions \
                           subscribe-others";
const NOTE: &str = "<d:set><d:prop><x:note xmlns:x=\"urn:x\">n</x:note></d:prop></d:set>";

fn find(who: &OnlineUser, what: &str) -> Request {
    who.user
        .request("PROPFIND", "bob")
        .header("Depth", "0")
        .header("Content-Type", "text/xml")
        .body(format!("<d:propfind {NAMESPACES}>{what}</d:propfind>"))
}

/// A right, the request that needs it, and its status with the right and without it.
fn table(who: &OnlineUser) -> Vec<(&'static str, Request, u16, u16)> {
    let user = &who.user;
    let harmless = ace(&named(&user.url("nobody")), ANY, "presence", "");
    let acl = format!("<a:rvpacl {NAMESPACES}><a:acl>{harmless}</a:acl></a:rvpacl>");
    let body = tests::rvp_client::message(&who.url(), &user.url("bob"), "hello");
    vec![
        ("list", find(who, "<d:propname/>"), 207, 403),
        ("read", find(who, "<d:allprop/>"), 207, 403),
        ("write", patch(user, "bob", NOTE), 207, 403),
        ("send-to", user.say_request("bob", body), 200, 412),
        ("readacl", user.request("ACL", "bob"), 200, 403),
        ("writeacl", user.request("ACL", "bob").body(acl), 200, 403),
        ("presence", user.watch_request("bob"), 207, 403),
        (
            "subscriptions",
            user.request("SUBSCRIPTIONS", "bob"),
            200,
            403,
        ),
    ]
}

#[test]
fn s5_7_1_each_right_opens_what_it_names_and_nothing_else() -> Result<(), Failure> {
    let server = Server::start("")?;
    let carol = server.online_user("carol")?;
    let bob = server.online_user("bob")?;
    let her = named(&carol.url());
    for (right, ..) in table(&carol) {
        let alone = ace(ALL, ANY, "", EVERY_RIGHT) + &ace(&her, ANY, "", EVERY_RIGHT);
        assert_eq!(set(&bob, &alone)?, 200);
        assert_eq!(set(&bob, &ace(&her, ANY, right, ""))?, 200);
        for (needed, request, with, without) in table(&carol) {
            let answer = carol.user.send(&request)?;
            let expected = if needed == right { with } else { without };
            assert_eq!(
                answer.status,
                expected,
                "who has {right} asks for what needs {needed}: {}",
                answer.text()
            );
        }
    }
    Ok(())
}

#[test]
fn s5_7_1_all_is_every_right() -> Result<(), Failure> {
    let server = Server::start("")?;
    let carol = server.online_user("carol")?;
    let bob = server.online_user("bob")?;
    assert_eq!(set(&bob, &ace(&named(&carol.url()), ANY, "all", ""))?, 200);
    for (right, request, with, _) in table(&carol) {
        let answer = carol.user.send(&request)?;
        assert_eq!(answer.status, with, "{right}: {}", answer.text());
    }
    Ok(())
}

#[test]
fn s5_7_1_rights_of_webdav_alone_are_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let her = named(&bob.user.url("alice"));
    for right in ["writeowner", "delete", "createchild", "deletechild"] {
        assert_eq!(set(&bob, &ace(&her, ANY, right, ""))?, 400, "{right}");
    }
    Ok(())
}

#[test]
fn s5_7_1_presence_shows_the_state_and_read_the_rest() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut carol = server.online_user("carol")?;
    let bob = server.online_user("bob")?;
    let her = named(&carol.url());
    assert_eq!(set(&bob, &ace(&her, ANY, "presence", "read"))?, 200);
    let (_, answer) = carol.user.watch("bob")?;
    assert_client_can_read(&answer);
    let body = answer.text();
    assert!(body.contains("<r:state><r:online/></r:state>"), "{body}");
    assert!(!body.contains("displayname"), "{body}");
    let both = carol
        .user
        .find("bob", "<d:prop><r:state/><d:displayname/></d:prop>")?;
    assert!(propstat(&both, 200).contains("<r:online/>"));
    assert!(propstat(&both, 403).contains("displayname"));
    assert!(!both.text().contains(">bob<"), "{}", both.text());
    bob.user.expect(207, &patch(&bob.user, "bob", NOTE))?;
    bob.set_state("busy")?;
    let heard = heard_before(&bob.user, "carol", &mut carol.call_back)?;
    assert!(heard.iter().all(|it| !it.contains("note")), "{heard:?}");

    assert_eq!(set(&bob, &ace(&her, ANY, "read", "presence"))?, 200);
    let both = carol
        .user
        .find("bob", "<d:prop><r:state/><d:displayname/></d:prop>")?;
    assert!(propstat(&both, 200).contains("<r:offline/>"));
    assert!(propstat(&both, 200).contains("<d:displayname>bob<"));
    carol
        .call_back
        .expect_state(SOON, &bob.url(), "offline")
        .map(drop)
}

#[test]
fn s5_7_1_who_may_write_still_has_no_say_in_the_state() -> Result<(), Failure> {
    let server = Server::start("")?;
    let carol = server.online_user("carol")?;
    let bob = server.online_user("bob")?;
    let request = carol
        .user
        .request("PROPPATCH", "bob")
        .header("Content-Type", "text/xml")
        .body(state_update("busy", 1200, Some(bob.view)));
    carol.user.expect(403, &request)?;
    assert_eq!(
        set(&bob, &ace(&named(&carol.url()), ANY, "write", ""))?,
        200
    );
    carol.user.expect(207, &patch(&carol.user, "bob", NOTE))?;
    let kept = bob
        .user
        .find("bob", "<d:prop><x:note xmlns:x=\"urn:x\"/></d:prop>")?;
    assert!(propstat(&kept, 200).contains("note"), "{}", kept.text());
    let answer = carol.user.expect(207, &request)?;
    assert!(propstat(&answer, 403).contains("r:state"));
    assert_eq!(bob.user.state_of("bob")?, "online");
    Ok(())
}
