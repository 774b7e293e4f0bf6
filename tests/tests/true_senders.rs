//! The real client over everything that somebody could send it through the server: it shows who
//! really wrote, or gets nothing, and lives.

use std::cell::RefCell;
use std::time::Duration;

use tests::Failure;
use tests::librvp::{Account, Librvp};
use tests::people::{OnlineUser, PASSWORD};
use tests::rvp_client::message;
use tests::server::Server;

/// Generous: a loaded machine, a debug build.
const SOON: Duration = Duration::from_secs(20);

/// What mallory says in all that it sends.
const SAID: &str = "hi";

/// The real bob, and two who write to it by hand.
struct Stage {
    server: Server,
    alice: OnlineUser,
    mallory: OnlineUser,
    bob: Librvp,
    sent: usize,
}

impl Stage {
    fn start() -> Result<Self, Failure> {
        let server = Server::start("")?;
        server.add_user("bob", PASSWORD)?;
        let alice = server.online_user("alice")?;
        let mallory = server.online_user("mallory")?;
        let mut bob = Account::new("bob", PASSWORD)
            .knows(&["alice", "mallory"])
            .start(server.rvp())?;
        bob.signed_on(SOON)?;
        Ok(Self {
            server,
            alice,
            mallory,
            bob,
            sent: 0,
        })
    }

    /// Sends a body as mallory, and looks at what the client made of it until it shows the next
    /// word of alice, by which it is seen to live.
    fn send(&mut self, what: &str, body: &str) -> Result<u16, Failure> {
        let body = body
            .replace("{me}", &self.mallory.url())
            .replace("{alice}", &self.alice.url())
            .replace("{bob}", &self.server.principal("bob"));
        let request = self.mallory.user.say_request("bob", body);
        let status = self.mallory.user.send(&request)?.status;
        self.sent += 1;
        let probe = format!("word {}", self.sent);
        assert_eq!(
            self.alice.user.say("bob", &probe)?.status,
            200,
            "after {what}"
        );
        let shown = RefCell::new(Vec::new());
        self.bob
            .expect_event(SOON, &format!("life after {what}"), |it| {
                let is_probe = it.is("message", &[("text", &probe)]);
                if !is_probe && matches!(it.kind(), "message" | "typing" | "request" | "transfer") {
                    shown.borrow_mut().push(it.clone());
                }
                is_probe
            })?;
        for event in shown.into_inner() {
            assert_eq!(status, 200, "{what}: what was refused is shown: {event:?}");
            let from = event.get("from");
            let is_hers = from.is_empty() || from.starts_with("mallory");
            assert!(is_hers, "{what}: {event:?} was written by mallory");
        }
        Ok(status)
    }
}

fn plain() -> String {
    message("{me}", "{bob}", SAID)
}

fn with(old: &str, new: &str) -> String {
    let body = plain();
    assert!(body.contains(old), "{old}");
    body.replacen(old, new, 1)
}

#[test]
fn every_case_from_the_field() -> Result<(), Failure> {
    let mut stage = Stage::start()?;
    let folder = format!("{}/cases/notify", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).map_err(Failure::io("reading the cases"))? {
        let path = entry.map_err(Failure::io("reading the cases"))?.path();
        let body = std::fs::read_to_string(&path).map_err(Failure::io("reading a case"))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let status = stage.send(&name, &body)?;
        if name.starts_with("sender-") {
            assert!(matches!(status, 400 | 403), "{name}: {status}");
        }
        count += 1;
    }
    assert!(count >= 15, "{count} cases in {folder}");
    stage.bob.quit()
}

#[test]
fn their_cousins() -> Result<(), Failure> {
    let mut stage = Stage::start()?;
    let eve = "<r:contact><d:href>{alice}</d:href><r:description>Alice</r:description></r:contact>";
    let from = format!("<r:notification-from>{eve}</r:notification-from>");
    let me = "<r:contact><d:href>{me}</d:href>";
    let cdata = "<![CDATA[MIME-Version: 1.0\r\n";
    let invite = |lines: &str| {
        with("text/plain", "text/x-msmsgsinvite").replace(
            &format!("{SAID}]]>"),
            &format!("{}\r\n\r\n]]>", lines.replace('|', "\r\n")),
        )
    };
    let guid = "Application-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}";
    let rest = "Application-File: x|Application-FileSize: 5";
    let cases = [
        with("<r:message>", "\n<r:message>\n"),
        with("<r:contact>", "\r\n\t<r:contact>"),
        with("<r:contact>", "<!-- x --><r:contact>"),
        with("<r:contact>", "<?x y?><r:contact>"),
        with("<r:contact>", "&#32;<r:contact>"),
        with("<r:mime-data>", "\n<r:mime-data>"),
        with("<r:mime-data>", "<!-- x --><r:mime-data>"),
        with(cdata, &format!("\n     {cdata}")),
        with(cdata, &format!("\n\n{cdata}")),
        with(cdata, "\n  <![CDATA["),
        with(cdata, &format!("<![CDATA[Session-Id: {{1}}\r\n{cdata}"))
            .replace("<![CDATA[Session-Id: {1}\r\n<![CDATA[", cdata),
        plain()
            .replace("><r:", ">\n  <r:")
            .replace("><d:", ">\n  <d:"),
        plain()
            .replace("<r:", "<Z:")
            .replace("</r:", "</Z:")
            .replace("xmlns:r", "xmlns:Z"),
        with("<d:href>", "<d:href>\n "),
        with("</d:href>", "/</d:href>"),
        with("{me}", ""),
        with(
            me,
            &format!("<r:contact><d:href>{{alice}}</d:href></r:contact>{me}"),
        ),
        with(me, &format!("{me}<d:href>{{alice}}</d:href>")),
        with("{me}", "<!--{alice}-->{me}"),
        with("{me}", "{alice}<!-- -->"),
        with("{me}", "<![CDATA[{alice}]]>"),
        with("<r:message>", &format!("<r:message>{from}")),
        with("<r:msgbody>", &format!("{from}<r:msgbody>")),
        with(
            "</r:message>",
            &format!("</r:message><r:message>{from}</r:message>"),
        ),
        with("</r:mime-data>", &format!("</r:mime-data>{from}")),
        with(
            "<r:notification-from>",
            &format!("<r:notification-From>{eve}</r:notification-From><r:notification-from>"),
        ),
        with("<r:contact>", "<r:Contact>").replace(
            "</r:contact></r:notification-from>",
            "</r:Contact></r:notification-from>",
        ),
        with("d:href>{me}</d:href", "d:HREF>{me}</d:HREF"),
        with("<r:description></r:description>", "<r:description/>"),
        with(
            "<r:description></r:description>",
            "<r:description><![CDATA[<r:contact>]]></r:description>",
        ),
        with("UTF-8", "UTF-16"),
        with("UTF-8", "UTF-7").replace("{me}", "+AGg-ttp://x"),
        with("</r:contact>", "</d:contact>"),
        with("Session-Id", "X-Session-Id"),
        with("Session-Id:", "Session-Id :"),
        with("Session-Id", " Session-Id"),
        with("MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r"),
        with("\r\n\r\nhi", ""),
        with("\r\n\r\nhi", "\r\nhi"),
        with("hi", "]]]]><![CDATA[>hi"),
        with("Session-Id", "]]><![CDATA[Session-Id"),
        with("text/plain", "text/x-msmsgscontrol")
            .replace("MIME-Version: 1.0", "TypingUser: alice@example.test"),
        with("text/plain", "text/x-msmsgscontrol")
            .replace("MIME-Version: 1.0", "TypingUser: mallory@example.test"),
        with("text/plain", "text/x-imleave"),
        invite(&format!(
            "{guid}|Invitation-Command: INVITE|Invitation-Cookie: 1"
        )),
        invite(&format!(
            "{guid}|Invitation-Command: INVITE|Invitation-Cookie: 2|{rest}"
        )),
        invite("Invitation-Command: ACCEPT|Invitation-Cookie: 2"),
        invite("Invitation-Command: ACCEPT|Invitation-Cookie: 2|IP-Address: 127.0.0.1"),
        invite(&format!(
            "Invitation-Command: INVITE|Invitation-Cookie: 3|{rest}"
        )),
        invite(&format!(
            "{guid}|Invitation-Command: INVITE|Invitation-Cookie: 4|Application-File: x"
        )),
        invite(&format!(
            "Application-GUID : x|Invitation-Command: INVITE|Invitation-Cookie: 5|{rest}"
        )),
        invite(&format!(
            "Invitation-Command: INVITE|Invitation-Cookie: 6|{guid}|{guid}|{rest}"
        )),
        invite(""),
    ];
    assert!(cases.len() >= 50);
    let mut shown = 0;
    for (number, body) in cases.iter().enumerate() {
        let what = format!("cousin {number}: {body}");
        shown += usize::from(stage.send(&what, body)? == 200);
    }
    assert!(shown >= 15, "only {shown} passed: the test shows nothing");
    stage.bob.quit()
}
