//! What administrators did.

use crate::{Millis, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What part of the audit is wanted. Travels in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AuditQuery {
    /// Part of any column; empty for all.
    pub search: String,
    /// Page, from 1; past the end means the last.
    pub page: u32,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditRow {
    /// Number of the entry: the key.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// Who.
    pub actor: String,
    /// From which address, or `command line`.
    pub from: String,
    /// What: a verb of a fixed list, such as `user.create` or `logoff`.
    pub action: String,
    /// On whom or what.
    pub target: String,
    /// Why, or what changed.
    pub detail: String,
}

/// One page of the audit, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditPage {
    /// The rows.
    pub rows: Vec<AuditRow>,
    /// Entries that match.
    pub matching: u32,
    /// This page, from 1.
    pub page: u32,
}

/// One page of what administrators did, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListAudit {
    /// Which.
    #[serde(flatten)]
    pub query: AuditQuery,
}
operation!(ListAudit = "audit.list", Query, Administrator, Get "/audit", AuditPage);
