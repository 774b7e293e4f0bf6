//! 10: what is inside `mime-data` reaches the recipient to the byte.

use tests::Failure;
use tests::rvp_client::message;
use tests::server::Server;

use crate::SOON;

const SESSION: &str = "Session-Id: {79FC61B5-1234-1234-8A10-941F33CA4C90}";

/// Sends each payload and compares what arrives.
fn all_arrive(payloads: &[String]) -> Result<(), Failure> {
    let server = Server::start("")?;
    let alice = server.online_user("alice")?;
    let mut bob = server.online_user("bob")?;
    let whole = message(&alice.url(), &bob.url(), "");
    let start = whole.find("<![CDATA[").expect("a payload") + "<![CDATA[".len();
    let end = whole.find("]]>").expect("its end");
    for payload in payloads {
        let body = format!("{}{payload}{}", &whole[..start], &whole[end..]);
        let answer = alice.user.say_request("bob", body.clone());
        let answer = alice.user.send(&answer)?;
        assert_eq!(answer.status, 200, "{}: {payload:?}", answer.text());
        let notify = bob.call_back.expect(SOON, "the payload", |_| true)?;
        assert_eq!(notify.text(), body);
    }
    Ok(())
}

#[test]
fn s10_1_instant_message() -> Result<(), Failure> {
    all_arrive(&[format!(
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\
         X-MMS-IM-Format: FN=Microsoft%20Sans%20Serif; EF=; CO=0; CS=0;\r\n PF=22\r\n{SESSION}\r\n\r\nLets have lunch"
    )])
}

/// With the misprints of the document, without them, and the message that says one has left.
#[test]
fn s10_2_typing_message() -> Result<(), Failure> {
    let typing = |version: &str, kind: &str| {
        format!(
            "{version}\r\nContent-Type: {kind}\r\nTypingUser: bruceb@example.com\r\n{SESSION}\r\n\r\n\r\n"
        )
    };
    all_arrive(&[
        typing("MIME-Version 1.0", "text/x-msmsscontrol"),
        typing("MIME-Version: 1.0", "text/x-msmsgscontrol"),
        format!("MIME-Version: 1.0\r\nContent-Type: text/x-msmsgscontrol\r\n{SESSION}\r\n\r\n\r\n"),
        format!("MIME-Version: 1.0\r\nContent-Type: text/x-imleave\r\n{SESSION}\r\n\r\n"),
    ])
}

/// With the misprint of the document and without it; the answers that follow an invitation.
#[test]
fn s10_3_application_invites() -> Result<(), Failure> {
    let invite = |kind: &str, fields: &[&str]| {
        let fields = fields.join("\r\n");
        format!("MIME-Version: 1.0\r\nContent-Type: {kind}\r\n{SESSION}\r\n\r\n{fields}\r\n\r\n")
    };
    let right = "text/x-msmsgsinvite; charset=UTF-8";
    let net_meeting = [
        "Application-Name: NetMeeting.3.01",
        "Application-GUID: {44BBA842-CC51-11CF-AAFA-00AA00B6015C}",
        "Invitation-Command: INVITE",
        "Invitation-Cookie: 3",
    ];
    let file = [
        "Application-Name: File Transfer",
        "Application-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}",
        "Invitation-Command: INVITE",
        "Invitation-Cookie: 586790609",
        "Application-File: sendme.bin",
        "Application-FileSize: 5000",
    ];
    let accept = [
        "Invitation-Command: ACCEPT",
        "Invitation-Cookie: 3",
        "Launch-Application: FALSE",
        "Request-Data: IP-Address:",
    ];
    let cancel = [
        "Invitation-Command: CANCEL",
        "Invitation-Cookie: 3",
        "Cancel-Code: REJECT",
    ];
    all_arrive(&[
        invite("text/x-msmsgsinvite;.charset=UTF-8", &net_meeting),
        invite(right, &net_meeting),
        invite(right, &file),
        invite(right, &accept),
        invite(right, &cancel),
    ])
}
