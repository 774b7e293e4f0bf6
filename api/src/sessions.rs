//! Sessions of the console.

use crate::{Done, Millis, Part, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One session: a browser in which somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionRow {
    /// The key. It is no cookie, and nobody comes in with it.
    pub key: String,
    /// The account that is signed in.
    pub account: String,
    /// From which address it signed in; none: it is not known.
    pub from: Option<String>,
    /// Since when; none: it is not known.
    pub since: Option<Millis>,
    /// When the browser asked for something last; none: it is not known.
    pub used: Option<Millis>,
}

/// A part of the sessions, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionPage {
    /// The rows.
    pub rows: Vec<SessionRow>,
    /// Sessions that match.
    pub matching: u32,
    /// What to go on after; none: this is the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// Who is signed in at the console: one's own sessions, and for administrators those of everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListSessions {
    /// Only those of this account; none: all that one may see.
    #[serde(default)]
    pub account: Option<String>,
    /// Which part, for programs.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListSessions = "sessions.list", Query, Viewer, Get "/sessions", SessionPage);

/// End a session: its next request has to sign in, and its live pages end at once. One's own; and for
/// administrators that of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndSession {
    /// Its key.
    pub key: String,
}
operation!(EndSession = "sessions.end", Command, Viewer, Delete "/sessions/{key}", Done);
