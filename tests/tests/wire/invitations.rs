//! Invitations under policies (rvp-wire.md 10.1).

use std::time::Duration;

use tests::Failure;
use tests::people::OnlineUser;
use tests::rvp_client::message;
use tests::server::Server;

use crate::SOON;

const FILE_TRANSFER: &str = "{5D3E02AB-6190-11d3-BBBB-00C04F795683}";

/// What clients look at when a file is offered.
const FILE: &str = "Application-File: sendme.bin\r\nApplication-FileSize: 5000\r\n";

/// For what must not come: long enough for a loaded machine to show that it does.
const NEVER: Duration = Duration::from_millis(700);

fn payload(from: &OnlineUser, to: &str, lines: &str) -> String {
    message(&from.url(), &from.user.url(to), lines).replace("text/plain", "text/x-msmsgsinvite")
}

fn send(from: &OnlineUser, to: &str, lines: &str) -> Result<u16, Failure> {
    let request = from.user.say_request(to, payload(from, to, lines));
    Ok(from.user.send(&request)?.status)
}

fn invite(from: &OnlineUser, to: &str, cookie: &str) -> Result<u16, Failure> {
    let lines = format!(
        "Application-Name: File Transfer\r\nApplication-GUID: {FILE_TRANSFER}\r\n\
         Invitation-Command: INVITE\r\nInvitation-Cookie: {cookie}\r\n{FILE}"
    );
    send(from, to, &lines)
}

fn command(from: &OnlineUser, to: &str, command: &str, cookie: &str) -> Result<u16, Failure> {
    let lines = format!("Invitation-Command: {command}\r\nInvitation-Cookie: {cookie}\r\n");
    send(from, to, &lines)
}

#[test]
fn sender_and_recipient_are_both_under_their_policies() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    let _carol = server.online_user("carol")?;
    server.forbid_files("WAN")?;
    assert_eq!(invite(&alice, "carol", "1")?, 412, "it counts for everyone");

    server.run(&["policy", "assign", "WAN", "--user", "bob"], "")?;
    assert_eq!(invite(&alice, "bob", "2")?, 412, "the recipient's policy");
    assert_eq!(invite(&bob, "alice", "3")?, 412, "the sender's policy");
    assert_eq!(invite(&alice, "carol", "4")?, 200, "nobody's policy");

    server.run(&["policy", "assign", "WAN", "--nobody"], "")?;
    assert_eq!(invite(&alice, "bob", "5")?, 200, "withdrawn");
    Ok(())
}

#[test]
fn the_closest_policy_decides() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let _bob = server.online_user("bob")?;
    server.forbid_files("All")?;
    let off = tests::lockdown::registry(
        tests::lockdown::MESSENGER,
        &["\"DisableFileTransfer\"=dword:00000000"],
    );
    server.import_policy("Except", &off)?;
    server.run(
        &[
            "policy", "assign", "Except", "--user", "alice", "--user", "bob",
        ],
        "",
    )?;
    assert_eq!(invite(&alice, "bob", "1")?, 200);
    let why = server.run(&["policy", "effective", "alice", "--json"], "")?;
    let why: serde_json::Value = serde_json::from_str(&why)
        .map_err(|error| Failure::Unexpected(format!("{error} in {why}")))?;
    let option = &why["options"][0];
    assert_eq!(option["decided"]["policy"], "Except", "{why}");
    assert_eq!(option["decided"]["through"], "user alice", "{why}");
    assert_eq!(option["overruled"][0]["policy"], "All", "{why}");
    Ok(())
}

/// Clients of the time compare the beginning of a content type, some of them letters of any size.
#[test]
fn no_content_type_gets_past_a_policy() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    server.forbid_files("WAN")?;
    let lines = format!(
        "Application-GUID: {FILE_TRANSFER}\r\nInvitation-Command: INVITE\r\n\
         Invitation-Cookie: 5\r\n{FILE}"
    );
    let text = message(&alice.url(), &bob.url(), &lines);
    let kind = "Content-Type: text/plain; charset=UTF-8\r\n";
    for (line, status) in [
        ("Content-Type: text/x-msmsgsinvite\r\n", 412),
        ("Content-Type: text/x-msmsgsinvite2; charset=UTF-8\r\n", 412),
        ("Content-Type: text/x-msmsgsinvite, text/plain\r\n", 412),
        ("Content-Type: text/x-msmsgsinvite x\r\n", 412),
        ("Content-Type: text/x-msmsgsinvite/plain\r\n", 412),
        ("Content-Type:text/x-msmsgsinvite;x=\"\r\n", 412),
        ("content-type: TEXT/X-MSMSGSINVITE\r\n", 412),
        ("CONTENT-TYPE:\t  Text/x-MsmsgsInvite\r\n", 412),
        ("Content-Type:\r\n text/x-msmsgsinvite\r\n", 412),
        (
            "Content-Type: text/x-msmsgsinvite;\r\n\tcharset=UTF-8\r\n",
            412,
        ),
        ("Content-Type: \"text/x-msmsgsinvite\"\r\n", 412),
        ("X: y\r\nContent-Type: text/x-msmsgsinvite\n", 412),
        ("Content-Type : text/x-msmsgsinvite\r\n", 400),
        (
            "Content-Type: text/plain\r\nContent-Type: text/x-msmsgsinvite\r\n",
            400,
        ),
        (
            "Content-Type: text/x-msmsgsinvite\r\ncontent-type: text/plain\r\n",
            400,
        ),
        ("X: y\rContent-Type: text/x-msmsgsinvite\r\n", 400),
        ("X: y&#10;Content-Type: text/x-msmsgsinvite\r\n", 200),
    ] {
        let body = text.replace(kind, line);
        let answer = alice.user.send(&alice.user.say_request("bob", body))?;
        assert_eq!(answer.status, status, "{line:?}: {}", answer.text());
    }
    let name = |line: &str| {
        let path = format!("{}/cases/notify/{line}", env!("CARGO_MANIFEST_DIR"));
        let body = std::fs::read_to_string(&path).map_err(Failure::io(path))?;
        let body = body
            .replace("{me}", &alice.url())
            .replace("{bob}", &bob.url());
        Ok::<_, Failure>(
            alice
                .user
                .send(&alice.user.say_request("bob", body))?
                .status,
        )
    };
    assert_eq!(name("policy-longer-type.xml")?, 412);
    assert_eq!(name("policy-two-types.xml")?, 412);
    // A reference in a section is four characters, and the text of a message.
    let only = bob.call_back.expect(SOON, "the text", |_| true)?;
    assert!(only.text().contains("X: y&#10;"), "{}", only.text());
    std::thread::sleep(NEVER);
    assert!(bob.call_back.drain().is_empty(), "an offer arrived");
    Ok(())
}

#[test]
fn an_answer_is_refused_by_its_cookie_and_the_end_of_one_is_not() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let bob = server.online_user("bob")?;
    assert_eq!(invite(&alice, "bob", "586790609")?, 200);
    server.forbid_files("WAN")?;
    assert_eq!(command(&bob, "alice", "ACCEPT", "586790609")?, 412);
    // Of one's own offer: no client sends that, and some crash over it.
    assert_eq!(command(&alice, "bob", "ACCEPT", "586790609")?, 400);
    assert_eq!(command(&bob, "alice", "CANCEL", "586790609")?, 200);
    assert_eq!(
        command(&bob, "alice", "ACCEPT", "1")?,
        200,
        "of something else"
    );
    let leave = payload(&bob, "alice", "\r\n").replace("text/x-msmsgsinvite", "text/x-imleave");
    let request = bob.user.say_request("alice", leave);
    assert_eq!(bob.user.send(&request)?.status, 200);
    Ok(())
}

#[test]
fn an_invitation_to_a_group_reaches_the_members_who_may_have_it() -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    let mut carol = server.online_user("carol")?;
    server.run(&["group", "add", "staff", "alice,bob,carol"], "")?;
    server.forbid_files("WAN")?;
    server.run(&["policy", "assign", "WAN", "--user", "bob"], "")?;
    let to_group = |cookie: &str| -> Result<u16, Failure> {
        let lines = format!(
            "Application-GUID: {FILE_TRANSFER}\r\nInvitation-Command: INVITE\r\n\
             Invitation-Cookie: {cookie}\r\n{FILE}"
        );
        let request = alice
            .user
            .request_to("NOTIFY", "/instmsg/groups/staff")
            .header("Content-Type", "text/xml")
            .header("RVP-Hop-Count", "1")
            .header("RVP-Ack-Type", "DeepOr")
            .body(payload(&alice, "staff", &lines));
        Ok(alice.user.send(&request)?.status)
    };
    assert_eq!(to_group("11")?, 200);
    carol.call_back.expect(SOON, "the invitation", |it| {
        it.text().contains("Cookie: 11")
    })?;
    std::thread::sleep(NEVER);
    assert!(bob.call_back.drain().is_empty(), "bob may not have it");
    assert_eq!(command(&carol, "alice", "ACCEPT", "11")?, 200);

    server.run(&["policy", "assign", "WAN", "--group", "staff"], "")?;
    assert_eq!(to_group("12")?, 412, "nobody may have it");
    assert_eq!(command(&carol, "alice", "ACCEPT", "11")?, 412);
    Ok(())
}

#[test]
fn the_sender_is_told_why_and_the_recipient_hears_nothing() -> Result<(), Failure> {
    let server = Server::start("")?;
    let mut alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    server.forbid_files("Büro")?;
    assert_eq!(invite(&alice, "bob", "1")?, 412);
    let told = alice
        .call_back
        .expect(SOON, "why", |it| it.text().contains("did not reach bob"))?;
    // Encoded twice, as clients read it; both contacts, and a conversation.
    let body = &told.body;
    let holds = |bytes: &[u8]| body.windows(bytes.len()).any(|w| w == bytes);
    assert!(holds(
        b"file transfer is not allowed for you (policy B\xc3\x83\xc2\xbcro)"
    ));
    for part in [
        "notification-from",
        "notification-to",
        "Session-Id: {",
        "/instmsg/aliases/system",
    ] {
        assert!(told.text().contains(part), "no {part} in {}", told.text());
    }
    std::thread::sleep(NEVER);
    assert!(bob.call_back.drain().is_empty(), "bob heard of it");
    Ok(())
}

#[test]
fn the_sender_is_told_nothing_where_that_is_switched_off() -> Result<(), Failure> {
    let server = Server::start("[policy]\ntell_sender = false\n")?;
    let mut alice = server.online_user("alice")?;
    let _bob = server.online_user("bob")?;
    server.forbid_files("WAN")?;
    assert_eq!(invite(&alice, "bob", "1")?, 412);
    std::thread::sleep(NEVER);
    assert!(alice.call_back.drain().is_empty(), "alice was told");
    Ok(())
}
