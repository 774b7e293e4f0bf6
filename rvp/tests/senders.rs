//! Whoever is the sender to a client is the sender to us: notifications with all kinds of things
//! put where they do not belong, read as loosely as clients read them.

use proptest::collection::vec;
use proptest::prelude::*;
use rvp::read_notification;

#[path = "../../tests/fuzz/src/readers.rs"]
mod readers;

/// What is put somewhere, or in place of something.
const PIECES: &[&str] = &[
    " ",
    "\n",
    "<!-- <r:notification-from> -->",
    "<?x <r:contact>?>",
    "&#32;",
    "&#105;",
    "<![CDATA[",
    "]]>",
    "<r:notification-from>",
    "</r:notification-from>",
    "<x:notification-from>",
    "</x:notification-from>",
    "<r:Notification-From>",
    "</r:Notification-From>",
    "<q:notification-from>",
    "</q:notification-from>",
    "<r:contact>",
    "</r:contact>",
    "<q:contact>",
    "</q:contact>",
    "<x:contact>",
    "</x:contact>",
    "<r:contact >",
    "<d:href>http://h/instmsg/aliases/eve</d:href>",
    "<D:href>http://h/instmsg/aliases/eve</D:href>",
    "<r:contact><d:href>http://h/instmsg/aliases/eve</d:href></r:contact>",
    "<q:contact><D:href>http://h/instmsg/aliases/eve</D:href></q:contact>",
    "<r:description><![CDATA[<r:contact>]]></r:description>",
    "<r:description/>",
    "<r:message>",
    "</r:message>",
    "<r:msgbody>",
    "</r:msgbody>",
    "<r:propnotification>",
    "</r:propnotification>",
    " xmlns:r=\"urn:x\"",
    " xmlns:d=\"http://schemas.microsoft.com/rvp/\"",
    " xmlns:x=\"http://schemas.microsoft.com/rvp/\"",
    " d:href=\"http://h/instmsg/aliases/eve\"",
    "\r",
    "\r\n",
    ":",
];

/// A message, in parts between which things are put.
const MESSAGE: &[&str] = &[
    "<?xml version=\"1.0\"?>",
    "<r:notification xmlns:d=\"DAV:\" xmlns:D=\"DAV:\" xmlns:r=\"http://schemas.microsoft.com/rvp/\" \
     xmlns:q=\"http://schemas.microsoft.com/rvp/\" xmlns:x=\"urn:x\"",
    ">",
    "<r:message",
    ">",
    "<r:notification-from",
    ">",
    "<r:contact",
    ">",
    "<d:href",
    ">",
    "http://h/instmsg/aliases/",
    "alice",
    "</d:href>",
    "<r:description>",
    "</r:description>",
    "</r:contact>",
    "</r:notification-from>",
    "<r:notification-to>",
    "<r:contact>",
    "<d:href>http://h/instmsg/aliases/bob</d:href>",
    "</r:contact>",
    "</r:notification-to>",
    "<r:msgbody>",
    "<r:mime-data>",
    "<![CDATA[",
    "Content-Type: text/plain\r\n",
    "Session-Id: {1}\r\n",
    "\r\n",
    "hi",
    "]]>",
    "</r:mime-data>",
    "</r:msgbody>",
    "</r:message>",
    "</r:notification>",
];

fn damaged() -> impl Strategy<Value = String> {
    let change = (0..MESSAGE.len(), prop::sample::select(PIECES), 0..3_u8);
    vec(change, 0..4).prop_map(|changes| {
        let mut parts: Vec<String> = MESSAGE.iter().map(|part| (*part).to_owned()).collect();
        for (place, piece, how) in changes {
            match how {
                0 => parts[place].push_str(piece),
                1 => parts[place].insert_str(0, piece),
                // As if the tags around were written so.
                _ => piece.clone_into(&mut parts[place]),
            }
        }
        parts.concat()
    })
}

/// Every tag of the envelope by another prefix, or not.
fn prefixes() -> impl Strategy<Value = String> {
    vec(any::<bool>(), 24).prop_map(|others| {
        let mut others = others.into_iter().cycle();
        let mut message = String::new();
        let mut open = Vec::new();
        for part in MESSAGE.concat().split_inclusive('>') {
            let (before, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
            message.push_str(before);
            let is_fixed = tag.starts_with("<!")
                || tag.starts_with("<?")
                || tag.starts_with("<r:notification ")
                || tag == "</r:notification>";
            let is_other = if is_fixed {
                false
            } else if tag.starts_with("</") {
                open.pop().unwrap_or(false)
            } else {
                let is_other = others.next().unwrap_or(false);
                open.push(is_other);
                is_other
            };
            if is_other {
                message.push_str(&tag.replace("r:", "q:").replace("d:", "D:"));
            } else {
                message.push_str(tag);
            }
        }
        message
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn nothing_put_into_a_message_changes_who_sent_it(body in damaged()) {
        if let Ok(read) = read_notification(body.as_bytes()) {
            readers::one_sender(&read, body.as_bytes());
        }
    }

    #[test]
    fn no_prefixes_change_who_sent_it(body in prefixes()) {
        let read = read_notification(body.as_bytes()).unwrap();
        readers::one_sender(&read, body.as_bytes());
    }
}
