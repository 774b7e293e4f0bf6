//! NOTIFY bodies (RVP document 5.6, 9.1.18), for inspection only.
//!
//! A notification is relayed byte for byte; nothing here may ever be written out in its place.
//! Elements are found by their local name in whatever namespace: clients look no further, so a
//! message must not escape inspection by a namespace of its own.

use super::BodyError;
use super::tree::{Child, Element, parse_root};
use crate::encoding::undouble;
use crate::payload::Payload;

/// A notification taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What it carries.
    pub kind: NotificationKind,
    /// Whom it says it is from.
    pub from: Option<Contact>,
    /// Whom it says it is to: one element with many contacts (observed: librvp) or many elements
    /// with one each (RVP document 9.1.20).
    pub to: Vec<Contact>,
}

/// What a notification carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationKind {
    /// An instant message, typing, an invitation.
    Message(Payload),
    /// A change of properties.
    Property,
    /// Something else, by its element name; empty for none.
    Other(Box<str>),
}

/// A party of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// His logical URL as written.
    pub href: Box<str>,
    /// His name for people.
    pub description: Box<str>,
}

/// Reads a notification.
///
/// # Errors
/// When the body is no such XML; when it carries more than one message, which clients read
/// differently; or when the message would crash one (see [`Payload::parse`]).
pub fn read_notification(body: &[u8]) -> Result<Notification, BodyError> {
    let root = parse_root(body, &["notification"])?;
    let mut parts = root.elements();
    let part = parts.next();
    if parts.next().is_some() {
        return Err(BodyError::new(
            "The notification carries more than one element; send one message per NOTIFY",
        ));
    }
    let Some(part) = part else {
        return Ok(Notification {
            kind: NotificationKind::Other("".into()),
            from: None,
            to: Vec::new(),
        });
    };
    let kind = if part.is("message") {
        NotificationKind::Message(payload(part)?)
    } else if count(part, "mime-data") > 0 || count(part, "message") > 0 {
        return Err(BodyError::new(
            "The notification hides a message inside another element; send it as message",
        ));
    } else if part.is("propnotification") {
        NotificationKind::Property
    } else {
        NotificationKind::Other(part.name.local.clone())
    };
    Ok(Notification {
        kind,
        from: contacts(part, "notification-from").next(),
        to: contacts(part, "notification-to").collect(),
    })
}

fn payload(message: &Element) -> Result<Payload, BodyError> {
    let data = message
        .child("msgbody")
        .and_then(|body| body.child("mime-data"))
        .ok_or_else(|| BodyError::new("The message has no text; send msgbody with mime-data"))?;
    if count(message, "mime-data") > 1 || count(message, "message") > 0 {
        return Err(BodyError::new(
            "The message has more than one text; send one mime-data per NOTIFY",
        ));
    }
    if data.elements().next().is_some() {
        return Err(BodyError::new(
            "The text of the message holds elements; put it into a CDATA section",
        ));
    }
    Payload::parse(&undouble(&text(data))).map_err(|e| {
        let reason = e.to_string();
        BodyError::new(capital(&reason))
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// The payload text: with white space around its CDATA section (RVP document 5.6.1) only what is
/// inside counts.
fn text(data: &Element) -> String {
    let has_cdata = data.children.iter().any(|c| matches!(c, Child::CData(_)));
    let outside_is_blank = data.children.iter().all(|child| match child {
        Child::Text(text) => text.trim().is_empty(),
        Child::CData(_) | Child::Element(_) => true,
    });
    data.children
        .iter()
        .filter(|child| !(has_cdata && outside_is_blank) || matches!(child, Child::CData(_)))
        .filter_map(Child::as_text)
        .collect()
}

fn contacts<'a>(part: &'a Element, side: &'a str) -> impl Iterator<Item = Contact> + 'a {
    part.elements()
        .filter(move |element| element.is(side))
        .flat_map(Element::elements)
        .filter(|element| element.is("contact"))
        .map(|contact| {
            let inside = |name| contact.child(name).map(Element::text).unwrap_or_default();
            Contact {
                href: inside("href").into(),
                description: undouble(&inside("description")).into(),
            }
        })
}

/// How many elements of this name there are below an element.
fn count(element: &Element, local: &str) -> usize {
    element
        .elements()
        .map(|child| usize::from(child.is(local)) + count(child, local))
        .sum()
}

#[cfg(test)]
mod tests {
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
            Some(Contact {
                href: "http://h/instmsg/aliases/alice".into(),
                description: "Alice Müller".into()
            })
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
        assert!(matches!(
            read(&hidden).unwrap().kind,
            NotificationKind::Message(_)
        ));
        let nested = format!("<r:other>{}</r:other>", message(TEXT));
        assert!(read(&nested).unwrap_err().reason.contains("hides"));
        let property = message(TEXT).replace("r:message", "r:propnotification");
        assert!(read(&property).unwrap_err().reason.contains("hides"));
    }

    #[test]
    fn what_clients_would_read_differently_or_crash_on() {
        let one = message(TEXT);
        for (inner, why) in [
            (format!("{one}{one}"), "one message"),
            ("<r:message/>".to_owned(), "no text"),
            (message("hello"), "blank line"),
            (
                message(&format!("{TEXT}</r:mime-data><r:mime-data>{TEXT}")),
                "more than one text",
            ),
            (message("<b/>"), "holds elements"),
        ] {
            let reason = read(&inner).unwrap_err().reason;
            assert!(reason.contains(why), "{inner}: {reason}");
        }
        assert!(read_notification(b"").is_err());
    }
}
