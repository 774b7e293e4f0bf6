//! Who is locked out after failed sign-ins.

use serde::{Deserialize, Serialize};

/// Where sign-ins failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LockedAt {
    /// Clients, with Digest or NTLM.
    Clients,
    /// The console, and `/metrics`.
    Console,
}

/// Something that is locked out or slowed down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
