//! NOTIFY from client to client.

use std::time::Duration;

use tests::rvp_client::{Answer, message};
use tests::server::Server;
use tests::{Deadline, Failure, assert_client_can_read};

use crate::SOON;

/// librvp drops a message after this, without a word to its user.
const CLIENT_PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_message_arrives_to_the_byte() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    let mut body =
        message(&alice.url(), &bob.url(), "ends in CR LF\r\n]] &amp; <b>\t").into_bytes();
    // UTF-8 encoded twice, as two independent clients do it.
    body.extend_from_slice(b"<!-- \xc3\x83\xc2\xbc\xc3\xa2\xc2\x82\xc2\xac -->\n\n");

    let answer = alice
        .user
        .send(&alice.user.say_request("bob", body.clone()))?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_client_can_read(&answer);
    let notify = bob
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("CR LF"))?;
    assert_eq!(notify.body, body);
    assert!(
        notify.head.starts_with("NOTIFY / HTTP/1.1\r\n"),
        "{}",
        notify.head
    );
    let length = format!("\r\nContent-Length: {}\r\n", body.len());
    assert!(
        notify.head.contains(&length),
        "librvp never answers without: {}",
        notify.head
    );
    for (name, value) in [
        ("Content-Type", "text/xml".to_owned()),
        ("RVP-Hop-Count", "2".to_owned()),
        ("RVP-From-Principal", alice.url()),
        ("Subscription-Id", bob.login.to_string()),
    ] {
        assert_eq!(notify.header(name), Some(value.as_str()), "{}", notify.head);
    }
    Ok(())
}

#[test]
fn who_is_not_there_is_told_so_that_clients_show_it() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    server.user("bob")?;
    assert_eq!(alice.user.say("bob", "anyone?")?.status, 412, "offline");
    assert_eq!(
        alice.user.say("stranger", "anyone?")?.status,
        404,
        "unknown"
    );
    Ok(())
}

#[test]
fn a_refusal_of_the_recipient_is_passed_on_and_keeps_him() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    bob.call_back.answer(Answer::status(500));
    assert_eq!(alice.user.say("bob", "go away?")?.status, 500);
    bob.call_back.answer(Answer::successful());
    assert_eq!(alice.user.say("bob", "and now?")?.status, 200);
    assert_eq!(alice.user.state_of("bob")?, "online");
    Ok(())
}

#[test]
fn a_call_back_that_hangs_is_given_up_in_time() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    for answer in [
        Answer::Hang,
        Answer::HangUp,
        Answer::Close(b"rubbish\r\n\r\n".to_vec()),
    ] {
        bob.call_back.answer(answer.clone());
        let begun = Deadline::within(CLIENT_PATIENCE);
        let status = alice.user.say("bob", "hello?")?.status;
        assert_eq!(status, 412, "{answer:?}");
        assert!(
            begun.spent() < CLIENT_PATIENCE / 2,
            "{answer:?}: {:?}",
            begun.spent()
        );
    }
    Ok(())
}

#[test]
fn an_answer_without_a_length_is_taken_at_once() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    for bytes in [
        // Net::RVP keeps the connection open, and means no body.
        "HTTP/1.1 200 Message Received\r\nRVP-Notifications-Version: 0.2\r\n\r\n",
        // Miranda: bare LF, an HTML body.
        "HTTP/1.1 200 Successful\nContent-Type: text/html\nContent-Length: 13\n\n<html></html>",
        "HTTP/1.1 204 \r\n\r\n",
    ] {
        bob.call_back
            .answer(Answer::KeepOpen(bytes.as_bytes().to_vec()));
        let begun = Deadline::within(SOON);
        assert_eq!(alice.user.say("bob", "hello")?.status, 200, "{bytes:?}");
        assert!(
            begun.spent().as_millis() < 1500,
            "{bytes:?}: {:?}",
            begun.spent()
        );
    }
    Ok(())
}

#[test]
fn a_single_hop_is_not_waited_for() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    bob.call_back.answer(Answer::Hang);
    let request = alice
        .user
        .request("NOTIFY", "bob")
        .header("Content-Type", "text/xml")
        .header("RVP-Hop-Count", "1")
        .header("RVP-Ack-Type", "SingleHop")
        .body(message(&alice.url(), &bob.url(), "no hurry"));
    let begun = Deadline::within(SOON);
    let status = alice.user.send(&request)?.status;
    assert!((200..300).contains(&status), "{status}");
    assert!(begun.spent().as_millis() < 1500, "{:?}", begun.spent());
    bob.call_back
        .expect(SOON, "the message", |it| it.text().contains("no hurry"))
        .map(drop)
}

#[test]
fn messages_keep_their_order() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    for number in 0..20 {
        assert_eq!(
            alice.user.say("bob", &format!("number {number};"))?.status,
            200
        );
    }
    for number in 0..20 {
        let next = bob
            .call_back
            .expect(SOON, "the next message", |it| it.text().contains("number "))?;
        assert!(
            next.text().contains(&format!("number {number};")),
            "{}",
            next.text()
        );
    }
    Ok(())
}

#[test]
fn messages_that_crash_clients_are_not_relayed() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    let whole = message(&alice.url(), &bob.url(), "boo");
    let without_session =
        whole.replace("Session-Id: {86D19FA1-B466-0505-165B-688D47040F78}\r\n", "");
    let without_blank_line = whole.replace("\r\n\r\nboo", "\r\n");
    assert_ne!(without_session, whole);
    assert_ne!(without_blank_line, whole);
    for body in [
        without_session.as_str(),
        &without_blank_line,
        "<x/>",
        "",
        "rubbish",
    ] {
        let answer = alice.user.send(&alice.user.say_request("bob", body))?;
        assert_eq!(answer.status, 400, "{body}");
        assert!(!answer.body.is_empty(), "no reason given");
    }
    assert_eq!(alice.user.say("bob", "the end")?.status, 200);
    bob.call_back.expect(SOON, "the end", |it| {
        assert!(!it.text().contains("boo"), "{}", it.text());
        it.text().contains("the end")
    })?;
    Ok(())
}

#[test]
fn a_message_that_went_in_circles_is_refused() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let request = alice
        .user
        .request("NOTIFY", "bob")
        .header("Content-Type", "text/xml")
        .header("RVP-Hop-Count", "1000")
        .header("RVP-Ack-Type", "DeepOr")
        .body(message(&alice.url(), &bob.url(), "round and round"));
    let status = alice.user.send(&request)?.status;
    assert!((400..600).contains(&status), "{status}");
    Ok(())
}

#[test]
fn a_reply_during_delivery_does_not_deadlock() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    // librvp sends its own NOTIFY before it answers the one that caused it.
    bob.call_back.answer(Answer::Hang);
    let url = bob.url();
    let invitation = {
        let (sender, request) = (alice.user.clone(), message(&alice.url(), &url, "invite"));
        std::thread::spawn(move || sender.send(&sender.say_request("bob", request)))
    };
    bob.call_back
        .expect(SOON, "the invitation", |it| it.text().contains("invite"))?;
    let begun = Deadline::within(SOON);
    assert_eq!(bob.user.say("alice", "accept")?.status, 200);
    assert!(begun.spent().as_secs() < 2, "{:?}", begun.spent());
    drop(bob);
    let _given_up = invitation.join();
    Ok(())
}

#[test]
fn a_call_back_never_sees_credentials() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut bob = server.online_user("bob")?;
    let alice = server.online_user("alice")?;
    alice.user.say("bob", "hello")?;
    let notify = bob
        .call_back
        .expect(SOON, "the message", |it| it.text().contains("hello"))?;
    assert_eq!(notify.header("Authorization"), None, "{}", notify.head);
    Ok(())
}
