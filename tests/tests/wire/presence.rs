//! PROPPATCH, views, and what watchers are told.

use tests::rvp_client::{CallBack, NAMESPACES, state_update, state_update_without_lease};
use tests::server::Server;
use tests::{Failure, assert_client_can_read};

use crate::SOON;

#[test]
fn a_watch_is_answered_with_name_and_bare_state() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let add = [
        "user",
        "add",
        "bob",
        "--display-name",
        "Bob Builder",
        "--email",
        "bob@example.test",
    ];
    server.run(
        &[&add[..], &["--password-stdin"]].concat(),
        "a word of his 1\n",
    )?;

    let (_, answer) = alice.user.watch("bob")?;
    assert_client_can_read(&answer);
    let body = answer.text();
    assert!(body.starts_with("<?xml version=\"1.0\"?>"), "{body}");
    for part in [
        format!("<d:href>{}</d:href>", alice.user.url("bob")).as_str(),
        "<r:state><r:offline/></r:state>",
        "<d:displayname>Bob Builder</d:displayname>",
        "<r:email>bob@example.test</r:email>",
        "<r:mobile-state>0</r:mobile-state>",
        "<r:mobile-description></r:mobile-description>",
    ] {
        assert!(body.contains(part), "{part} is missing in {body}");
    }
    assert_eq!(body.matches("<d:response>").count(), 1, "{body}");
    assert_eq!(
        body.matches("<d:propstat>").count(),
        1,
        "Net::RVP dies on two: {body}"
    );
    assert!(
        !body.contains("leased-value"),
        "librvp takes it for a state: {body}"
    );
    Ok(())
}

#[test]
fn a_state_is_answered_with_its_lease_and_view() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let request = bob.user.set_state_request("on-phone", 900, Some(bob.view));
    let answer = bob.user.expect(207, &request)?;
    assert_client_can_read(&answer);
    let body = answer.text();
    let state = format!(
        "<r:state><r:leased-value><r:value><r:on-phone/></r:value><r:default-value><r:offline/>\
         </r:default-value><d:timeout>900</d:timeout></r:leased-value><r:view-id>{}</r:view-id></r:state>",
        bob.view
    );
    assert!(body.contains(&state), "{body}");
    assert!(bob.view < 1 << 31, "librvp reads a view-id as an int");
    Ok(())
}

#[test]
fn a_push_has_exactly_the_shape_clients_read() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let (watch, _) = alice.user.watch("bob")?;
    for state in [
        "busy",
        "away",
        "back-soon",
        "on-phone",
        "at-lunch",
        "idle",
        "online",
    ] {
        bob.set_state(state)?;
        let push = alice.call_back.expect_state(SOON, &bob.url(), state)?;
        let expected = format!(
            "<?xml version=\"1.0\"?><r:notification {NAMESPACES}><r:propnotification><r:notification-from>\
             <r:contact><d:href>{}</d:href><r:description></r:description></r:contact></r:notification-from>\
             <r:notification-to><r:contact><d:href>{}</d:href><r:description></r:description></r:contact>\
             </r:notification-to><d:propertyupdate><d:set><d:prop><r:state><r:{state}/></r:state></d:prop>\
             </d:set></d:propertyupdate></r:propnotification></r:notification>",
            bob.url(),
            alice.url()
        );
        // A line end after the declaration is the one white space that harms nobody.
        assert_eq!(push.text().trim_end().replacen("?>\n", "?>", 1), expected);
        assert!(
            push.head.starts_with("NOTIFY / HTTP/1.1\r\n"),
            "{}",
            push.head
        );
        let length = format!("\r\nContent-Length: {}\r\n", push.body.len());
        assert!(
            push.head.contains(&length),
            "librvp never answers without: {}",
            push.head
        );
        assert_eq!(push.header("Content-Type"), Some("text/xml"));
        assert_eq!(
            push.header("Subscription-Id"),
            Some(watch.to_string().as_str())
        );
        assert_eq!(push.header("RVP-From-Principal"), Some(bob.url().as_str()));
        assert_eq!(push.header("Transfer-Encoding"), None);
    }
    Ok(())
}

#[test]
fn every_way_of_writing_a_state_is_read() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    for body in [
        // Net::RVP: indented, the lease in the other namespace, single quotes, no view.
        "<?xml version='1.0'?>\n<d:propertyupdate xmlns:d='DAV:'\n  xmlns:r='http://schemas.microsoft.com/rvp/'>\n \
         <d:set>\n  <d:prop>\n   <r:state>\n    <r:leased-value>\n     <r:value> <r:busy /> </r:value>\n     \
         <r:default-value><r:offline/></r:default-value>\n     <r:timeout>14400</r:timeout>\n    \
         </r:leased-value>\n   </r:state>\n  </d:prop>\n </d:set>\n</d:propertyupdate>\n",
        // Other prefixes, no declaration.
        "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:Z=\"http://schemas.microsoft.com/rvp/\"><D:set><D:prop>\
         <Z:state><Z:leased-value><Z:value><Z:busy/></Z:value><Z:default-value><Z:offline/></Z:default-value>\
         <Z:timeout>1200</Z:timeout></Z:leased-value></Z:state></D:prop></D:set></D:propertyupdate>",
        // A default namespace.
        "<propertyupdate xmlns=\"DAV:\"><set><prop><state xmlns=\"http://schemas.microsoft.com/rvp/\">\
         <leased-value><value><busy/></value><default-value><offline/></default-value>\
         <timeout xmlns=\"DAV:\">1200</timeout></leased-value></state></prop></set></propertyupdate>",
    ] {
        bob.set_state("online")?;
        let request = bob
            .user
            .request("PROPPATCH", "bob")
            .header("Content-Type", "text/xml")
            .body(body);
        bob.user.expect(207, &request)?;
        assert_eq!(bob.user.state_of("bob")?, "busy", "after {body}");
    }
    Ok(())
}

#[test]
fn states_without_a_view_do_not_pile_up() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let alice = server.online_user("alice")?;
    for state in ["busy", "away", "offline"] {
        bob.user.set_state(state, 1200, None)?;
        assert_eq!(alice.user.state_of("bob")?, state);
    }
    Ok(())
}

#[test]
fn an_unknown_view_gets_a_valid_one() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let view = bob.user.set_state("busy", 1200, Some(2_000_000_001))?;
    assert_eq!(bob.user.set_state("away", 1200, Some(view))?, view);
    Ok(())
}

#[test]
fn a_plain_offline_logs_a_view_off() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let request = bob
        .user
        .request("PROPPATCH", "bob")
        .header("Content-Type", "text/xml")
        .body(state_update_without_lease("offline", bob.view));
    bob.user.expect(207, &request)?;
    alice
        .call_back
        .expect_state(SOON, &bob.url(), "offline")
        .map(drop)
}

#[test]
fn presence_needs_a_sign_on() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.user("bob")?;
    let answer = bob.send(&bob.set_state_request("online", 1200, None))?;
    assert!((400..600).contains(&answer.status), "{}", answer.head);
    assert_eq!(alice.user.state_of("bob")?, "offline");
    Ok(())
}

#[test]
fn one_of_two_logins_leaving_keeps_the_user_online() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let mut office = server.online_user("bob")?;
    alice.user.watch("bob")?;
    let mut home_call_back = CallBack::listen()?;
    let home = office.user.sign_on(&home_call_back.url(), 1200)?;
    assert_ne!(home, office.login);

    assert_eq!(alice.user.say("bob", "both of you")?.status, 200);
    office
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("both of you"))?;
    home_call_back.expect(SOON, "the message", |it| it.text().contains("both of you"))?;

    assert_eq!(office.user.unsubscribe("bob", home)?, 200);
    assert_eq!(alice.user.say("bob", "one of you")?.status, 200);
    office
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("one of you"))?;
    assert_eq!(alice.user.state_of("bob")?, "online");
    assert!(
        alice
            .call_back
            .drain()
            .iter()
            .all(|it| !it.tells_state(&office.url(), "offline"))
    );
    Ok(())
}

#[test]
fn each_watcher_gets_its_own_spelling() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let mut carol = server.online_user("carol")?;
    let bob = server.online_user("bob")?;
    for (watcher, spelling) in [(&mut alice, "Bob"), (&mut carol, "BOB")] {
        let (_, answer) = watcher.user.watch(spelling)?;
        let href = format!("<d:href>{}</d:href>", watcher.user.url(spelling));
        assert!(answer.text().contains(&href), "{}", answer.text());
    }
    bob.set_state("busy")?;
    alice
        .call_back
        .expect_state(SOON, &alice.user.url("Bob"), "busy")?;
    carol
        .call_back
        .expect_state(SOON, &carol.user.url("BOB"), "busy")?;
    Ok(())
}

#[test]
fn the_answer_comes_before_the_notification() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    bob.user.watch("bob")?;
    // Like Net::RVP, this client answers nothing while its own request is open.
    bob.call_back.answer(tests::rvp_client::Answer::Hang);
    let begun = tests::Deadline::within(SOON);
    bob.set_state("busy")?;
    assert!(
        begun.spent().as_secs() < 2,
        "only after {:?}",
        begun.spent()
    );
    Ok(())
}

#[test]
fn watchers_that_hang_delay_nobody() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let mut hanging = Vec::new();
    for number in 0..10 {
        let watcher = server.online_user(&format!("watcher{number}"))?;
        watcher.user.watch("bob")?;
        watcher.call_back.answer(tests::rvp_client::Answer::Hang);
        hanging.push(watcher);
    }
    let mut alice = server.online_user("alice")?;
    alice.user.watch("bob")?;
    let begun = tests::Deadline::within(SOON);
    bob.set_state("busy")?;
    alice.call_back.expect_state(SOON, &bob.url(), "busy")?;
    assert_eq!(bob.user.say("alice", "quick?")?.status, 200);
    assert!(
        begun.spent().as_secs() < 3,
        "only after {:?}",
        begun.spent()
    );
    Ok(())
}

#[test]
fn bad_bodies_are_refused_and_change_nothing() -> Result<(), Failure> {
    let server = Server::start("")?;
    let bob = server.online_user("bob")?;
    let dtd = format!(
        "<!DOCTYPE x [<!ENTITY e \"y\">]>{}",
        &state_update("busy", 9, None)[22..]
    );
    for body in [
        "",
        "no XML",
        "<d:propertyupdate xmlns:d=\"DAV:\">",
        "<x/>",
        dtd.as_str(),
    ] {
        let request = bob
            .user
            .request("PROPPATCH", "bob")
            .header("Content-Type", "text/xml")
            .body(body);
        let answer = bob.user.send(&request)?;
        assert!(
            (400..500).contains(&answer.status),
            "{} for {body:?}",
            answer.status
        );
        assert!(!answer.body.is_empty(), "no reason given for {body:?}");
        assert_eq!(bob.user.state_of("bob")?, "online", "after {body:?}");
    }
    Ok(())
}
