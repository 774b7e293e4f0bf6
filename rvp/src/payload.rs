//! The MIME text inside `r:mime-data` (RVP document 10).
//!
//! Read for inspection. A payload is never relayed from here: clients need the sender's bytes.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::invitation::Invitation;

/// Why a payload cannot be given to a client. Each of these crashes or confuses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// No blank line (observed: librvp crashes).
    #[error("the message has no blank line after its header lines; put one before the text")]
    NoBlankLine,
    /// A header line twice: some clients take the first, some the last, and some join them.
    #[error("the message has a header line twice; send each once")]
    Repeated,
    /// A carriage return that ends a line for some clients and not for others.
    #[error("the message has a carriage return without a line feed; end lines in both")]
    LoneReturn,
    /// White space where some clients see another name, or none.
    #[error(
        "a header line of the message begins with white space or has some before its colon; leave it out"
    )]
    SpacedName,
    /// No conversation (observed: librvp crashes).
    #[error("the message has no Session-Id; send a GUID in braces")]
    NoSession,
    /// An invitation without something that all clients look at (observed: librvp crashes).
    #[error("the invitation has no {0}; send one")]
    Missing(&'static str),
    /// A value that no client can make anything of.
    #[error("the {0} of the invitation is not one; see RVP document 10.3")]
    Malformed(&'static str),
    /// Lines after the blank line that ends an invitation.
    #[error("the invitation goes on after its blank line; leave the rest out")]
    TrailingText,
}

/// What kind of payload a content type announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PayloadKind {
    /// `text/plain`: a message.
    Text,
    /// `text/x-msmsgscontrol`: typing, or joining a session.
    Control,
    /// `text/x-imleave`: leaving a session.
    Leave,
    /// `text/x-msmsgsinvite`: an invitation.
    Invite,
    /// Anything else, or no content type.
    Other,
}

/// A payload taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payload {
    /// Header fields in order; folded lines are joined by a space.
    pub headers: Vec<(Box<str>, Box<str>)>,
    /// Everything after the blank line.
    pub body: Box<str>,
}

impl Payload {
    /// Reads header lines, the blank line and the text. Lines end in CR LF or LF. A line without a
    /// colon is skipped (the RVP document itself misprints one).
    ///
    /// # Errors
    /// When the blank line is missing, or two clients could read two different messages.
    pub fn parse(text: &str) -> Result<Self, PayloadError> {
        if text.starts_with([' ', '\t']) {
            return Err(PayloadError::SpacedName);
        }
        let (headers, body) = read_headers(text);
        let body = body.ok_or(PayloadError::NoBlankLine)?;
        check_lines(&text[..text.len() - body.len()], &headers)?;
        Ok(Self {
            headers,
            body: body.into(),
        })
    }

    /// Whether no client crashes over it.
    ///
    /// # Errors
    /// When it has no conversation, or is an invitation that lacks what clients look at.
    pub fn check(&self) -> Result<(), PayloadError> {
        if self.session_id().is_none() {
            return Err(PayloadError::NoSession);
        }
        if self.content_type() == PayloadKind::Invite {
            Invitation::parse(&self.body).check(&self.body)?;
        }
        Ok(())
    }

    /// The value of the first header field of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        field(&self.headers, name)
    }

    /// What the content type announces to the most lenient client: those of the time compare its
    /// beginning (observed: librvp takes `text/x-msmsgsinvite2` for an invitation), and not all of
    /// them its letters.
    #[must_use]
    pub fn content_type(&self) -> PayloadKind {
        let value = self.header("Content-Type").unwrap_or_default();
        let value = value.to_ascii_lowercase();
        let value = value.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        [
            ("text/x-msmsgsinvite", PayloadKind::Invite),
            ("text/x-msmsgscontrol", PayloadKind::Control),
            // A misprint of the RVP document, 10.2.
            ("text/x-msmsscontrol", PayloadKind::Control),
            ("text/x-imleave", PayloadKind::Leave),
            ("text/plain", PayloadKind::Text),
        ]
        .into_iter()
        .find_map(|(start, kind)| value.starts_with(start).then_some(kind))
        .unwrap_or(PayloadKind::Other)
    }

    /// The conversation, `{8-4-4-4-12}` as written; `None` if absent or empty.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.header("Session-Id").filter(|id| !id.is_empty())
    }

    /// Who is typing (a sign-in name), in a control payload that says so.
    #[must_use]
    pub fn typing_user(&self) -> Option<&str> {
        (self.content_type() == PayloadKind::Control)
            .then(|| self.header("TypingUser"))
            .flatten()
            .filter(|user| !user.is_empty())
    }

    /// The invitation in the body of an [`PayloadKind::Invite`].
    #[must_use]
    pub fn invitation(&self) -> Option<Invitation> {
        (self.content_type() == PayloadKind::Invite).then(|| Invitation::parse(&self.body))
    }

    /// The payload as text, lines ending in CR LF. Header fields are written on one line each.
    #[must_use]
    pub fn to_mime(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.headers {
            write!(out, "{name}: {value}\r\n").expect("writing to a String cannot fail");
        }
        out.push_str("\r\n");
        out.push_str(&self.body);
        out
    }
}

/// Header fields as they stand, in order.
pub(crate) type Fields = Vec<(Box<str>, Box<str>)>;

/// The first field of this name.
pub(crate) fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| &**value)
}

/// Refuses header lines, of which `headers` were read, that others read differently.
pub(crate) fn check_lines(lines: &str, headers: &Fields) -> Result<(), PayloadError> {
    if lines.replace("\r\n", "\n").contains('\r') {
        return Err(PayloadError::LoneReturn);
    }
    let mut names = HashSet::with_capacity(headers.len());
    for (name, _) in headers {
        if name.trim() != &**name {
            return Err(PayloadError::SpacedName);
        }
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(PayloadError::Repeated);
        }
    }
    Ok(())
}

/// Reads header lines up to a blank line; gives what follows it, `None` if there is none.
pub(crate) fn read_headers(text: &str) -> (Fields, Option<&str>) {
    let mut fields: Vec<(Box<str>, String)> = Vec::new();
    let mut folds = false;
    let mut rest = text;
    let mut body = None;
    while !rest.is_empty() {
        let (line, after) = match rest.split_once('\n') {
            Some((line, after)) => (line, Some(after)),
            None => (rest, None),
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            body = after;
            break;
        }
        if line.starts_with([' ', '\t']) {
            if let (true, Some((_, value))) = (folds, fields.last_mut()) {
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.into(), value.trim().to_owned()));
            folds = true;
        } else {
            folds = false;
        }
        rest = after.unwrap_or_default();
    }
    let fields = fields
        .into_iter()
        .map(|(name, value)| (name, value.trim().into()))
        .collect();
    (fields, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message() {
        let payload = Payload::parse(
            "MIME-Version: 1.0\r\ncontent-type: text/plain; charset=UTF-8\r\n\
             X-MMS-IM-Format: FN=Microsoft%20Sans%20Serif;\r\n EF=; CO=0\r\n\
             SESSION-ID: {86D19FA1-B466-0505-165B-688D47040F78}\r\n\r\nhello\r\n\r\nworld",
        )
        .unwrap();
        assert_eq!(payload.content_type(), PayloadKind::Text);
        assert_eq!(
            payload.session_id(),
            Some("{86D19FA1-B466-0505-165B-688D47040F78}")
        );
        assert_eq!(
            payload.header("x-mms-im-format"),
            Some("FN=Microsoft%20Sans%20Serif; EF=; CO=0")
        );
        assert_eq!(&*payload.body, "hello\r\n\r\nworld");
        assert_eq!(payload.invitation(), None);
    }

    #[test]
    fn the_documents_misprints() {
        let payload = Payload::parse(
            "MIME-Version 1.0\nContent-Type: text/x-msmsscontrol\nTypingUser: bruceb@example.com\n\
             Session-Id: {1}\n\n",
        )
        .unwrap();
        assert_eq!(payload.content_type(), PayloadKind::Control);
        assert_eq!(payload.typing_user(), Some("bruceb@example.com"));
        assert_eq!(payload.headers.len(), 3);
        let invite =
            Payload::parse("Content-Type: text/x-msmsgsinvite;.charset=UTF-8\n\n").unwrap();
        assert_eq!(invite.content_type(), PayloadKind::Invite);
    }

    #[test]
    fn what_would_crash_or_mislead_a_client() {
        for text in ["", "hello", "A: b\r\n", "A: b\r\nhello", "A: b\r\n "] {
            assert_eq!(
                Payload::parse(text),
                Err(PayloadError::NoBlankLine),
                "{text:?}"
            );
        }
        assert_eq!(
            Payload::parse("Content-Type: text/plain\ncontent-type: text/x-msmsgsinvite\n\n"),
            Err(PayloadError::Repeated)
        );
        for text in [
            "A: 1\rContent-Type: x\r\n\r\n",
            "A: 1\r\r\n\n",
            "A: 1\r\r\n\r\n",
        ] {
            assert_eq!(
                Payload::parse(text),
                Err(PayloadError::LoneReturn),
                "{text:?}"
            );
        }
        for text in [" A: 1\n\n", "\tA: 1\n\n", "A : 1\n\n", "\u{a0}A: 1\n\n"] {
            assert_eq!(
                Payload::parse(text),
                Err(PayloadError::SpacedName),
                "{text:?}"
            );
        }
        assert_eq!(
            Payload::parse("\r\nSession-Id: {1}").unwrap().session_id(),
            None
        );
        assert_eq!(
            Payload::parse("Session-Id:  \n\n").unwrap().session_id(),
            None
        );
    }

    #[test]
    fn the_beginning_of_a_content_type_counts() {
        for (value, kind) in [
            ("text/x-msmsgsinvite2", PayloadKind::Invite),
            ("text/x-msmsgsinvite, text/plain", PayloadKind::Invite),
            ("text/x-msmsgsinvite x", PayloadKind::Invite),
            ("Text/X-MSMSGSInvite", PayloadKind::Invite),
            ("\t \"text/x-msmsgsinvite\"", PayloadKind::Invite),
            ("\r\n text/x-msmsgsinvite", PayloadKind::Invite),
            ("text/x-msmsgscontrol2", PayloadKind::Control),
            ("text/x-imleaves", PayloadKind::Leave),
            ("text/plain; text/x-msmsgsinvite", PayloadKind::Text),
            ("text/html", PayloadKind::Other),
        ] {
            let text = format!("CONTENT-TYPE:{value}\r\n\r\n");
            assert_eq!(
                Payload::parse(&text).unwrap().content_type(),
                kind,
                "{value:?}"
            );
        }
    }

    #[test]
    fn what_an_invitation_needs() {
        const INVITE: [&str; 6] = [
            "Application-Name: File Transfer",
            "Application-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}",
            "Invitation-Command: INVITE",
            "Invitation-Cookie: 5",
            "Application-File: a b.bin",
            "Application-FileSize: 5000",
        ];
        let check = |lines: &[&str]| {
            let lines = lines.join("\r\n");
            let head = "Content-Type: text/x-msmsgsinvite\r\nSession-Id: {1}";
            let text = format!("{head}\r\n\r\n{lines}\r\n\r\n");
            Payload::parse(&text).unwrap().check()
        };
        assert_eq!(check(&INVITE), Ok(()));
        assert_eq!(check(&INVITE[1..]), Ok(()), "its name is for people");
        for (missing, name) in [
            (1, "Application-GUID"),
            (2, "Invitation-Command"),
            (3, "Invitation-Cookie"),
            (4, "Application-File"),
            (5, "Application-FileSize"),
        ] {
            let mut lines = INVITE.to_vec();
            let removed = lines.remove(missing);
            assert_eq!(check(&lines), Err(PayloadError::Missing(name)));
            let empty = format!("{name}: ");
            lines.push(&empty);
            assert_eq!(check(&lines), Err(PayloadError::Missing(name)));
            lines.pop();
            lines.extend([removed, removed]);
            assert_eq!(check(&lines), Err(PayloadError::Repeated));
            let spaced = removed.replace(':', " :");
            let mut lines = INVITE.to_vec();
            lines[missing] = &spaced;
            assert_eq!(check(&lines), Err(PayloadError::SpacedName));
        }
        let other = "Application-GUID: {44BBA842-CC51-11CF-AAFA-00AA00B6015C}";
        assert_eq!(
            check(&["Invitation-Command: INVITE", "Invitation-Cookie: 5", other]),
            Ok(())
        );
        for guid in [
            "x",
            "{5D3E02AB-6190-11d3-BBBB-00C04F795683}x",
            "{5D3E02AB619011d3BBBB00C04F795683}",
        ] {
            let guid = format!("Application-GUID: {guid}");
            let mut lines = INVITE.to_vec();
            lines[1] = &guid;
            assert_eq!(
                check(&lines),
                Err(PayloadError::Malformed("Application-GUID"))
            );
        }
        for (lines, result) in [
            (
                &["Invitation-Command: CANCEL", "Invitation-Cookie: 5"][..],
                Ok(()),
            ),
            (
                &["Invitation-Command: ACCEPT", "Invitation-Cookie: 5"],
                Ok(()),
            ),
            (
                &["Invitation-Command: ACCEPT"],
                Err(PayloadError::Missing("Invitation-Cookie")),
            ),
            (
                &["Invitation-Command: CANCEL"],
                Err(PayloadError::Missing("Invitation-Cookie")),
            ),
            (
                &[
                    "Invitation-Command: ACCEPT",
                    "Invitation-Cookie: 5",
                    "IP-Address: 10.0.0.1",
                ],
                Err(PayloadError::Missing("Port")),
            ),
            (&[], Err(PayloadError::Missing("Invitation-Command"))),
            (
                &[
                    "Invitation-Command: CANCEL",
                    "Invitation-Cookie: 5",
                    "",
                    other,
                ],
                Err(PayloadError::TrailingText),
            ),
            (
                &["Invitation-Command: CANCEL\rX: y", "Invitation-Cookie: 5"],
                Err(PayloadError::LoneReturn),
            ),
        ] {
            assert_eq!(check(lines), result, "{lines:?}");
        }
        let other = Payload::parse("Content-Type: text/plain\n\nhi").unwrap();
        assert_eq!(other.check(), Err(PayloadError::NoSession));
    }

    #[test]
    fn a_folded_line_belongs_to_its_own_field_only() {
        let payload = Payload::parse("no colon\n folded\nA:\n b\n\n").unwrap();
        assert_eq!(payload.headers, vec![("A".into(), "b".into())]);
    }
}
