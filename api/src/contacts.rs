//! Contact lists of users' clients, kept on the server so that they follow their users.

use crate::{Base64, Done, File, Millis, Part, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One user's list, as it stands in the overview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactLine {
    /// The profile that it stands in: the user's URL at a server.
    pub profile: String,
    /// The contact's address.
    pub address: String,
}

/// One user's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactsView {
    /// As in the overview.
    pub summary: ContactSummary,
    /// Who is in it.
    pub contacts: Vec<ContactLine>,
}

/// What was taken of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactsTaken {
    /// The list as it is kept now.
    pub summary: ContactSummary,
    /// What else the file held, with the reason why it was not taken.
    pub refused: Vec<String>,
    /// How the file was read, where that is worth knowing.
    #[serde(default)]
    pub notices: Vec<String>,
}

/// Lists, and how clients reach theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactsPage {
    /// The lists, by alias.
    pub lists: Vec<ContactSummary>,
    /// The URL at which users' computers get and save their own list; none if that is switched
    /// off.
    pub served: Option<String>,
    /// What to go on after; none: this is the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// Whose contact lists are kept, and where clients get theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListContacts {
    /// Which part of the lists.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListContacts = "contacts.list", Query, Viewer, Get "/contacts", ContactsPage);

/// The contact list of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetContacts {
    /// Whose.
    pub alias: String,
}
operation!(GetContacts = "contacts.get", Query, Viewer, Get "/contacts/{alias}", ContactsView);

/// Keep the contacts of an exported registry file, in place of older ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportContacts {
    /// Whose.
    pub alias: String,
    /// The file.
    pub file: Base64,
    /// In which code page it is, if somebody says so.
    #[serde(default)]
    pub code_page: Option<u16>,
    /// Skip what cannot be read.
    #[serde(default)]
    pub skip_bad_lines: bool,
}
operation!(ImportContacts = "contacts.import", Command, Administrator, Put "/contacts/{alias}", ContactsTaken);

/// A user's contacts as a registry file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportContacts {
    /// Whose.
    pub alias: String,
    /// `reg` (Windows 2000 and later) or `reg4` (every Windows).
    pub format: String,
}
operation!(ExportContacts = "contacts.export", Command, Administrator, Post "/contacts/{alias}/export", File);

/// Forget a user's contacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteContacts {
    /// Whose.
    pub alias: String,
}
operation!(DeleteContacts = "contacts.delete", Command, Administrator, Delete "/contacts/{alias}", Done);

/// Scripts that carry contacts over a share, or, without one, over the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetContactScripts {
    /// The share.
    #[serde(default)]
    pub share: Option<String>,
}
operation!(GetContactScripts = "contacts.scripts", Query, Viewer, Get "/contact-scripts", Vec<File>);
