//! 5.4 PROPFIND.

use tests::rvp_client::Request;
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

use crate::propstat;

#[test]
fn s5_4_names_can_be_asked_for_without_values() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let answer = alice.user.find("alice", "<d:propname/>")?;
    assert_eq!(answer.status, 207, "{}", answer.text());
    assert_client_can_read(&answer);
    let names = propstat(&answer, 200);
    for name in [
        "r:state",
        "d:displayname",
        "r:email",
        "r:mobile-state",
        "r:mobile-description",
    ] {
        assert!(
            names.contains(&format!("<{name}></{name}>")) || names.contains(&format!("<{name}/>")),
            "{name} is missing or has a value: {names}"
        );
    }
    Ok(())
}

#[test]
fn s5_4_at_least_one_property_is_named() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    for nothing in ["", "<d:prop></d:prop>", "<d:displayname/>"] {
        let answer = alice.user.find("alice", nothing)?;
        assert_eq!(answer.status, 400, "{nothing:?}: {}", answer.text());
    }
    Ok(())
}

#[test]
fn s5_4_an_error_is_said_of_the_property_it_is_about() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let asked = "<d:prop><d:getetag/><r:state/><r:no-such/></d:prop>";
    let answer = alice.user.find("alice", asked)?;
    assert_eq!(answer.status, 207);
    assert!(propstat(&answer, 200).contains("<r:state><r:online/></r:state>"));
    let missing = propstat(&answer, 404);
    for name in ["d:getetag", "r:no-such"] {
        assert!(missing.contains(name), "{name} is missing in {missing}");
    }
    assert!(!missing.contains("r:state"), "{missing}");

    let answer = alice.user.find("alice", "<d:prop><r:no-such/></d:prop>")?;
    assert_eq!(answer.text().matches("<d:propstat>").count(), 1);
    assert!(propstat(&answer, 404).contains("no-such"));
    Ok(())
}

#[test]
fn s5_4_the_state_is_that_of_now() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    for state in ["busy", "at-lunch", "offline"] {
        bob.set_state(state)?;
        assert_eq!(alice.user.state_of("bob")?, state);
    }
    Ok(())
}

#[test]
fn s5_4_1_example() -> Result<(), Failure> {
    let server = Server::start("")?;
    let add = ["user", "add", "stevem", "--display-name", "Steve Morgan"];
    let arguments = [&add[..], &["--password-stdin"]].concat();
    server.run(&arguments, &format!("{}\n", tests::people::PASSWORD))?;
    let stevem = tests::people::user_at(server.rvp(), "stevem");
    let request = Request::new("PROPFIND", "/instmsg/aliases/stevem")
        .header("Host", "im.example.com")
        .header("RVP-Notifications-Version", "1.0")
        .header(
            "RVP-From-Principal",
            "http://im.example.com/instmsg/aliases/stevem",
        )
        .header("Depth", "0")
        .header("Content-type", "text/xml")
        .body(
            "<?xml version=\"1.0\" ?>\n<D:propfind xmlns:D=\"DAV:\"\nxmlns:Z=\"http://schemas.microsoft.com/rvp/\">\n\
             \x20    <D:prop>\n             <D:displayname/>\n     </D:prop>\n</D:propfind>\n",
        );
    let answer = stevem.expect(207, &request)?;
    assert_client_can_read(&answer);
    let expected = "<d:response><d:href>http://im.example.com/instmsg/aliases/stevem</d:href><d:propstat>\
                    <d:prop><d:displayname>Steve Morgan</d:displayname></d:prop><d:status>HTTP/1.1 200 ";
    assert!(answer.text().contains(expected), "{}", answer.text());
    Ok(())
}
