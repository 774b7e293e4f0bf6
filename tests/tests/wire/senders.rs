//! Nobody speaks for another: not in the body of a message, not in its head, not by a host that
//! is somebody else's.

use tests::Failure;
use tests::people::OnlineUser;
use tests::rvp_client::{NAMESPACES, Request, Response, message};
use tests::server::Server;

use crate::SOON;

/// A server with alice, bob and mallory signed on.
struct Three {
    server: Server,
    alice: OnlineUser,
    bob: OnlineUser,
    mallory: OnlineUser,
}

impl Three {
    fn start() -> Result<Self, Failure> {
        Self::with(Server::start("")?)
    }

    fn with(server: Server) -> Result<Self, Failure> {
        Ok(Self {
            alice: server.online_user("alice")?,
            bob: server.online_user("bob")?,
            mallory: server.online_user("mallory")?,
            server,
        })
    }

    /// What mallory sends, with the URLs put in.
    fn filled(&self, body: &str) -> String {
        body.replace("{me}", &self.mallory.url())
            .replace("{alice}", &self.alice.url())
            .replace("{bob}", &self.bob.url())
    }

    fn send(&self, body: &str) -> Result<Response, Failure> {
        let request = self.mallory.user.say_request("bob", self.filled(body));
        self.mallory.user.send(&request)
    }

    /// Nothing of what was refused has arrived: what comes next is something else.
    fn nothing_arrived(&mut self) -> Result<(), Failure> {
        assert_eq!(self.alice.user.say("bob", "the end")?.status, 200);
        let next = self.bob.call_back.expect(SOON, "the end", |_| true)?;
        assert!(next.text().contains("the end"), "{}", next.text());
        Ok(())
    }
}

fn case(name: &str) -> Result<String, Failure> {
    let path = format!("{}/cases/notify/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).map_err(Failure::io(format!("reading {path}")))
}

/// The plain message from which others are made.
fn plain() -> String {
    message("{me}", "{bob}", "hi")
}

fn with(old: &str, new: &str) -> String {
    let body = plain();
    assert!(body.contains(old), "{old}");
    body.replacen(old, new, 1)
}

#[test]
fn a_message_has_one_sender_to_every_reader() -> Result<(), Failure> {
    let mut three = Three::start()?;
    for name in [
        "sender-two-from.xml",
        "sender-foreign-from-first.xml",
        "sender-foreign-contact-first.xml",
        "sender-two-href.xml",
        "sender-capitals.xml",
        "sender-two-contacts.xml",
    ] {
        let answer = three.send(&case(name)?)?;
        assert!(
            matches!(answer.status, 400 | 403),
            "{name}: {}",
            answer.status
        );
        assert!(!answer.body.is_empty(), "{name}: no reason");
    }
    let eve = "<r:contact><d:href>{alice}</d:href><r:description></r:description></r:contact>";
    let from = format!("<r:notification-from>{eve}</r:notification-from>");
    for (body, what) in [
        (with("{me}", "{alice}"), "plainly another"),
        (with("{me}", "{alice}<!---->"), "a comment in the href"),
        (
            with("{me}", "<!--{alice}-->{me}"),
            "another in a comment in the href",
        ),
        (with("{me}", "{me}<?x y?>"), "an instruction in the href"),
        (with("{me}", "<![CDATA[{me}]]>"), "a section in the href"),
        (
            with("{me}", "{me}<d:href>{alice}</d:href>"),
            "an element in the href",
        ),
        (with("{me}", "&#104;{me}"), "a reference in the href"),
        (
            with("<r:contact>", &format!("<r:contact>{eve}")),
            "a contact in a contact",
        ),
        (
            with("</r:message>", &format!("{from}</r:message>")),
            "the last one",
        ),
        (
            with("<r:message>", &format!("<r:message>{from}")),
            "the first one",
        ),
        (
            with("<r:msgbody>", &format!("<r:msgbody>{from}")),
            "in the body",
        ),
        (
            with("<r:contact>", "<r:contact d:href=\"{alice}\">"),
            "an attribute",
        ),
        (
            with("<r:message>", "<r:message xmlns:r=\"urn:x\">"),
            "another namespace",
        ),
        (
            with("r:notification-from>", "r:notification-From>"),
            "a tag that does not close",
        ),
    ] {
        let answer = three.send(&body)?;
        assert!(
            matches!(answer.status, 400 | 403),
            "{what}: {}",
            answer.status
        );
    }
    three.nothing_arrived()
}

#[test]
fn a_host_that_is_none_of_ours_is_no_sender() -> Result<(), Failure> {
    let mut three = Three::start()?;
    let port = three.server.rvp().port();
    for host in [
        "evil.example.net".to_owned(),
        format!("evil.example.net:{port}"),
        format!("127.0.0.1:{}", port ^ 1),
        "192.0.2.7".to_owned(),
        format!("127.0.0.1.evil.example.net:{port}"),
    ] {
        let url = format!("http://{host}/instmsg/aliases/mallory");
        let answer = three.send(&plain().replace("{me}", &url))?;
        assert_eq!(answer.status, 403, "{host}: {}", answer.text());
        assert!(answer.text().contains(&host), "{}", answer.text());
        // As one of those who are said to take part: clients answer to all of them.
        let guest = format!(
            "<r:contact><d:href>http://{host}/instmsg/aliases/alice</d:href><r:description>\
             </r:description></r:contact></r:notification-to>"
        );
        let answer = three.send(&with("</r:notification-to>", &guest))?;
        assert_eq!(answer.status, 403, "{host}: {}", answer.text());
        // In the head, which is no proof.
        let request = Request::new("NOTIFY", "/instmsg/aliases/bob")
            .header("Host", "127.0.0.1")
            .header("RVP-From-Principal", url)
            .header("Content-Type", "text/xml")
            .body(three.filled(&plain()));
        assert_eq!(three.mallory.user.send(&request)?.status, 403, "{host}");
    }
    for odd in [
        format!("http://evil.example.net/instmsg/local/127.0.0.1:{port}/instmsg/aliases/mallory"),
        format!("https://127.0.0.1:{port}/instmsg/aliases/mallory"),
        format!("http://127.0.0.1:{port}/instmsg/groups/mallory"),
        format!("http://x@127.0.0.1:{port}/instmsg/aliases/mallory"),
        "mallory".to_owned(),
    ] {
        let answer = three.send(&plain().replace("{me}", &odd))?;
        assert_eq!(answer.status, 400, "{odd}: {}", answer.text());
    }
    let other = three.send(&case("sender-other-host.xml")?)?;
    assert_eq!(other.status, 403, "{}", other.text());
    three.nothing_arrived()
}

#[test]
fn every_name_of_this_server_is_a_sender_s_own() -> Result<(), Failure> {
    let config = "nt_domain = \"EXAMPLE\"\nnames = [\"chat.other.test\"]\n";
    let mut three = Three::with(Server::start_for("im.example.test", config)?)?;
    let port = three.server.rvp().port();
    for host in [
        "im.example.test",
        "IM.EXAMPLE.TEST.",
        "example.test",
        "example",
        "localhost",
        "127.0.0.1",
        "chat.other.test",
    ] {
        for authority in [
            host.to_owned(),
            format!("{host}:80"),
            format!("{host}:{port}"),
        ] {
            let url = format!("http://{authority}/instmsg/aliases/Mallory");
            let body = plain().replace("{me}", &url);
            let answer = three.send(&body)?;
            assert_eq!(answer.status, 200, "{authority}: {}", answer.text());
            let came = three.bob.call_back.expect(SOON, "the message", |_| true)?;
            assert_eq!(came.text(), three.filled(&body), "not to the byte");
            // The head is written here, as the recipient spells the server.
            let principal = three.mallory.url();
            assert_eq!(came.header("RVP-From-Principal"), Some(&*principal));
        }
    }
    Ok(())
}

#[test]
fn the_name_that_the_recipient_uses_is_a_sender_s_own() -> Result<(), Failure> {
    let mut three = Three::start()?;
    let odd = "http://odd.example.net:81/instmsg/aliases";
    let say = |three: &Three| {
        let body = plain()
            .replace("{me}", &format!("{odd}/mallory"))
            .replace("{bob}", &format!("{odd}/bob"));
        three.send(&body)
    };
    assert_eq!(say(&three)?.status, 403, "nobody calls it so");
    let call_back = three.bob.call_back.url();
    let again = Request::new("SUBSCRIBE", "/instmsg/aliases/bob")
        .header("Host", "odd.example.net")
        .header("RVP-From-Principal", format!("{odd}/bob"))
        .header("Notification-Type", "pragma/notify")
        .header("Subscription-Lifetime", "1200")
        .header("Call-Back", call_back);
    three.bob.user.expect(200, &again)?;
    assert_eq!(say(&three)?.status, 200, "bob's client does");
    let came = three.bob.call_back.expect(SOON, "the message", |_| true)?;
    let principal = format!("{odd}/mallory");
    assert_eq!(came.header("RVP-From-Principal"), Some(&*principal));
    // To alice's client it is a stranger still.
    let body = plain().replace("{me}", &principal);
    let request = three.mallory.user.say_request("alice", three.filled(&body));
    assert_eq!(three.mallory.user.send(&request)?.status, 403);
    Ok(())
}

#[test]
fn the_head_that_goes_out_is_written_here() -> Result<(), Failure> {
    let mut three = Three::start()?;
    three.bob.user.watch("Mallory")?;
    for (principal, content_type) in [
        (Some(three.mallory.url()), Some("text/xml")),
        (None, None),
        (
            Some("127.0.0.1".to_owned()),
            Some("Text/XML; charset=utf-16"),
        ),
        (Some(three.mallory.url()), Some("application/x-evil")),
    ] {
        let mut request =
            Request::new("NOTIFY", "/instmsg/aliases/bob").header("Host", "127.0.0.1");
        if let Some(principal) = principal {
            request = request.header("RVP-From-Principal", principal);
        }
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        let answer = three
            .mallory
            .user
            .send(&request.body(three.filled(&plain())))?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let came = three.bob.call_back.expect(SOON, "the message", |_| true)?;
        assert_eq!(came.header("Content-Type"), Some("text/xml"));
        // In the letters in which bob watches.
        let watched = three.mallory.user.url("Mallory");
        assert_eq!(came.header("RVP-From-Principal"), Some(&*watched));
    }
    // Nobody's name but one's own.
    let request = Request::new("NOTIFY", "/instmsg/aliases/bob")
        .header("Host", "127.0.0.1")
        .header("RVP-From-Principal", three.alice.url())
        .header("Content-Type", "text/xml")
        .body(three.filled(&plain()));
    assert_eq!(three.mallory.user.send(&request)?.status, 403);
    Ok(())
}

/// Clients show it in the window of whoever is named.
#[test]
fn nobody_types_for_another() -> Result<(), Failure> {
    let mut three = Three::start()?;
    let typing = |user: &str| {
        with("text/plain; charset=UTF-8", "text/x-msmsgscontrol")
            .replace("MIME-Version: 1.0", &format!("TypingUser: {user}"))
    };
    for user in ["alice@example.test", "ALICE", " bob@x"] {
        let answer = three.send(&typing(user))?;
        assert_eq!(answer.status, 403, "{user}: {}", answer.text());
    }
    for user in [
        "mallory@example.test",
        "Mallory",
        "somebody@else.test",
        "\u{1f600}",
    ] {
        let answer = three.send(&typing(user))?;
        assert_eq!(answer.status, 200, "{user}: {}", answer.text());
        three.bob.call_back.expect(SOON, user, |_| true)?;
    }
    three.nothing_arrived()
}

/// How somebody spells the server is for nobody else.
#[test]
fn a_watcher_is_listed_in_the_spelling_of_the_reader() -> Result<(), Failure> {
    let three = Three::start()?;
    let watch = Request::new("SUBSCRIBE", "/instmsg/aliases/bob")
        .header("Host", "evil.example.net")
        .header(
            "RVP-From-Principal",
            "http://evil.example.net/instmsg/aliases/mallory",
        )
        .header("Notification-Type", "update/propchange")
        .header("Subscription-Lifetime", "1200")
        .header(
            "Call-Back",
            "http://evil.example.net/instmsg/aliases/mallory",
        );
    three.mallory.user.expect(207, &watch)?;
    let list = three.bob.user.subscriptions("update/propchange")?;
    assert!(list.contains(&three.mallory.url()), "{list}");
    assert!(!list.contains("evil"), "{list}");
    Ok(())
}

#[test]
fn any_other_notification_hides_no_message() -> Result<(), Failure> {
    let mut three = Three::start()?;
    let inside = plain();
    let start = inside.find("<r:message>").unwrap_or_default();
    let end = inside.find("</r:notification>").unwrap_or_default();
    let hidden = &inside[start..end];
    for body in [
        format!("<r:notification {NAMESPACES}><r:event>{hidden}</r:event></r:notification>"),
        format!("<r:notification {NAMESPACES}><r:event><!--{hidden}--></r:event></r:notification>")
            .replace("<![CDATA[", "")
            .replace("]]>", ""),
        format!("<r:notification {NAMESPACES}>{hidden}</r:notification>")
            .replace("r:message", "r:Message"),
        format!("<r:notification {NAMESPACES} xmlns:x=\"urn:x\">{hidden}</r:notification>")
            .replace("r:message", "x:message"),
    ] {
        assert_eq!(
            three.send(&body.replace("{me}", "{alice}"))?.status,
            400,
            "{body}"
        );
    }
    three.nothing_arrived()
}
