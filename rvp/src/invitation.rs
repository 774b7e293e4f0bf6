//! Invitations to run an application together (RVP document 10.3).

use crate::payload::{Fields, PayloadError, check_lines, field, read_headers};

/// The second header block of an invitation payload.
///
/// Only the first `INVITE` names the application; what follows is tied to it by the cookie
/// (observed: librvp, file transfer).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// `Application-Name`, for people.
    pub application_name: Option<Box<str>>,
    /// `Application-GUID`, `{8-4-4-4-12}` as written.
    pub application_guid: Option<Box<str>>,
    /// `Invitation-Command`: `INVITE`, `ACCEPT`, `CANCEL`.
    pub command: Option<Box<str>>,
    /// `Invitation-Cookie`: what ties the parts of one negotiation together.
    pub cookie: Option<Box<str>>,
    /// All fields in order.
    pub headers: Vec<(Box<str>, Box<str>)>,
}

impl Invitation {
    /// Application GUID of a file transfer.
    pub const FILE_TRANSFER: &str = "{5D3E02AB-6190-11d3-BBBB-00C04F795683}";
    /// Application GUID of `NetMeeting`.
    pub const NETMEETING: &str = "{44BBA842-CC51-11CF-AAFA-00AA00B6015C}";

    /// Reads the body of an invitation payload; what is missing is `None`.
    #[must_use]
    pub fn parse(body: &str) -> Self {
        let (headers, _) = read_headers(body.trim_start_matches(['\r', '\n']));
        let get = |headers: &Fields, name| field(headers, name).map(Into::into);
        Self {
            application_name: get(&headers, "Application-Name"),
            application_guid: get(&headers, "Application-GUID"),
            command: get(&headers, "Invitation-Command"),
            cookie: get(&headers, "Invitation-Cookie"),
            headers,
        }
    }

    /// Whether all clients read it alike, and none crashes; `body` is what it was read from.
    pub(crate) fn check(&self, body: &str) -> Result<(), PayloadError> {
        let lines = body.trim_start_matches(['\r', '\n']);
        if lines.starts_with([' ', '\t']) {
            return Err(PayloadError::SpacedName);
        }
        check_lines(lines, &self.headers)?;
        let (_, rest) = read_headers(lines);
        if rest.is_some_and(|rest| !rest.trim_ascii().is_empty()) {
            return Err(PayloadError::TrailingText);
        }
        let needs = |name: &'static str| {
            let value = self.header(name).filter(|value| !value.is_empty());
            value.ok_or(PayloadError::Missing(name))
        };
        needs("Invitation-Command")?;
        needs("Invitation-Cookie")?;
        if self.is_command("ACCEPT") {
            // librvp crashes over an address without a port (observed).
            return match self.header("IP-Address") {
                Some(_) => needs("Port").map(drop),
                None => Ok(()),
            };
        }
        if self.is_command("CANCEL") {
            return Ok(());
        }
        if !is_guid(needs("Application-GUID")?) {
            return Err(PayloadError::Malformed("Application-GUID"));
        }
        if self.is_application(Self::FILE_TRANSFER) {
            needs("Application-File")?;
            needs("Application-FileSize")?;
        }
        Ok(())
    }

    /// The value of the first field of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        field(&self.headers, name)
    }

    /// Whether the command is this one, in any case.
    #[must_use]
    pub fn is_command(&self, command: &str) -> bool {
        self.command
            .as_ref()
            .is_some_and(|own| own.eq_ignore_ascii_case(command))
    }

    /// Whether the application is the one with this GUID; braces and case do not count.
    #[must_use]
    pub fn is_application(&self, guid: &str) -> bool {
        fn bare(guid: &str) -> &str {
            guid.trim().trim_start_matches('{').trim_end_matches('}')
        }
        self.application_guid
            .as_ref()
            .is_some_and(|own| bare(own).eq_ignore_ascii_case(bare(guid)))
    }
}

/// Whether this is `{8-4-4-4-12}`, with or without its braces.
fn is_guid(text: &str) -> bool {
    let bare = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    let groups: Vec<&str> = bare.unwrap_or(text).split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Payload;

    #[test]
    fn a_file_transfer() {
        let payload = Payload::parse(
            "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsinvite; charset=UTF-8\r\n\
             Session-Id: {1}\r\n\r\nApplication-Name: File Transfer\r\n\
             Application-GUID: {5d3e02ab-6190-11d3-bbbb-00c04f795683}\r\n\
             Invitation-Command: INVITE\r\nInvitation-Cookie: 586790609\r\n\
             Application-File: sendme.bin\r\nApplication-FileSize: 5000\r\n\r\n",
        )
        .unwrap();
        let invitation = payload.invitation().unwrap();
        assert!(invitation.is_application(Invitation::FILE_TRANSFER));
        assert!(!invitation.is_application(Invitation::NETMEETING));
        assert!(invitation.is_command("invite"));
        assert_eq!(invitation.cookie.as_deref(), Some("586790609"));
        assert_eq!(invitation.header("application-file"), Some("sendme.bin"));
    }

    #[test]
    fn an_answer_names_no_application() {
        let answer = Invitation::parse("Invitation-Command: CANCEL\nInvitation-Cookie: 3");
        assert_eq!(answer.application_guid, None);
        assert!(!answer.is_application(Invitation::FILE_TRANSFER));
        assert!(answer.is_command("CANCEL"));
    }
}
