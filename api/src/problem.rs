//! Errors as they travel: problem details (RFC 9457).

use crate::{Difference, Error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An error on its way to a program. `type` and `title` say which kind it is, `detail` what
/// happened and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProblemDetails {
    /// Which kind of error: `urn:rollcall:problem:` and one of `invalid`, `conflict`, `stale`,
    /// `not-found`, `forbidden`, `unauthorized`, `too-many`, `internal`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened, why, and what to do.
    pub detail: String,
    /// The field that was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What changed since the revision that was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub since: Vec<Difference>,
    /// Seconds after which to try again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

const KIND: &str = "urn:rollcall:problem:";

impl From<&Error> for ProblemDetails {
    fn from(error: &Error) -> Self {
        let (word, title, status) = match error {
            Error::Invalid { .. } => ("invalid", "A field was refused", 422),
            Error::Conflict(_) => ("conflict", "It does not fit what is there", 409),
            Error::Stale { .. } => ("stale", "Changed by someone else", 412),
            Error::NotFound(_) => ("not-found", "Not found", 404),
            Error::Forbidden => ("forbidden", "Not allowed", 403),
            Error::Unauthorized(_) => ("unauthorized", "Nobody is signed in", 401),
            Error::TooMany { .. } => ("too-many", "Too many requests", 429),
            Error::Internal(_) => ("internal", "The server could not do this", 500),
        };
        let mut details = Self {
            kind: format!("{KIND}{word}"),
            title: title.to_owned(),
            status,
            detail: error.to_string(),
            field: None,
            since: Vec::new(),
            retry_after: None,
        };
        match error {
            Error::Invalid { field, .. } => details.field = Some(field.to_string()),
            Error::Stale { since, .. } => details.since.clone_from(since),
            Error::TooMany { seconds, .. } => details.retry_after = Some(*seconds),
            // What the server's log explains is not for a stranger's program.
            Error::Internal(text) => details.detail.clone_from(text),
            _ => {}
        }
        details
    }
}

impl From<ProblemDetails> for Error {
    fn from(it: ProblemDetails) -> Self {
        match it.kind.strip_prefix(KIND).unwrap_or_default() {
            "invalid" => Self::invalid(it.field.unwrap_or_default(), it.detail),
            "conflict" => Self::Conflict(it.detail),
            "stale" => Self::Stale {
                message: it.detail,
                since: it.since,
            },
            "not-found" => Self::NotFound(it.detail),
            "forbidden" => Self::Forbidden,
            "unauthorized" => Self::Unauthorized(it.detail),
            "too-many" => Self::TooMany {
                message: it.detail,
                seconds: it.retry_after.unwrap_or(1),
            },
            _ => Self::Internal(it.detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_the_same_at_the_other_end() {
        let difference = Difference {
            field: "email".into(),
            before: "a@b".into(),
            after: "c@d".into(),
            by: "ada".into(),
        };
        for error in [
            Error::invalid("alias", "No."),
            Error::Conflict("Taken.".into()),
            Error::Stale {
                message: "Changed.".into(),
                since: vec![difference],
            },
            Error::NotFound("Gone.".into()),
            Error::Forbidden,
            Error::Unauthorized("Who?".into()),
            Error::TooMany {
                message: "Slowly.".into(),
                seconds: 7,
            },
            Error::Internal("Disk.".into()),
        ] {
            let sent = serde_json::to_string(&ProblemDetails::from(&error)).unwrap();
            let read: ProblemDetails = serde_json::from_str(&sent).unwrap();
            assert_eq!(Error::from(read), error);
        }
    }
}
