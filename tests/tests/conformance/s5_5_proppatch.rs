//! 5.5 PROPPATCH: properties and their leases.

use tests::rvp_client::{CallBack, Request};
use tests::server::Server;
use tests::{Failure, assert_client_can_read, eventually};

use crate::{SHORT, SOON, patch, propstat, set};

const MOOD: &str = "<d:prop><x:mood xmlns:x=\"urn:x\"/></d:prop>";

fn mood(text: &str) -> String {
    set(&format!("<x:mood xmlns:x=\"urn:x\">{text}</x:mood>"))
}

fn leased_mood(value: &str, default: &str, seconds: u32) -> String {
    mood(&format!(
        "<r:leased-value><r:value>{value}</r:value><r:default-value>{default}</r:default-value>\
         <d:timeout>{seconds}</d:timeout></r:leased-value>"
    ))
}

#[test]
fn s5_5_a_property_is_kept_told_and_removed() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    for (written, found) in [
        ("sunny &amp; warm", ">sunny &amp; warm<"),
        ("<x:a>1</x:a>\n <x:b/>", "1<"),
    ] {
        let answer = bob
            .user
            .expect(207, &patch(&bob.user, "bob", &mood(written)))?;
        assert_client_can_read(&answer);
        assert!(propstat(&answer, 200).contains("mood"), "{}", answer.text());
        let seen = alice.user.find("bob", MOOD)?;
        assert!(propstat(&seen, 200).contains(found), "{}", seen.text());
        alice.call_back.expect(SOON, "the push", |it| {
            it.text().contains("mood") && it.text().contains(found)
        })?;
    }
    let remove = "<d:remove><d:prop><x:mood xmlns:x=\"urn:x\"/></d:prop></d:remove>";
    bob.user.expect(207, &patch(&bob.user, "bob", remove))?;
    let gone = alice.user.find("bob", MOOD)?;
    assert!(propstat(&gone, 404).contains("mood"), "{}", gone.text());
    Ok(())
}

#[test]
fn s5_5_each_property_of_a_request_has_its_own_result() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    // What the server keeps itself cannot be set, and a state cannot be removed.
    let what = format!(
        "{}{}<d:remove><d:prop><r:state/></d:prop></d:remove>",
        mood("fine"),
        set("<d:displayname>Somebody Else</d:displayname><r:mobile-state>1</r:mobile-state>"),
    );
    let answer = bob.user.expect(207, &patch(&bob.user, "bob", &what))?;
    assert_client_can_read(&answer);
    let (done, refused) = (propstat(&answer, 200), propstat(&answer, 403));
    for name in ["mood", "mobile-state"] {
        assert!(done.contains(name), "{name} is missing in {done}");
    }
    for name in ["displayname", "r:state"] {
        assert!(refused.contains(name), "{name} is missing in {refused}");
    }
    let seen = bob.user.find("bob", "<d:allprop/>")?.text();
    assert!(!seen.contains("Somebody Else"), "{seen}");
    assert!(
        seen.contains("<r:mobile-state>1</r:mobile-state>"),
        "{seen}"
    );
    assert_eq!(bob.user.state_of("bob")?, "online");
    Ok(())
}

#[test]
fn s5_5_any_property_can_be_leased() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let lease = leased_mood("in a hurry", "calm", 1);
    bob.user.expect(207, &patch(&bob.user, "bob", &lease))?;
    for value in [">in a hurry<", ">calm<"] {
        alice
            .call_back
            .expect(SOON, value, |it| it.text().contains(value))?;
    }
    let seen = alice.user.find("bob", MOOD)?;
    assert!(propstat(&seen, 200).contains(">calm<"), "{}", seen.text());
    Ok(())
}

#[test]
fn s5_5_a_state_falls_back_to_the_default_it_names() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let lease = set(
        "<r:state><r:leased-value><r:value><r:on-phone/></r:value><r:default-value><r:away/>\
         </r:default-value><d:timeout>1</d:timeout></r:leased-value></r:state>",
    );
    bob.user.expect(207, &patch(&bob.user, "bob", &lease))?;
    for state in ["on-phone", "away"] {
        alice.call_back.expect_state(SOON, &bob.url(), state)?;
    }
    Ok(())
}

#[test]
fn s5_5_a_lease_that_is_too_long_is_cut() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let request = bob
        .user
        .set_state_request("busy", 1_000_000, Some(bob.view));
    let answer = bob.user.expect(207, &request)?.text();
    assert!(answer.contains("<d:timeout>14400</d:timeout>"), "{answer}");
    Ok(())
}

#[test]
fn s5_5_a_node_keeps_so_much_and_no_more() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let many: String = (0..80)
        .map(|number| format!("<x:p{number} xmlns:x=\"urn:x\">v</x:p{number}>"))
        .collect();
    let answer = bob
        .user
        .expect(207, &patch(&bob.user, "bob", &set(&many)))?;
    let (kept, refused) = (propstat(&answer, 200), propstat(&answer, 403));
    assert_eq!(kept.matches("<x:p").count(), 64, "{kept}");
    assert!(refused.contains("<x:p79"), "{refused}");

    let large = "x".repeat(20_000);
    for value in [large.clone(), format!("<x:y>{large}</x:y>")] {
        let refused = bob
            .user
            .expect(400, &patch(&bob.user, "bob", &mood(&value)))?;
        assert!(refused.text().contains("larger"), "{}", refused.text());
    }
    Ok(())
}

#[test]
fn s5_5_1_example() -> Result<(), Failure> {
    let server = Server::start("")?;
    let stevem = server.user("stevem")?;
    let mut alice = server.online_user("alice")?;
    alice.user.watch("stevem")?;
    let call_back = CallBack::listen()?;
    stevem.sign_on(&call_back.url(), 14_400)?;
    // As printed: the root is opened by one name and closed by another.
    let body = "<?xml version=\"1.0\"?>\n<D:propupdate xmlns:D=\"DAV:\"\nxmlns:Z=\"http://schemas.microsoft.com/rvp/\">\n\
        \x20    <D:set>\n          <D:prop>\n               <Z:state>\n                    <Z:leased-value>\n\
        \x20                        <Z:value>\n                              <Z:online/>\n                         </Z:value>\n\
        \x20                        <Z:default-value>\n                              <Z:offline/>\n\
        \x20                        </Z:default-value>\n                         <Z:timeout>3600</Z:timeout>\n\
        \x20                   </Z:leased-value>\n               </Z:state>\n          </D:prop>\n     </D:set>\n\
        </D:propertyupdate>\n";
    let request = Request::new("PROPPATCH", "/instmsg/aliases/stevem")
        .header("Host", "im.example.com")
        .header("RVP-Notifications-Version", "1.0")
        .header(
            "RVP-From-Principal",
            "http://im.example.com/instmsg/aliases/stevem",
        )
        .header("Content-Type", "text/xml")
        .body(body);
    let answer = stevem.expect(207, &request)?;
    assert_client_can_read(&answer);
    let expected = "<d:response><d:href>http://im.example.com/instmsg/aliases/stevem</d:href><d:propstat><d:prop>\
                    <r:state><r:leased-value><r:value><r:online/></r:value><r:default-value><r:offline/>\
                    </r:default-value><d:timeout>3600</d:timeout></r:leased-value><r:view-id>";
    assert!(answer.text().contains(expected), "{}", answer.text());
    alice
        .call_back
        .expect_state(SOON, &alice.user.url("stevem"), "online")
        .map(drop)
}

#[test]
fn s5_5_2_a_refresh_in_time_tells_nobody() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    bob.set_state("online")?;
    bob.user.set_state("online", 14_400, None)?;
    let heard = heard(&bob, &mut alice)?;
    assert!(heard.is_empty(), "{heard:?}");
    Ok(())
}

fn heard(
    sender: &tests::people::OnlineUser,
    listener: &mut tests::people::OnlineUser,
) -> Result<Vec<String>, Failure> {
    crate::heard_before(&sender.user, "alice", &mut listener.call_back)
}

#[test]
fn s5_5_2_a_crash_is_seen_when_the_lease_ends() -> Result<(), Failure> {
    let server = Server::start(SHORT)?;
    let alice = server.online_user("alice")?;
    let bob = server.user("bob")?;
    let call_back = CallBack::listen()?;
    bob.sign_on(&call_back.url(), 1200)?;
    bob.set_state("online", 1, None)?;
    eventually(SOON, "bob offline", || {
        Ok((alice.user.state_of("bob")? == "offline").then_some(()))
    })
}
