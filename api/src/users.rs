//! Accounts of people who sign on with a client.

use crate::{Done, Millis, Page, Part, PresenceState, RefusedLately, Secret, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which accounts are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
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

impl UserFilter {
    /// Its name in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::All, Self::Enabled, Self::Disabled]
            .into_iter()
            .find(|filter| filter.name() == name)
    }
}

/// What part of the list is wanted. Travels in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserRow {
    /// The alias: the name in the user's address, and the key.
    pub alias: String,
    /// Name to show; may be empty.
    #[serde(default)]
    pub display_name: String,
    /// Mail address; may be empty.
    #[serde(default)]
    pub email: String,
    /// May sign on.
    pub enabled: bool,
    /// State now.
    pub state: PresenceState,
    /// Last successful sign-on, if there was one.
    pub last_sign_on: Option<Millis>,
}

/// One page of the list, by alias.
pub type UserPage = Page<UserRow>;

/// One account with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserDetail {
    /// Changes with every change of the account.
    #[serde(default)]
    pub revision: u32,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewUser {
    /// The alias.
    pub alias: String,
    /// Name to show; may be empty.
    #[serde(default)]
    pub display_name: String,
    /// Mail address; may be empty.
    #[serde(default)]
    pub email: String,
    /// The password, in clear: Digest and NTLM verifiers are made from it.
    pub password: Secret,
}

/// One page of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListUsers {
    /// Which.
    #[serde(flatten)]
    pub query: UserQuery,
    /// Which part, for programs.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListUsers = "users.list", Query, Viewer, Get "/users", UserPage);

/// One account with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetUser {
    /// Whose.
    pub alias: String,
}
operation!(GetUser = "users.get", Query, Viewer, Get "/users/{alias}", UserDetail);

/// Make an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateUser {
    /// The account.
    #[serde(flatten)]
    pub user: NewUser,
}
operation!(CreateUser = "users.create", Command, Administrator, Post "/users", Done);

/// Make many accounts, all or none. Gives how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportUsers {
    /// The accounts.
    pub users: Vec<NewUser>,
    /// Check everything and make none.
    #[serde(default)]
    pub dry_run: bool,
}
operation!(ImportUsers = "users.import", Command, Administrator, Post "/users/import", u32);

/// Change an account: what is not named stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditUser {
    /// Whose.
    pub alias: String,
    /// The revision that the command goes by; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
    /// Name to show; may be empty.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Mail address; may be empty.
    #[serde(default)]
    pub email: Option<String>,
}
operation!(EditUser = "users.edit", Command, Administrator, Patch "/users/{alias}", Done);

/// Let an account sign on again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnableUser {
    /// Whose.
    pub alias: String,
}
operation!(EnableUser = "users.enable", Command, Administrator, Post "/users/{alias}/enable", Done);

/// Let an account sign on no more; it is logged off at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisableUser {
    /// Whose.
    pub alias: String,
}
operation!(DisableUser = "users.disable", Command, Administrator, Post "/users/{alias}/disable", Done);

/// Set a password. Connections that proved the old one have to prove the new one; sessions that
/// are signed on stay until they renew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetPassword {
    /// Whose.
    pub alias: String,
    /// The password.
    pub password: Secret,
}
operation!(SetPassword = "users.set-password", Command, Administrator, Put "/users/{alias}/password", Done);

/// Lift a block on fresh sign-ons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnblockUser {
    /// Whose.
    pub alias: String,
}
operation!(UnblockUser = "users.unblock", Command, Operator, Post "/users/{alias}/unblock", Done);

/// Delete an account for good, after logging it off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteUser {
    /// Whose.
    pub alias: String,
    /// The revision that the command goes by; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
}
operation!(DeleteUser = "users.delete", Command, Administrator, Delete "/users/{alias}", Done);
