//! What went wrong, for people: what happened, why, and what to do.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// Why something cannot be shown or done. Travels from the server to the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "message", rename_all = "kebab-case")]
pub enum Problem {
    /// The session ended.
    SignedOut,
    /// The account's role does not allow it.
    Forbidden,
    /// A form without the token of this session.
    StaleForm,
    /// No such page, user or policy.
    NotFound(String),
    /// Something that was sent is not right.
    Refused(String),
    /// Something that was sent is larger than what is taken.
    TooLarge(String),
    /// What was sent did not come in time.
    TooSlow(String),
    /// Somebody was faster.
    Conflict(String),
    /// The server failed.
    Failed(String),
    /// The server did not answer.
    Unreachable(String),
}

impl Problem {
    /// The HTTP status that says the same.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden | Self::StaleForm => 403,
            Self::NotFound(_) => 404,
            Self::Refused(_) => 422,
            Self::TooLarge(_) => 413,
            Self::TooSlow(_) => 408,
            Self::Conflict(_) => 409,
            Self::Failed(_) => 500,
            Self::Unreachable(_) => 503,
        }
    }

    /// What happened, in a few words: the heading.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::SignedOut => "You are signed out",
            Self::Forbidden => "Not allowed",
            Self::StaleForm => "This form is out of date",
            Self::NotFound(_) => "Not found",
            Self::Refused(_) => "That was not accepted",
            Self::TooLarge(_) => "That is too large",
            Self::TooSlow(_) => "That took too long",
            Self::Conflict(_) => "Changed by someone else",
            Self::Failed(_) => "The server could not do this",
            Self::Unreachable(_) => "The server does not answer",
        }
    }

    /// Why.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::SignedOut => "Your session ended, or your account was removed.".to_owned(),
            Self::Forbidden => "Your role does not allow this.".to_owned(),
            Self::StaleForm => {
                "It was not sent from a page of your present session. Nothing was changed."
                    .to_owned()
            }
            Self::NotFound(text)
            | Self::Refused(text)
            | Self::TooLarge(text)
            | Self::TooSlow(text)
            | Self::Conflict(text)
            | Self::Failed(text)
            | Self::Unreachable(text) => text.clone(),
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::SignedOut => "Sign in again.",
            Self::Forbidden => {
                "Ask an administrator of this console to do it or to raise your role."
            }
            Self::StaleForm => "Go back, reload the page, and send it again.",
            Self::NotFound(_) => "Check the address, or start from the lists above.",
            Self::Refused(_) => "Go back, change it, and send it again.",
            Self::TooLarge(_) => "Nothing was changed. Go back, and send less at once.",
            Self::TooSlow(_) => "Nothing was changed. Go back, and send it again.",
            Self::Conflict(_) => "Open it again to see the newest state, then make your change.",
            Self::Failed(_) => {
                "Try once more. If it stays, the server's log has a line at this moment."
            }
            Self::Unreachable(_) => {
                "Check that the server runs and that you can reach it, then reload."
            }
        }
    }
}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(text) => {
                Self::Unreachable(format!("The request did not get through ({text})."))
            }
            other => Self::Failed(other.to_string()),
        }
    }
}
