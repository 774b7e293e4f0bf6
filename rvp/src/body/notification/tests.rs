use super::*;
use crate::payload::PayloadKind;

const CONTACTS: &str = "<r:notification-from><r:contact><d:href>http://h/instmsg/aliases/alice</d:href>\
    <r:description>Alice M\u{c3}\u{bc}ller</r:description></r:contact></r:notification-from>\
    <r:notification-to><r:contact><d:href> http://h/instmsg/aliases/bob </d:href></r:contact>\
    <r:contact><d:href>http://h/instmsg/aliases/carol</d:href><r:description/></r:contact>\
    </r:notification-to>";
const TEXT: &str =
    "Content-Type: text/plain; charset=UTF-8\r\nSession-Id: {1}\r\n\r\nhi \u{c3}\u{bc}";

fn read(inner: &str) -> Result<Notification, BodyError> {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<r:notification xmlns:d='DAV:' \
         xmlns:r='http://schemas.microsoft.com/rvp/'>{inner}</r:notification>\n"
    );
    read_notification(body.as_bytes())
}

fn message(data: &str) -> String {
    format!(
        "<r:message>{CONTACTS}<r:msgbody><r:mime-data>{data}</r:mime-data></r:msgbody></r:message>"
    )
}

fn payload_of(data: &str) -> Payload {
    match read(&message(data)).unwrap().kind {
        NotificationKind::Message(payload) => payload,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_with_its_contacts() {
    let notification = read(&message(&format!("<![CDATA[{TEXT}]]>"))).unwrap();
    assert_eq!(
        notification.from,
        [Contact {
            href: "http://h/instmsg/aliases/alice".into(),
            description: "Alice Müller".into()
        }]
    );
    let to: Vec<_> = notification.to.iter().map(|c| &*c.href).collect();
    assert_eq!(
        to,
        [
            "http://h/instmsg/aliases/bob",
            "http://h/instmsg/aliases/carol"
        ]
    );
}

#[test]
fn text_in_cdata_or_escaped_once_or_twice() {
    for data in [
        format!("<![CDATA[{TEXT}]]>"),
        format!("\n  <![CDATA[{TEXT}]]>\n"),
        TEXT.to_owned(),
        TEXT.replace("\u{c3}\u{bc}", "ü"),
        TEXT.replace("\u{c3}\u{bc}", "&#252;"),
        format!("<![CDATA[{}]]><![CDATA[{}]]>", &TEXT[..10], &TEXT[10..]),
    ] {
        let payload = payload_of(&data);
        assert_eq!(payload.content_type(), PayloadKind::Text, "{data}");
        assert_eq!(payload.session_id(), Some("{1}"));
        assert_eq!(&*payload.body, "hi ü");
    }
}

#[test]
fn the_other_kinds() {
    let kind = |inner: &str| read(inner).unwrap().kind;
    assert_eq!(
        kind(&format!(
            "<r:propnotification>{CONTACTS}<d:propertyupdate/></r:propnotification>"
        )),
        NotificationKind::Property
    );
    assert_eq!(kind("<mEvent/>"), NotificationKind::Other("mEvent".into()));
    assert_eq!(kind(" "), NotificationKind::Other("".into()));
}

#[test]
fn a_foreign_namespace_hides_nothing() {
    let hidden = message(TEXT)
        .replace("r:message", "x:Message")
        .replace("<x:Message>", "<x:Message xmlns:x='urn:x'>");
    assert!(read(&hidden).unwrap_err().reason.contains("hides"));
    let nested = format!("<r:other>{}</r:other>", message(TEXT));
    assert!(read(&nested).unwrap_err().reason.contains("hides"));
    let property = message(TEXT).replace("r:message", "r:propnotification");
    let reason = read(&property).unwrap_err().reason;
    assert!(reason.contains("no place"), "{reason}");
    for hiding in ["<!--<r:notification-from>-->", "<![CDATA[<MIME-DATA>]]>"] {
        let other = format!("<x>{hiding}</x>");
        assert!(read(&other).unwrap_err().reason.contains("hides"));
    }
}

const FROM: &str = "<r:notification-from><r:contact><d:href>http://h/instmsg/aliases/alice</d:href>\
    <r:description></r:description></r:contact></r:notification-from>";
const TO: &str = "<r:notification-to><r:contact><d:href>http://h/instmsg/aliases/bob</d:href>\
    <r:description></r:description></r:contact></r:notification-to>";

/// A message as librvp writes it.
fn usual() -> String {
    let (a, d, r) = (crate::namespace::ACL, DAV, RVP);
    format!(
        "<?xml version=\"1.0\"?><r:notification xmlns:d=\"{d}\" xmlns:r=\"{r}\" xmlns:a=\"{a}\">\
         <r:message>{FROM}{TO}<r:msgbody><r:mime-data><![CDATA[{TEXT}]]></r:mime-data></r:msgbody>\
         </r:message></r:notification>"
    )
}

fn with(old: &str, new: &str) -> String {
    let body = usual();
    assert!(body.contains(old), "{old}");
    body.replacen(old, new, 1)
}

fn relayed(body: &str) -> String {
    let read = read_notification(body.as_bytes());
    let read = read.unwrap_or_else(|e| panic!("{}: {body}", e.reason));
    let plain = read.plain.map(|plain| String::from_utf8(plain).unwrap());
    let plain = plain.unwrap_or_else(|| body.to_owned());
    // What was made plain is plain.
    assert_eq!(read_notification(plain.as_bytes()).unwrap().plain, None);
    plain
}

#[test]
fn what_is_plain_is_relayed_to_the_byte() {
    let other_prefixes = usual()
        .replace("<r:", "<Z:")
        .replace("</r:", "</Z:")
        .replace("<d:", "<D:")
        .replace("</d:", "</D:")
        .replace("xmlns:d=", "xmlns:D=")
        .replace("xmlns:r=", "xmlns:Z=");
    for body in [
        usual(),
        format!("{}\r\n\n", usual()),
        format!("{}<!-- \u{c3}\u{bc} -->\n", usual()),
        with("?><", "?>\n<"),
        with("<?xml version=\"1.0\"?>", ""),
        with("\"1.0\"?>", "'1.0' encoding='utf-8'?>"),
        with("<r:description></r:description>", ""),
        with(
            "<r:description></r:description>",
            "<r:description> M\u{c3}\u{bc} &amp; Co</r:description>",
        ),
        with(TO, &format!("{TO}{TO}")),
        with("<![CDATA[", "\n<![CDATA["),
        with("<![CDATA[", "\n  <![CDATA[MIME-Version: 1.0\r\n").replace("]]></r", "]]>\n </r"),
        with(&format!("<![CDATA[{TEXT}]]>"), &TEXT.replace('<', "&lt;")),
        with("hi ", "<r:notification-from> ]]]]><![CDATA[> "),
        other_prefixes.clone(),
    ] {
        assert_eq!(relayed(&body), body);
    }
}

#[test]
fn what_is_clear_is_made_plain() {
    for body in [
        // librvp crashes over a Session-Id that it does not find.
        with("<![CDATA[", "\n  <![CDATA[").replace("]]></r", "]]>\n </r"),
        with("<![CDATA[", "\r\n\r\n<![CDATA["),
        with("Session", "]]><![CDATA[Session"),
        with("<r:contact>", "\n<r:contact>"),
        with("<r:contact>", "<!-- <r:contact> --><r:contact>"),
        with("<r:contact>", "<?x y?><r:contact>"),
        with("<r:contact>", "&#32;<r:contact>"),
        with("<r:contact>", "<r:contact >"),
        with("</d:href>", "</d:href\n>"),
        with("<r:contact>", "<r:contact xmlns:q='urn:q'>"),
        with("<r:mime-data>", " <r:mime-data>"),
        with("</r:msgbody>", "\t</r:msgbody>"),
        with("<d:href>", "<d:href>\n  "),
        with("alice</d:href>", "alice/\n</d:href>"),
        with("<r:message>", "\r\n<r:message>"),
        with("<r:description></r:description>", "<r:description/>"),
        with(
            "<r:description></r:description>",
            "<r:description><!-- x --></r:description>",
        ),
        with(FROM, &format!("{FROM}{FROM}")),
        with(
            "</r:contact>",
            "</r:contact><r:contact><d:href>http://h/instmsg/aliases/alice</d:href></r:contact>",
        ),
        with(&format!("{FROM}{TO}"), &format!("{TO}{FROM}")),
        with("?><", "?><!-- <r:notification-from> --><"),
        with("<?xml version=\"1.0\"?>", " <?xml version=\"1.0\"?>"),
        with(
            "<?xml version=\"1.0\"?>",
            "<?xml version=\"1.0\" standalone=\"no\"?>",
        ),
        format!("\u{feff}{}", usual()),
        format!("{}<!-- <r:contact> -->", usual()),
        usual()
            .replace("r:notification ", "d:notification ")
            .replace("/r:notification>", "/d:notification>"),
    ] {
        assert_eq!(relayed(&body), usual(), "{body}");
    }
    // Some tags as Miranda looks for them and some not: it would find the recipient.
    let mixed = usual().replace(
        FROM,
        &FROM.replace("r:", "q:").replace(
            "<q:notification-from>",
            &format!("<q:notification-from xmlns:q='{RVP}'>"),
        ),
    );
    assert_eq!(relayed(&mixed), usual());
    // The bytes of the text stay, with what stands around them.
    let data = format!("\n\t<![CDATA[MIME-Version: 1.0\r\n{TEXT}]]>\n");
    let body = with("<r:contact>", " <r:contact>").replace(&format!("<![CDATA[{TEXT}]]>"), &data);
    assert!(relayed(&body).contains(&format!("<r:mime-data>{data}</r:mime-data>")));
}

#[test]
fn nobody_is_shown_another_sender() {
    let eve = "<r:contact><d:href>http://h/instmsg/aliases/eve</d:href></r:contact>";
    let x = "<r:message xmlns:x='urn:x'>";
    for (body, why) in [
        (
            with(
                "<d:href>",
                "<d:href>http://h/instmsg/aliases/eve</d:href><d:href>",
            ),
            "more than one href",
        ),
        (with("<d:href>", "<d:href><!-- x -->"), "plain characters"),
        (with("alice</", "alice<?x y?></"), "plain characters"),
        (with("alice", "al&#105;ce"), "plain characters"),
        (with("alice", "<![CDATA[alice]]>"), "plain characters"),
        (with("alice</", "alice<d:b/></"), "plain characters"),
        (with("alice</", "alice\u{a0}</"), "not the URL"),
        (
            with("<d:href>http://h/instmsg/aliases/alice</d:href>", ""),
            "no href",
        ),
        (with("http://h/instmsg/aliases/alice", ""), "not the URL"),
        (
            with(
                "<d:href>http://h/instmsg/aliases/alice</d:href>",
                "<d:HREF>http://h/instmsg/aliases/alice</d:HREF>",
            ),
            "no place",
        ),
        (
            with(
                "<d:href>http://h/instmsg/aliases/alice</d:href>",
                "<r:href>http://h/instmsg/aliases/alice</r:href>",
            ),
            "no place",
        ),
        (with(FROM, ""), "no notification-from"),
        (
            with(FROM, "<r:notification-from></r:notification-from>"),
            "names nobody",
        ),
        (with(TO, ""), "no notification-to"),
        (with(TO, "<r:notification-to/>"), "names nobody"),
        (
            with(
                FROM,
                &format!("<r:Notification-From>{eve}</r:Notification-From>{FROM}"),
            ),
            "no place",
        ),
        (
            with(
                "<r:message>",
                &format!("{x}<x:notification-from>{eve}</x:notification-from>"),
            ),
            "no place",
        ),
        (
            with("<r:message>", x).replace("<r:contact>", "<x:contact/><r:contact>"),
            "no place",
        ),
        (
            with("<r:message>", x).replace("</r:contact>", "<x:href>x</x:href></r:contact>"),
            "no place",
        ),
        (with("<r:message>", "<r:message xmlns:r='urn:x'>"), "hides"),
        (
            with(
                "<r:message>",
                "<r:message xmlns:r='http://schemas.Microsoft.com/rvp'>",
            ),
            "hides",
        ),
        (
            with(
                "</r:msgbody>",
                &format!("</r:msgbody><r:message>{FROM}</r:message>"),
            ),
            "no place",
        ),
        (
            with("</r:mime-data>", &format!("</r:mime-data>{FROM}")),
            "no place",
        ),
        (
            with("<r:contact>", &format!("<r:contact>{eve}")),
            "no place",
        ),
        (
            with(
                "<r:contact>",
                "<r:contact d:href='http://h/instmsg/aliases/eve'>",
            ),
            "attribute",
        ),
        (
            with("<r:message>", "<r:message xml:base='http://h/'>"),
            "attribute",
        ),
        (with("<r:message>", "<r:message>x"), "text in"),
        (with("<r:message>", "<r:message><![CDATA[ ]]>"), "text in"),
        (with("</r:contact>", "</q:contact>"), "is closed by"),
        (
            with(
                "<r:description></r:description>",
                "<r:description><r:contact/></r:description>",
            ),
            "no place",
        ),
        (with("\"1.0\"?>", "\"1.0\" encoding=\"UTF-7\"?>"), "UTF-7"),
        (
            with("\"1.0\"?>", "\"1.0\" encoding=\"ISO-8859-1\"?>"),
            "ISO-8859-1",
        ),
        (
            with("\"1.0\"?>", "\"1.0\" encoding=\"US-ASCII\"?>"),
            "US-ASCII",
        ),
        (with("\"1.0\"?>", "\"1.1\"?>"), "XML 1.1"),
        (
            with("?><", "?><?xml version=\"1.0\"?><"),
            "not at the start",
        ),
    ] {
        let reason = read_notification(body.as_bytes()).unwrap_err().reason;
        assert!(reason.contains(why), "{body}: {reason}");
    }
}

#[test]
fn nobody_is_shown_another_text() {
    for (body, why) in [
        (with("<![CDATA[", "x<![CDATA["), "one piece"),
        (with("<![CDATA[", "&#32;<![CDATA["), "one piece"),
        (with("<![CDATA[", "<!-- x --><![CDATA["), "one piece"),
        (with("]]>", "]]> <![CDATA[]]>"), "one piece"),
        (
            with("Session", "]]><![CDATA[X: ]]]]><![CDATA[>\r\nSession"),
            "one piece",
        ),
        (with("Session-Id: {1}\r\n", ""), "Session-Id"),
        (with("Session-Id", "Session-Id: {2}\r\nSession-Id"), "twice"),
        (with("UTF-8\r\n", "UTF-8\r"), "carriage return"),
        (
            usual().replace("text/plain", "text/x-msmsgsinvite"),
            "Invitation-Command",
        ),
    ] {
        let reason = read_notification(body.as_bytes()).unwrap_err().reason;
        assert!(reason.contains(why), "{body}: {reason}");
    }
}

#[test]
fn a_change_of_properties_is_made_plain_or_refused() {
    let update = |inside: &str| {
        let (start, end) = (
            "<d:propertyupdate><d:set><d:prop>",
            "</d:prop></d:set></d:propertyupdate>",
        );
        let body = usual();
        let from = body.find("<r:msgbody>").unwrap();
        let (head, rest) = body.split_at(from);
        let rest = rest.split_once("</r:msgbody>").unwrap().1;
        format!("{head}{start}{inside}{end}{rest}").replace("r:message", "r:propnotification")
    };
    let busy = update("<r:state><r:busy/></r:state><x:p xmlns:x='urn:x'><x:q> y </x:q></x:p>");
    assert_eq!(relayed(&busy), busy);
    let spaced = update("\n <r:state>\n <r:busy/></r:state> ");
    assert_eq!(
        relayed(&spaced),
        update("<r:state><r:busy></r:busy></r:state>")
    );
    for (inside, why) in [
        ("<r:state/>", "one state"),
        ("<r:state>busy</r:state>", "text in"),
        ("<r:state><r:busy/><r:away/></r:state>", "one state"),
        (
            "<r:state><r:leased-value><r:value><r:busy/></r:value></r:leased-value></r:state>",
            "one state",
        ),
        ("<d:state><r:busy/></d:state>", "no place"),
        ("<x:p xmlns:x='urn:x'><x:Mime-Data/></x:p>", "no place"),
        ("busy", "text in"),
    ] {
        let reason = read_notification(update(inside).as_bytes())
            .unwrap_err()
            .reason;
        assert!(reason.contains(why), "{inside}: {reason}");
    }
    let removed = update("<r:state><r:busy/></r:state>").replace("d:set", "d:remove");
    assert!(
        read_notification(removed.as_bytes())
            .unwrap_err()
            .reason
            .contains("one state")
    );
}

#[test]
fn what_clients_would_read_differently_or_crash_on() {
    let one = message(TEXT);
    for (inner, why) in [
        (format!("{one}{one}"), "one message"),
        ("<r:message/>".to_owned(), "no notification-from"),
        (format!("<r:message>{CONTACTS}</r:message>"), "no text"),
        (message("hello"), "blank line"),
        (
            message(&format!("{TEXT}</r:mime-data><r:mime-data>{TEXT}")),
            "more than one",
        ),
        (message("<b/>"), "holds elements"),
    ] {
        let reason = read(&inner).unwrap_err().reason;
        assert!(reason.contains(why), "{inner}: {reason}");
    }
    assert!(read_notification(b"").is_err());
}
