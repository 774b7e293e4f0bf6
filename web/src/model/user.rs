//! Accounts of people who sign on with a client.

use super::{Millis, PresenceState, RefusedLately};
use serde::{Deserialize, Serialize};

/// Which accounts are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserFilter {
    /// All.
    #[default]
    All,
    /// Those that may sign on.
    Enabled,
    /// Those that may not.
    Disabled,
}

/// What part of the list is wanted. Travels in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UserQuery {
    /// Part of an alias, a display name or a mail address; empty for all.
    pub search: String,
    /// Which accounts.
    pub filter: UserFilter,
    /// Page, from 1; past the end means the last.
    pub page: u32,
}

/// One account in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    /// The alias: the name in the user's address, and the key.
    pub alias: String,
    /// Name to show; may be empty.
    pub display_name: String,
    /// Mail address; may be empty.
    pub email: String,
    /// May sign on.
    pub enabled: bool,
    /// State now.
    pub state: PresenceState,
    /// Last successful sign-on, if there was one.
    pub last_sign_on: Option<Millis>,
}

/// One page of the list, by alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPage {
    /// The rows.
    pub rows: Vec<UserRow>,
    /// Accounts that match.
    pub matching: u32,
    /// Accounts that exist.
    pub total: u32,
    /// This page, from 1.
    pub page: u32,
}

/// One account with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetail {
    /// The row of the list.
    pub row: UserRow,
    /// The user's logical URL.
    pub url: String,
    /// When the account was made.
    pub created: Millis,
    /// Sign-ons refused until then, with the reason given.
    pub blocked_until: Option<(Millis, String)>,
    /// Names of the groups that the user is in.
    pub groups: Vec<String>,
    /// What a policy refused lately to the user, or to somebody who invited them.
    pub refused: Option<RefusedLately>,
}

/// An account to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUser {
    /// The alias.
    pub alias: String,
    /// Name to show; may be empty.
    pub display_name: String,
    /// Mail address; may be empty.
    pub email: String,
    /// The password, in clear: Digest and NTLM verifiers are made from it.
    pub password: String,
}

/// What is to be changed of an account: what is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEdit {
    /// Name to show; may be empty.
    pub display_name: Option<String>,
    /// Mail address; may be empty.
    pub email: Option<String>,
    /// May sign on. An account that is disabled is logged off at once.
    pub enabled: Option<bool>,
}
