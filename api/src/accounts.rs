//! Accounts of the console.

use crate::{Done, Millis, Page, Part, Role, Secret, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What part of the list of accounts is wanted. Travels in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AccountQuery {
    /// Part of a name; empty for all.
    pub search: String,
    /// Page, from 1; past the end means the last.
    pub page: u32,
}

/// One account, without what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountRow {
    /// Its name, as it was typed when the account was made: the key, without regard to case.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// May sign in.
    pub enabled: bool,
    /// When it was made.
    pub created: Millis,
    /// When somebody signed in with it last; none: never, as far as is known.
    pub signed_in: Option<Millis>,
    /// From which address.
    pub signed_in_from: Option<String>,
}

/// One page of the list, by name.
pub type AccountPage = Page<AccountRow>;

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountView {
    /// Changes with every change of the account.
    #[serde(default)]
    pub revision: u32,
    /// The row of the list.
    pub row: AccountRow,
    /// True if it is the only administrator who may sign in: it can be neither removed, disabled
    /// nor lowered.
    #[serde(default)]
    pub last_administrator: bool,
}

/// One page of the console's accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListAccounts {
    /// Which.
    #[serde(flatten)]
    pub query: AccountQuery,
    /// Which part, for programs.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListAccounts = "accounts.list", Query, Administrator, Get "/accounts", AccountPage);

/// One account of the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetAccount {
    /// Its name.
    pub name: String,
}
operation!(GetAccount = "accounts.get", Query, Administrator, Get "/accounts/{name}", AccountView);

/// Make an account of the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateAccount {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its password: hard to guess, and without the account's name in it.
    pub password: Secret,
}
operation!(CreateAccount = "accounts.create", Command, Administrator, Post "/accounts", Done);

/// Say what an account may do. Its sessions end, and it signs in anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SetAccountRole {
    /// Its name.
    pub name: String,
    /// The revision that the command goes by; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
    /// What it may do from now on.
    pub role: Role,
}
operation!(SetAccountRole = "accounts.set-role", Command, Administrator, Put "/accounts/{name}/role", Done);

/// Let an account sign in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnableAccount {
    /// Its name.
    pub name: String,
}
operation!(EnableAccount = "accounts.enable", Command, Administrator, Post "/accounts/{name}/enable", Done);

/// Let an account sign in no more. Its sessions end at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisableAccount {
    /// Its name.
    pub name: String,
}
operation!(DisableAccount = "accounts.disable", Command, Administrator, Post "/accounts/{name}/disable", Done);

/// Give an account another password. Its sessions end at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResetAccountPassword {
    /// Its name.
    pub name: String,
    /// The password: hard to guess, and without the account's name in it.
    pub password: Secret,
}
operation!(ResetAccountPassword = "accounts.reset-password", Command, Administrator, Put "/accounts/{name}/password", Done);

/// Remove an account. Its sessions end at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteAccount {
    /// Its name.
    pub name: String,
    /// The revision that the command goes by; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
}
operation!(DeleteAccount = "accounts.delete", Command, Administrator, Delete "/accounts/{name}", Done);

/// Change the password of the account that asks. Its other sessions end at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeOwnPassword {
    /// The password that it has.
    pub old_password: Secret,
    /// The one that it is to have: hard to guess, and without the account's name in it.
    pub password: Secret,
}
operation!(ChangeOwnPassword = "accounts.change-own-password", Command, Viewer, Post "/account/password", PasswordChanged);

/// The password was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordChanged {
    /// The number that sessions of the account bear from now on: the console gives it to the session
    /// in which the password was changed. It never leaves the server.
    #[serde(skip)]
    pub generation: i64,
}
