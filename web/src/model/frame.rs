//! What surrounds every page: who is signed in, and what the last order did.

use crate::Problem;
use api::Viewer;
use serde::{Deserialize, Serialize};

/// What the server knows about a request before any page is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// The token that every form must carry; empty when nobody is signed in.
    pub csrf: String,
    /// What the last order did.
    pub flash: Option<Flash>,
    /// Set when this page can only say what went wrong.
    pub problem: Option<Problem>,
}

/// What an order did, shown once on the next page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// True when it was carried out.
    pub done: bool,
    /// What happened, for people.
    pub message: String,
    /// The field that was refused.
    pub field: Option<String>,
    /// What was typed, except secrets.
    pub typed: Vec<(String, String)>,
}

impl Flash {
    /// Something was done.
    #[must_use]
    pub fn done(message: impl Into<String>) -> Self {
        Self {
            done: true,
            message: message.into(),
            ..Self::default()
        }
    }

    /// Something was refused or failed.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }
}

/// The answer to an order that a script sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// True when it was carried out.
    pub done: bool,
    /// What happened, for people.
    pub message: String,
}
