//! What kills a client does not reach it: the envelope is made plain where its meaning is clear,
//! and refused with the reason where it is not.

use tests::Failure;
use tests::people::OnlineUser;
use tests::rvp_client::{Response, message};
use tests::server::Server;

use crate::SOON;

const FILE_TRANSFER: &str = "Application-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}";

struct Pair {
    server: Server,
    alice: OnlineUser,
    bob: OnlineUser,
}

impl Pair {
    fn start() -> Result<Self, Failure> {
        let server = Server::start("")?;
        Ok(Self {
            alice: server.online_user("alice")?,
            bob: server.online_user("bob")?,
            server,
        })
    }

    fn send(&self, body: impl Into<Vec<u8>>) -> Result<Response, Failure> {
        self.alice
            .user
            .send(&self.alice.user.say_request("bob", body))
    }

    fn filled(&self, name: &str) -> Result<String, Failure> {
        let path = format!("{}/cases/notify/{name}", env!("CARGO_MANIFEST_DIR"));
        let body =
            std::fs::read_to_string(&path).map_err(Failure::io(format!("reading {path}")))?;
        Ok(body
            .replace("{me}", &self.alice.url())
            .replace("{bob}", &self.bob.url()))
    }

    fn plain(&self) -> String {
        message(
            &self.alice.url(),
            &self.bob.url(),
            "gr\u{c3}\u{bc}\u{c3}\u{9f}\r\n\u{fc}",
        )
    }

    fn with(&self, old: &str, new: &str) -> String {
        let body = self.plain();
        assert!(body.contains(old), "{old}");
        body.replacen(old, new, 1)
    }
}

/// What is inside `r:mime-data`.
fn data(body: &str) -> &str {
    let (_, rest) = body.split_once("mime-data>").unwrap_or_default();
    rest.split_once("</").map_or("", |(data, _)| data)
}

fn is_tight(body: &str) -> bool {
    let (envelope, _) = body.split_once("mime-data>").unwrap_or_default();
    let root = envelope.find("<r:notification").unwrap_or_default();
    !envelope[root..].contains("> ")
        && !envelope[root..].contains(">\n")
        && !envelope.contains("<!--")
}

#[test]
fn a_clear_envelope_is_made_plain_around_the_same_bytes() -> Result<(), Failure> {
    let mut pair = Pair::start()?;
    let mut bodies = Vec::new();
    for name in [
        "envelope-space-before-contact.xml",
        "envelope-space-before-mime-data.xml",
        "envelope-comment-before-contact.xml",
    ] {
        bodies.push(pair.filled(name)?);
    }
    let indented = pair
        .plain()
        .replace("><r:", ">\r\n\t <r:")
        .replace("><d:", ">\n <d:")
        .replace("></r:notification-", ">\n</r:notification-")
        .replace("</d:href>", "\n </d:href>");
    bodies.extend([
        indented,
        pair.with("<r:contact>", "<?x y?><r:contact>"),
        pair.with("<r:contact>", "<!-- <r:contact> --><r:contact>"),
        pair.with("<r:mime-data>", "<!-- x --><r:mime-data>"),
        pair.with("<r:description></r:description>", "<r:description/>"),
        pair.with("encoding=\"UTF-8\"?>", "encoding=\"UTF-8\"?><!-- x -->"),
        format!("\u{feff}{}", pair.plain()),
    ]);
    for body in bodies {
        let answer = pair.send(body.clone())?;
        assert_eq!(answer.status, 200, "{}: {body}", answer.text());
        let came = pair.bob.call_back.expect(SOON, "the message", |_| true)?;
        let text = came.text();
        assert!(is_tight(&text), "{text}");
        assert_eq!(data(&text), data(&body));
        assert!(text.contains(&format!("<d:href>{}</d:href>", pair.alice.url())));
        let length = came.body.len().to_string();
        assert_eq!(came.header("Content-Length"), Some(&*length));
    }
    Ok(())
}

#[test]
fn a_plain_envelope_is_relayed_to_the_byte() -> Result<(), Failure> {
    let mut pair = Pair::start()?;
    for body in [
        pair.plain(),
        pair.plain().replace("<r:description></r:description>", ""),
        pair.plain().replace('"', "'"),
        pair.with("encoding=\"UTF-8\"?>\n", "encoding=\"UTF-8\"?>"),
        pair.with(" encoding=\"UTF-8\"", ""),
        format!("{}\r\n\r\n", pair.plain()),
        // One who writes about envelopes in the text.
        pair.with(
            "X-MMS-IM-Format",
            "X-Note: <r:notification-from> <!-- -->\r\nX-MMS-IM-Format",
        ),
    ] {
        let answer = pair.send(body.clone())?;
        assert_eq!(answer.status, 200, "{}: {body}", answer.text());
        let came = pair.bob.call_back.expect(SOON, "the message", |_| true)?;
        assert_eq!(came.text(), body);
    }
    Ok(())
}

#[test]
fn what_clients_crash_over_is_refused_with_the_reason() -> Result<(), Failure> {
    let mut pair = Pair::start()?;
    let to = {
        let body = pair.plain();
        let start = body.find("<r:notification-to>").unwrap_or_default();
        let end = body.find("<r:msgbody>").unwrap_or_default();
        body[start..end].to_owned()
    };
    let mut refused = vec![
        (
            pair.filled("envelope-no-notification-to.xml")?,
            "notification-to",
        ),
        (pair.with(&to, ""), "notification-to"),
        (
            pair.with(&to, "<r:notification-to></r:notification-to>"),
            "notification-to",
        ),
        (
            pair.with(&to, "<r:notification-to>\n</r:notification-to>"),
            "notification-to",
        ),
        (
            pair.with(
                &to,
                "<r:notification-to><r:contact></r:contact></r:notification-to>",
            ),
            "href",
        ),
        (
            pair.with("r:msgbody>", "r:body>")
                .replace("/r:msgbody>", "/r:body>"),
            "no place",
        ),
        (pair.with("</r:contact>", "</R:contact>"), "closed by"),
        (
            pair.with(
                "<r:contact>",
                "<q:contact xmlns:q=\"http://schemas.microsoft.com/rvp/\">",
            ),
            "closed by",
        ),
        (pair.with("UTF-8", "ISO-8859-1"), "ISO-8859-1"),
        (pair.with("UTF-8", "UTF-16"), "UTF-16"),
        (pair.with("UTF-8", "UTF-7"), "UTF-7"),
        (pair.with("UTF-8", "US-ASCII"), "US-ASCII"),
        (pair.with("<r:message>", "<r:message>hello"), "text in"),
        (pair.with("Session-Id:", "Session-Id :"), "colon"),
        (pair.with("Session-Id:", " Session-Id:"), "Session-Id"),
        (pair.with("MIME-Version", " MIME-Version"), "white space"),
        (
            pair.with("MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r"),
            "carriage return",
        ),
        (pair.with("MIME-Version: 1.0", "session-id: {2}"), "twice"),
        (pair.with("<![CDATA[", "<![CDATA[\r\n"), "Session-Id"),
    ];
    let invite = |lines: &[&str]| {
        let lines = lines.join("\r\n");
        pair.with("text/plain", "text/x-msmsgsinvite").replace(
            "gr\u{c3}\u{bc}\u{c3}\u{9f}\r\n\u{fc}",
            &format!("{lines}\r\n\r\n"),
        )
    };
    let (command, cookie) = ("Invitation-Command: INVITE", "Invitation-Cookie: 5");
    let (file, size) = ("Application-File: x", "Application-FileSize: 5");
    for (lines, why) in [
        (&[command, cookie, file, size][..], "Application-GUID"),
        (&[command, FILE_TRANSFER, file, size], "Invitation-Cookie"),
        (&[command, cookie, FILE_TRANSFER, size], "Application-File"),
        (
            &[command, cookie, FILE_TRANSFER, file],
            "Application-FileSize",
        ),
        (
            &[
                command,
                cookie,
                FILE_TRANSFER,
                file,
                size,
                "application-file: y",
            ],
            "twice",
        ),
        (
            &[command, cookie, FILE_TRANSFER, FILE_TRANSFER, file, size],
            "twice",
        ),
        (
            &[command, cookie, "Application-GUID : {1}", file, size],
            "colon",
        ),
        (
            &[command, cookie, "Application-GUID: 1", file, size],
            "Application-GUID",
        ),
        (&[cookie], "Invitation-Command"),
        (&["Invitation-Command: ACCEPT"], "Invitation-Cookie"),
        (&["Invitation-Command: CANCEL"], "Invitation-Cookie"),
        (
            &[
                "Invitation-Command: ACCEPT",
                cookie,
                "IP-Address: 127.0.0.1",
            ],
            "Port",
        ),
        (
            &["Invitation-Command: CANCEL", cookie, "", FILE_TRANSFER],
            "goes on",
        ),
    ] {
        refused.push((invite(lines), why));
    }
    refused.push((
        pair.filled("invitation-no-cookie-no-guid.xml")?,
        "Invitation-Cookie",
    ));
    refused.push((
        pair.filled("invitation-no-name-no-guid.xml")?,
        "Application-GUID",
    ));
    for (body, why) in refused {
        let answer = pair.send(body.clone())?;
        assert_eq!(answer.status, 400, "{why}: {body}");
        assert!(answer.text().contains(why), "{why}: {}", answer.text());
    }
    assert_eq!(pair.alice.user.say("bob", "the end")?.status, 200);
    let next = pair.bob.call_back.expect(SOON, "the end", |_| true)?;
    assert!(next.text().contains("the end"), "{}", next.text());
    Ok(())
}

/// A client that has offered a file, and not yet been answered, crashes another that gets its
/// acceptance of that.
#[test]
fn nobody_accepts_their_own_offer_without_saying_where() -> Result<(), Failure> {
    let mut pair = Pair::start()?;
    let invite = |lines: &str| {
        pair.with("text/plain", "text/x-msmsgsinvite").replace(
            "gr\u{c3}\u{bc}\u{c3}\u{9f}\r\n\u{fc}",
            &format!("{lines}\r\n\r\n"),
        )
    };
    let offer = invite(&format!(
        "{FILE_TRANSFER}\r\nInvitation-Command: INVITE\r\nInvitation-Cookie: 5\r\n\
         Application-File: x\r\nApplication-FileSize: 5"
    ));
    let accept = "Invitation-Command: ACCEPT\r\nInvitation-Cookie: 5";
    assert_eq!(pair.send(offer)?.status, 200);
    let refused = pair.send(invite(accept))?;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("IP-Address"), "{}", refused.text());
    let placed = format!("{accept}\r\nIP-Address: 127.0.0.1\r\nPort: 6891\r\nAuthCookie: 1");
    assert_eq!(pair.send(invite(&placed))?.status, 200);
    let back = invite(accept)
        .replace(&pair.alice.url(), "{1}")
        .replace(&pair.bob.url(), &pair.alice.url())
        .replace("{1}", &pair.bob.url());
    let answer = pair
        .bob
        .user
        .send(&pair.bob.user.say_request("alice", back))?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let arrived = pair.bob.call_back.drain().len();
    assert!(arrived <= 2, "{arrived} arrived");
    drop(pair.server);
    Ok(())
}
