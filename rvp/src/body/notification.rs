//! NOTIFY bodies (RVP document 5.6, 9.1.18): what may be relayed, and in which form.
//!
//! A notification is relayed byte for byte where its envelope is plain, and written anew around
//! the same bytes of `r:mime-data` where it is clear but not plain. Whatever two clients could
//! read differently is refused: nobody is to be shown another sender, or another text, than the
//! one that was looked at here.

mod text;

use super::BodyError;
use super::builder::Builder;
use super::envelope::{Content, Envelope, Party, RESERVED, is};
use super::tree::{Element, text_of};
use crate::encoding::undouble;
use crate::namespace::{DAV, RVP};
use crate::payload::Payload;
use text::payload;

/// A notification taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What it carries.
    pub kind: NotificationKind,
    /// Whom it says it is from: every contact, as each client looks at another one. None only in
    /// [`NotificationKind::Other`].
    pub from: Vec<Contact>,
    /// Whom it says it is to: one element with many contacts (observed: librvp) or many elements
    /// with one each (RVP document 9.1.20).
    pub to: Vec<Contact>,
    /// The whole body as it is to be relayed; `None`: as it came.
    pub plain: Option<Vec<u8>>,
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
    /// His logical URL as written, without a final slash.
    pub href: Box<str>,
    /// His name for people.
    pub description: Box<str>,
}

/// Reads a notification.
///
/// # Errors
/// When the body is no such XML; when it carries more than one message; when two clients could
/// see two senders or two texts in it; or when it would crash one (see [`Payload::check`]).
pub fn read_notification(body: &[u8]) -> Result<Notification, BodyError> {
    let text = text_of(body)?;
    let root = Builder::strict().read(text)?;
    let root =
        root.ok_or_else(|| BodyError::new("The body is empty; send a notification element"))?;
    // The RVP document writes it in both namespaces (5.6.1).
    if !is(&root, RVP, "notification") && !is(&root, DAV, "notification") {
        return Err(BodyError::new(format!(
            "The body is a {} element; send a notification element, {RVP}",
            root.name
        )));
    }
    let mut parts = root.elements();
    let part = parts.next();
    if parts.next().is_some() {
        return Err(BodyError::new(
            "The notification carries more than one element; send one message per NOTIFY",
        ));
    }
    match part {
        Some(part) if is(part, RVP, "message") || is(part, RVP, "propnotification") => {
            let has_mark = body.len() != text.len();
            enveloped(text, &root, part, has_mark)
        }
        part => other(text, part),
    }
}

fn enveloped(
    text: &str,
    root: &Element,
    part: &Element,
    has_mark: bool,
) -> Result<Notification, BodyError> {
    let mut envelope = Envelope::read(text, root, part)?;
    let kind = match &mut envelope.content {
        Content::Text(data, inside) => {
            let (payload, clear) = payload(data, inside)?;
            envelope.is_plain &= *clear == **inside;
            *inside = clear;
            NotificationKind::Message(payload)
        }
        Content::Update(_) => NotificationKind::Property,
    };
    let plain = if envelope.is_plain && !has_mark {
        None
    } else {
        Some(envelope.written_plain()?)
    };
    let contact = |party: &Party<'_>| Contact {
        href: party.href.into(),
        description: undouble(&party.description).into(),
    };
    Ok(Notification {
        kind,
        from: envelope.from.iter().map(contact).collect(),
        to: envelope.to.iter().flatten().map(contact).collect(),
        plain,
    })
}

/// A notification in anybody's vocabulary (RVP document 5.6.1, package tracking). Nothing in it
/// may be what clients take for a message, in whatever namespace or letters, hidden or not.
fn other(text: &str, part: Option<&Element>) -> Result<Notification, BodyError> {
    let name = part.map(|part| &*part.name.local).unwrap_or_default();
    let is_word = |word: &str| name.eq_ignore_ascii_case(word);
    let small = text.to_ascii_lowercase();
    let is_inside = |word: &str| small.contains(word);
    if ["message", "propnotification", "notification"]
        .iter()
        .any(|word| is_word(word))
        || RESERVED.iter().any(|word| is_inside(word))
    {
        return Err(BodyError::new(format!(
            "The notification hides a message; send it as message of the namespace {RVP}, in these letters"
        )));
    }
    Ok(Notification {
        kind: NotificationKind::Other(name.into()),
        from: Vec::new(),
        to: Vec::new(),
        plain: None,
    })
}

#[cfg(test)]
mod tests;
