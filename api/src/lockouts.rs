//! Who is locked out after failed sign-ins.

use crate::operation::operation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where sign-ins failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LockedAt {
    /// Clients, with Digest or NTLM.
    Clients,
    /// The console, and `/metrics`.
    Console,
}

/// Something that is locked out or slowed down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockoutRow {
    /// Where.
    pub at: LockedAt,
    /// The name; none: an address, whatever the name.
    pub name: Option<String>,
    /// There is an account of that name.
    pub account: bool,
    /// The address; none: from anywhere.
    pub address: Option<String>,
    /// Failures that are not forgotten.
    pub failures: u32,
    /// Seconds until the next attempt is looked at; 0: it is slowed down only.
    pub seconds: u32,
}

/// Who is locked out after failed sign-ins, or slowed down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListLockouts {}
operation!(ListLockouts = "lockouts.list", Query, Viewer, Get "/lockouts", Vec<LockoutRow>);

/// Forget the failed sign-ins of a name, or from an address. Gives how many counts there were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unlock {
    /// The name or the address.
    pub what: String,
}
operation!(Unlock = "lockouts.unlock", Command, Operator, Post "/lockouts/unlock", u32);
