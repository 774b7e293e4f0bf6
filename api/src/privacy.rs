//! Who may see a user and write to them, and why.

use crate::{Done, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The list of one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Privacy {
    /// Whose.
    pub alias: String,
    /// Nobody ever set it: the list every user starts with.
    pub standard: bool,
    /// Whether those whom no entry names may see the user and write to them.
    pub open: bool,
    /// The entries as they stand.
    pub entries: Vec<PrivacyEntry>,
}

/// One entry of a list. Rights and credentials by their names on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrivacyEntry {
    /// An alias of this domain, the URL of another domain's user, the name of a server, or
    /// `everybody`.
    pub who: String,
    /// Whom that is.
    pub about: PrivacyAbout,
    /// What it grants.
    pub granted: Vec<String>,
    /// What it denies; beats what it grants.
    pub denied: Vec<String>,
    /// For which credentials it counts.
    pub credentials: Vec<String>,
}

/// Whom an entry of a list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PrivacyAbout {
    /// Everybody whom no other entry names.
    Everybody,
    /// The user whose list it is.
    Owner,
    /// Another user of this server.
    User,
    /// Somebody of another domain, or a server.
    Elsewhere,
}

impl PrivacyEntry {
    /// Whether it lets them do something, by the right's name on the wire; none if it says
    /// nothing of it.
    #[must_use]
    pub fn says(&self, right: &str) -> Option<bool> {
        let has = |rights: &[String]| rights.iter().any(|it| it == right || it == "all");
        if has(&self.denied) {
            Some(false)
        } else {
            has(&self.granted).then_some(true)
        }
    }
}

/// A change of a list. Whom it is about: an alias, or the URL of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyChange {
    /// Allow everybody except those blocked, and block these, too.
    AllowAll(Vec<String>),
    /// Deny everybody except those allowed, and allow these, too.
    DenyAll(Vec<String>),
    /// Let one see the user and write to them.
    Allow(String),
    /// Let one do neither.
    Block(String),
    /// Take the entry of one out: what holds for everybody holds for them.
    Forget(String),
    /// Go back to the list that every user starts with.
    Reset,
}

/// What one user may do with another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// Who would do it: a URL.
    pub from: String,
    /// The alias of that user, if it is one of this server.
    pub from_alias: Option<String>,
    /// With whom: a URL.
    pub to: String,
    /// The alias of that user.
    pub to_alias: String,
    /// What stands in the way whatever the list says, in sentences.
    pub hindrances: Vec<String>,
    /// The state that a watcher sees now; none while no server runs.
    pub sees: Option<String>,
    /// Each right with each credential.
    pub rights: Vec<AccessRow>,
}

/// One right, asked for with one credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessRow {
    /// Its name on the wire.
    pub right: String,
    /// `digest` or `ntlm`.
    pub credential: String,
    /// Whether the list gives it.
    pub allowed: bool,
    /// Which entry decides.
    pub why: String,
}

/// Who may see a user and write to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetPrivacy {
    /// Whose.
    pub alias: String,
}
operation!(GetPrivacy = "users.get-privacy", Query, Viewer, Get "/users/{alias}/privacy", Privacy);

/// Change who may see a user and write to them; watchers are told at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetPrivacy {
    /// Whose.
    pub alias: String,
    /// What is to be changed.
    pub change: PrivacyChange,
}
operation!(SetPrivacy = "users.set-privacy", Command, Administrator, Post "/users/{alias}/privacy", Done);

/// What one user may do with another, and which entry decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetAccess {
    /// Who: an alias, or the URL of a user elsewhere.
    pub from: String,
    /// With whom: an alias.
    pub to: String,
}
operation!(GetAccess = "users.get-access", Query, Viewer, Get "/access", Access);
