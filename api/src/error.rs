//! Why something was not done: the same error, and the same sentence, at every door.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Why an operation was not carried out. The text is for people: what happened, why, what to do.
/// Nothing was changed, except where it says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A field was refused.
    #[error("{message}")]
    Invalid {
        /// Name of the field.
        field: Cow<'static, str>,
        /// What is wrong and what to do.
        message: String,
    },
    /// It does not fit what is there: a name that is taken, something that is in use.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else changed the same field since the revision that the command names.
    #[error("{message}")]
    Stale {
        /// What happened, and what to do.
        message: String,
        /// What changed since, of all fields.
        since: Vec<Difference>,
    },
    /// No such user, policy or entry.
    #[error("{0}")]
    NotFound(String),
    /// The actor's role does not allow it.
    #[error("Your role does not allow this. Ask an administrator.")]
    Forbidden,
    /// Who asks could not be told: no token, or one that is not good any more.
    #[error("{0}")]
    Unauthorized(String),
    /// It was asked too often.
    #[error("{message}")]
    TooMany {
        /// What happened, and what to do.
        message: String,
        /// Seconds after which to try again.
        seconds: u32,
    },
    /// The server failed; its log says more.
    #[error("The server could not do this: {0}")]
    Internal(String),
}

impl Error {
    /// A field was refused.
    pub fn invalid(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// One field that somebody else changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Difference {
    /// Which field.
    pub field: String,
    /// What it was.
    pub before: String,
    /// What it is now.
    pub after: String,
    /// Who changed it last.
    pub by: String,
}
