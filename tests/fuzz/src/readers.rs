//! How others read a notification: as loosely as the clients of the time do. Whoever is the
//! sender to one of them must be the sender to the server, too.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use rvp::{Notification, NotificationKind, Payload};

/// Nobody finds another sender in what is relayed, however loosely they read; and what was made
/// plain says the same as before.
pub(crate) fn one_sender(read: &Notification, input: &[u8]) {
    let relayed = read.plain.as_deref().unwrap_or(input);
    let text = String::from_utf8_lossy(relayed);
    let known = |href: &str| read.from.iter().any(|from| *from.href == *href);
    for href in by_local_names(&text) {
        assert!(known(&href), "{href} in {text}");
    }
    if let Some(href) = by_letters(&text) {
        assert!(known(href), "{href} in {text}");
    }
    if read.plain.is_some() {
        let again = rvp::read_notification(relayed).expect("what was made plain");
        assert_eq!(again.plain, None, "{text}");
        assert_eq!(again.kind, read.kind, "{text}");
        assert_eq!(again.from[..], read.from[..1], "{text}");
        assert_eq!(again.to, read.to, "{text}");
    }
    if let NotificationKind::Message(payload) = &read.kind {
        assert!(!read.from.is_empty() && !read.to.is_empty(), "{text}");
        // Whoever stops at the end of the first section has found the same kind of text.
        if let Some(section) = text_by_letters(&text) {
            let section = Payload::parse(&rvp::encoding::undouble(section));
            let section = section.unwrap_or_else(|error| panic!("{error} in {text}"));
            assert_eq!(section.content_type(), payload.content_type(), "{text}");
            assert_eq!(section.session_id(), payload.session_id(), "{text}");
        }
    }
}

/// What stands in every `href` that is anywhere inside a `notification-from`: by local names, in
/// any namespace and letters, at any depth, with all that is written as characters.
fn by_local_names(body: &str) -> Vec<String> {
    let mut reader = Reader::from_str(body);
    reader.config_mut().check_end_names = false;
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().expect("what is relayed is XML") {
            Event::Start(start) => {
                let local = start.local_name().into_inner();
                open.push(local.to_ascii_lowercase());
                text.clear();
            }
            Event::End(_) => {
                let from = open.iter().any(|name| name == "notification-from");
                if open.pop().is_some_and(|name| name == "href") && from {
                    found.push(text.clone());
                }
                text.clear();
            }
            Event::Text(characters) => text.push_str(&characters.xml10_content()),
            Event::CData(characters) => text.push_str(&characters),
            Event::GeneralRef(reference) => {
                if let Ok(Some(c)) = reference.resolve_char_ref() {
                    text.push(c);
                } else if let Some(known) = resolve_predefined_entity(&reference) {
                    text.push_str(known);
                }
            }
            Event::Eof => return found,
            // Written as start and end, as told above.
            Event::Empty(_) => {}
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// What follows the first `<d:href>` after the first `<r:notification-from>`, letter by letter;
/// `None` where one of them is not there.
fn by_letters(body: &str) -> Option<&str> {
    let (_, from) = body.split_once("<r:notification-from>")?;
    let (_, contact) = from.split_once("<r:contact>")?;
    let (_, href) = contact.split_once("<d:href>")?;
    let end = href.find('<').unwrap_or(href.len());
    Some(&href[..end])
}

/// What stands in `r:mime-data` to who looks for a CDATA section, letter by letter.
fn text_by_letters(body: &str) -> Option<&str> {
    let (_, data) = body.split_once("<r:mime-data>")?;
    let (_, section) = data.split_once("<![CDATA[")?;
    Some(
        section
            .split_once("]]>")
            .map_or(section, |(section, _)| section),
    )
}
