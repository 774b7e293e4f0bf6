//! Notifications a server makes itself (RVP document 5.6).

use super::multistatus::PropertyOut;
use super::xml::Document;
use crate::encoding::double;

/// A presence push: what changed at `from_href`, for the watcher `to_href`, both as that watcher
/// spells them.
///
/// A state is written bare and as others may see it, whatever form it is given in: clients read
/// nothing else here (observed: librvp shows "Unknown status leased-value"). Texts of properties
/// are ordinary UTF-8, only payloads are encoded twice.
#[must_use]
pub fn presence_push(from_href: &str, to_href: &str, changes: &[PropertyOut]) -> Vec<u8> {
    let mut doc = Document::new("r:notification");
    doc.within("r:propnotification", |doc| {
        contact(doc, "r:notification-from", from_href, "");
        contact(doc, "r:notification-to", to_href, "");
        doc.within("d:propertyupdate", |doc| {
            doc.within("d:set", |doc| {
                doc.within("d:prop", |doc| {
                    for change in changes {
                        bare(change).write(doc);
                    }
                });
            });
        });
    });
    doc.finish()
}

fn bare(change: &PropertyOut) -> PropertyOut {
    match change {
        PropertyOut::State(value)
        | PropertyOut::LeasedState { value, .. }
        | PropertyOut::PlainState { value, .. } => PropertyOut::State(value.shown()),
        other
        @ (PropertyOut::Text { .. } | PropertyOut::Empty { .. } | PropertyOut::Xml { .. }) => {
            other.clone()
        }
    }
}

/// An instant message from the server, such as a notice to everybody.
///
/// `session_id` is a GUID in braces; it ends at the first character that cannot be in one. Line ends become CR LF. The
/// payload and the description are UTF-8 encoded twice, as clients expect (see
/// [`crate::encoding`]); the text is in a real CDATA section, the only form that the Miranda plugin
/// reads.
#[must_use]
pub fn message(
    from_href: &str,
    from_description: &str,
    to_href: &str,
    session_id: &str,
    text: &str,
) -> Vec<u8> {
    let session: String = session_id
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '{' | '}' | '-'))
        .collect();
    let lines = text.replace("\r\n", "\n").replace(['\r', '\n'], "\r\n");
    let payload = format!(
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\
         X-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0\r\n\
         Session-Id: {session}\r\n\r\n{lines}"
    );
    let mut doc = Document::new("r:notification");
    doc.within("r:message", |doc| {
        contact(doc, "r:notification-from", from_href, from_description);
        contact(doc, "r:notification-to", to_href, "");
        doc.within("r:msgbody", |doc| {
            doc.within("r:mime-data", |doc| doc.cdata(&double(&payload)));
        });
    });
    doc.finish()
}

/// A contact of a notification that is written anew.
#[derive(Debug)]
pub(crate) struct PlainParty {
    pub(crate) href: Box<str>,
    /// As it stands in the document it comes from: encoded twice already, if its writer did so.
    pub(crate) description: Box<str>,
}

/// What a notification that is written anew carries.
#[derive(Debug)]
pub(crate) enum PlainContent {
    /// What is inside `r:mime-data`, as it is.
    Text(Box<str>),
    /// What is inside `d:propertyupdate`, written by this crate.
    Update(String),
}

/// A notification of others, as all clients can read it.
pub(crate) fn plain_notification(
    from: &[PlainParty],
    to: &[Vec<PlainParty>],
    content: &PlainContent,
) -> Vec<u8> {
    let part = match content {
        PlainContent::Text(_) => "r:message",
        PlainContent::Update(_) => "r:propnotification",
    };
    let mut doc = Document::new("r:notification");
    doc.within(part, |doc| {
        parties(doc, "r:notification-from", from);
        for to in to {
            parties(doc, "r:notification-to", to);
        }
        match content {
            PlainContent::Text(data) => doc.within("r:msgbody", |doc| {
                doc.within("r:mime-data", |doc| doc.raw(data));
            }),
            PlainContent::Update(update) => doc.within("d:propertyupdate", |doc| doc.raw(update)),
        }
    });
    doc.finish()
}

fn parties(doc: &mut Document, side: &str, parties: &[PlainParty]) {
    doc.within(side, |doc| {
        for party in parties {
            doc.within("r:contact", |doc| {
                doc.text("d:href", &party.href);
                doc.text("r:description", &party.description);
            });
        }
    });
}

fn contact(doc: &mut Document, side: &str, href: &str, description: &str) {
    doc.within(side, |doc| {
        doc.within("r:contact", |doc| {
            doc.text("d:href", href);
            doc.text("r:description", &double(description));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{NotificationKind, read_notification};
    use crate::ids::ViewId;
    use crate::property::PropertyName;
    use crate::state::State;

    const ALICE: &str = "http://127.0.0.1/instmsg/aliases/alice";
    const BOB: &str = "http://127.0.0.1/instmsg/aliases/bob";

    #[test]
    fn a_push() {
        let body = presence_push(BOB, ALICE, &[PropertyOut::State(State::Busy)]);
        insta::assert_snapshot!(String::from_utf8(body).unwrap(), @r#"<?xml version="1.0"?><r:notification xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><r:propnotification><r:notification-from><r:contact><d:href>http://127.0.0.1/instmsg/aliases/bob</d:href><r:description></r:description></r:contact></r:notification-from><r:notification-to><r:contact><d:href>http://127.0.0.1/instmsg/aliases/alice</d:href><r:description></r:description></r:contact></r:notification-to><d:propertyupdate><d:set><d:prop><r:state><r:busy/></r:state></d:prop></d:set></d:propertyupdate></r:propnotification></r:notification>"#);
    }

    #[test]
    fn a_push_never_holds_a_lease_or_a_name_nobody_knows() {
        let view = ViewId::new(7).unwrap();
        let leased = PropertyOut::LeasedState {
            value: State::Invisible,
            default: State::Offline,
            timeout: 60,
            view,
        };
        let plain = PropertyOut::PlainState {
            value: State::Other("fishing".into()),
            view: Some(view),
        };
        let name = PropertyOut::Text {
            name: PropertyName::displayname(),
            value: "Bob".into(),
        };
        let body = String::from_utf8(presence_push(BOB, ALICE, &[leased, plain, name])).unwrap();
        assert!(body.contains(
            "<d:prop><r:state><r:offline/></r:state><r:state><r:online/></r:state>\
             <d:displayname>Bob</d:displayname></d:prop>"
        ));
    }

    #[test]
    fn a_message() {
        let body = message(
            ALICE,
            "Rollcall & Co",
            BOB,
            "{86D19FA1-B466-0505-165B-688D47040F78}\r\nX: y",
            "one\ntwo\r\n]]> <b>\u{7}",
        );
        let text = String::from_utf8(body).unwrap();
        assert_eq!(text.matches("\r\n").count(), 7);
        insta::assert_snapshot!(text.replace("\r\n", "[CRLF]\n"), @r#"
        <?xml version="1.0"?><r:notification xmlns:d="DAV:" xmlns:r="http://schemas.microsoft.com/rvp/" xmlns:a="http://schemas.microsoft.com/rvp/acl/"><r:message><r:notification-from><r:contact><d:href>http://127.0.0.1/instmsg/aliases/alice</d:href><r:description>Rollcall &amp; Co</r:description></r:contact></r:notification-from><r:notification-to><r:contact><d:href>http://127.0.0.1/instmsg/aliases/bob</d:href><r:description></r:description></r:contact></r:notification-to><r:msgbody><r:mime-data><![CDATA[MIME-Version: 1.0[CRLF]
        Content-Type: text/plain; charset=UTF-8[CRLF]
        X-MMS-IM-Format: FN=MS%20Shell%20Dlg; EF=; CO=0; CS=0; PF=0[CRLF]
        Session-Id: {86D19FA1-B466-0505-165B-688D47040F78}[CRLF]
        [CRLF]
        one[CRLF]
        two[CRLF]
        ]]]]><![CDATA[> <b>]]></r:mime-data></r:msgbody></r:message></r:notification>
        "#);
    }

    #[test]
    fn a_message_is_encoded_twice() {
        let body = message(ALICE, "Jürgen", BOB, "{1}", "grüß €");
        let contains = |bytes: &[u8]| body.windows(bytes.len()).any(|w| w == bytes);
        // "ü" and "€" as they were seen on the wire.
        assert!(contains(b"J\xc3\x83\xc2\xbcrgen"));
        assert!(contains(
            b"gr\xc3\x83\xc2\xbc\xc3\x83\xc2\x9f \xc3\xa2\xc2\x82\xc2\xac]]>"
        ));
        let read = read_notification(&body).unwrap();
        assert_eq!(&*read.from[0].description, "Jürgen");
        let NotificationKind::Message(payload) = read.kind else {
            panic!("not a message")
        };
        assert_eq!(&*payload.body, "grüß €");
        assert_eq!(payload.session_id(), Some("{1}"));
    }
}
