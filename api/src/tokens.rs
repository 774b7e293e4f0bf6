//! Words with which programs come in.

use crate::{Done, Millis, Role, Secret, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A token, without its word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenRow {
    /// Its name: the key, without regard to case.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The only operations it may do; none: all of its role.
    pub operations: Option<Vec<String>>,
    /// When it was made.
    pub created: Millis,
    /// Who made it.
    pub created_by: String,
    /// Until when it is good; none: until it is revoked.
    pub expires: Option<Millis>,
    /// When it was used last; none: never.
    pub used: Option<Millis>,
    /// From which address.
    pub used_from: Option<String>,
}

/// A token that was made. Its word is shown this once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewToken {
    /// The word: `Authorization: Bearer …`.
    pub token: Secret,
    /// All else.
    #[serde(flatten)]
    pub row: TokenRow,
}

/// All tokens, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListTokens {}
operation!(ListTokens = "tokens.list", Query, Operator, Get "/tokens", Vec<TokenRow>);

/// Make a token. Its word is shown once, and only its hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateToken {
    /// A name to know it by.
    pub name: String,
    /// What it may do: not more than who makes it.
    pub role: Role,
    /// The only operations it may do; none: all of its role.
    #[serde(default)]
    pub operations: Option<Vec<String>>,
    /// For how many days it is good; none: until it is revoked.
    #[serde(default)]
    pub days: Option<u32>,
}
operation!(CreateToken = "tokens.create", Command, Operator, Post "/tokens", NewToken);

/// Revoke a token: it is good for nothing from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteToken {
    /// Its name.
    pub name: String,
}
operation!(DeleteToken = "tokens.delete", Command, Operator, Delete "/tokens/{name}", Done);
