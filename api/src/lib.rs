//! What may be asked of the server and ordered: every administrative operation once, for the
//! console, the command line and the REST API. One file a noun; no I/O, and it builds for browsers.
//!
//! An operation is a struct that holds what it needs, and its [`Operation`] says what it is called,
//! who may do it, where it is in the REST API and what comes of it. `server/src/admin` carries it
//! out.

mod accounts;
mod assignments;
mod audit;
mod base64;
mod catalogue;
mod compliance;
mod contacts;
mod dashboard;
mod deployment;
mod door;
mod error;
mod events;
mod groups;
mod hooks;
mod list;
mod lockouts;
mod online;
mod operation;
mod policies;
mod policy_document;
mod privacy;
mod problem;
mod secret;
mod sessions;
mod tokens;
mod users;

pub use accounts::*;
pub use assignments::*;
pub use audit::*;
pub use base64::Base64;
pub use catalogue::*;
pub use compliance::*;
pub use contacts::*;
pub use dashboard::*;
pub use deployment::*;
pub use door::{Done, Door};
pub use error::{Difference, Error};
pub use events::*;
pub use groups::*;
pub use hooks::*;
pub use list::{MAX_ROWS, PAGE_SIZE, Page, Part, pages};
pub use lockouts::*;
pub use online::*;
pub use operation::{Actor, Kind, Method, Operation, Role, Route};
pub use policies::*;
pub use policy_document::PolicyDocument;
pub use privacy::*;
pub use problem::ProblemDetails;
pub use secret::Secret;
pub use sessions::*;
pub use tokens::*;
pub use users::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01 UTC.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

/// The console account that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Viewer {
    /// Account name.
    pub name: String,
    /// What it may do.
    pub role: Role,
}
