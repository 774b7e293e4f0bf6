//! Contact lists of users' clients, kept on the server so that they follow their users.

use super::Millis;
use serde::{Deserialize, Serialize};

/// One user's list, as it stands in the overview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactSummary {
    /// Whose.
    pub alias: String,
    /// How many people are in it, as far as the registry's keys tell.
    pub contacts: u32,
    /// How many registry values it has.
    pub values: u32,
    /// Revision, from 1.
    pub revision: u32,
    /// When it was saved.
    pub saved: Millis,
    /// Who saved it: an administrator, or the user's own computer.
    pub saved_by: String,
}

/// One contact, as far as the registry's keys tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactLine {
    /// The profile that it stands in: the user's URL at a server.
    pub profile: String,
    /// The contact's address.
    pub address: String,
}

/// One user's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactsView {
    /// As in the overview.
    pub summary: ContactSummary,
    /// Who is in it.
    pub contacts: Vec<ContactLine>,
}

/// What was taken of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactsTaken {
    /// The list as it is kept now.
    pub summary: ContactSummary,
    /// What else the file held, with the reason why it was not taken.
    pub refused: Vec<String>,
    /// How the file was read, where that is worth knowing.
    #[serde(default)]
    pub notices: Vec<String>,
}

/// All lists, and how clients reach theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactsPage {
    /// The lists, by alias.
    pub lists: Vec<ContactSummary>,
    /// The URL at which users' computers get and save their own list; none if that is switched
    /// off.
    pub served: Option<String>,
}
