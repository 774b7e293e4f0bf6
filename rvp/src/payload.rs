//! The MIME text inside `r:mime-data` (RVP document 10).
//!
//! Read for inspection. A payload is never relayed from here: clients need the sender's bytes.

use std::fmt::Write as _;

use crate::invitation::Invitation;

/// Why a payload cannot be given to a client. Each of these crashes or confuses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// No blank line (observed: librvp crashes).
    #[error("the message has no blank line after its header lines; put one before the text")]
    NoBlankLine,
    /// A header that decides how to read the payload, twice.
    #[error("the message has two {0} header lines; send one")]
    Repeated(&'static str),
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
    /// When the blank line is missing, or `Content-Type` or `Session-Id` stand there twice, so that
    /// two clients could read two different messages.
    pub fn parse(text: &str) -> Result<Self, PayloadError> {
        let (headers, body) = read_headers(text);
        let body = body.ok_or(PayloadError::NoBlankLine)?;
        for name in ["Content-Type", "Session-Id"] {
            let same = |(n, _): &&(Box<str>, Box<str>)| n.eq_ignore_ascii_case(name);
            if headers.iter().filter(same).count() > 1 {
                return Err(PayloadError::Repeated(name));
            }
        }
        Ok(Self {
            headers,
            body: body.into(),
        })
    }

    /// The value of the first header field of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        field(&self.headers, name)
    }

    /// What the content type announces.
    #[must_use]
    pub fn content_type(&self) -> PayloadKind {
        let value = self.header("Content-Type").unwrap_or_default();
        let media_type = value.split(';').next().unwrap_or_default().trim();
        match media_type.to_ascii_lowercase().as_str() {
            "text/plain" => PayloadKind::Text,
            // The second is a misprint of the RVP document, 10.2.
            "text/x-msmsgscontrol" | "text/x-msmsscontrol" => PayloadKind::Control,
            "text/x-imleave" => PayloadKind::Leave,
            "text/x-msmsgsinvite" => PayloadKind::Invite,
            _ => PayloadKind::Other,
        }
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
            fields.push((name.trim().into(), value.trim().to_owned()));
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
            Err(PayloadError::Repeated("Content-Type"))
        );
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
    fn a_folded_line_belongs_to_its_own_field_only() {
        let payload = Payload::parse(" x\nno colon\n folded\nA:\n b\n\n").unwrap();
        assert_eq!(payload.headers, vec![("A".into(), "b".into())]);
    }
}
