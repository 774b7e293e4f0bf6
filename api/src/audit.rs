//! What administrators did, and who signed in.

use crate::{Millis, Part, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which entries of the audit are wanted. Travels in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AuditQuery {
    /// Part of any column; empty for all.
    pub search: String,
    /// Who did it, without regard to case; empty for all.
    pub actor: String,
    /// What was done, such as `user.create`, or a noun such as `user` for all that was done to it;
    /// empty for all.
    pub action: String,
    /// On whom or what, without regard to case; empty for all.
    pub target: String,
    /// The first moment: `2026-11-25`, `2026-11-25T14:05:09Z`, or milliseconds since 1970-01-01;
    /// UTC; empty for all.
    pub since: String,
    /// The last moment, likewise: a day is meant with its end.
    pub until: String,
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
    /// What changed, field by field.
    #[serde(default)]
    pub changes: Vec<AuditChange>,
}

/// One field that an act changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditChange {
    /// Which.
    pub field: String,
    /// What it was; empty if there was nothing.
    pub before: String,
    /// What it is from then on; empty if there is nothing.
    pub after: String,
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
    /// What to go on after; none: this is the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// One page of what administrators did and who signed in, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListAudit {
    /// Which.
    #[serde(flatten)]
    pub query: AuditQuery,
    /// Which part, for programs.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListAudit = "audit.list", Query, Administrator, Get "/audit", AuditPage);

/// How an export is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditFormat {
    /// Comma-separated values with a heading (RFC 4180). What a spreadsheet would take for a formula
    /// has an apostrophe before it, and control characters are written out.
    #[default]
    Csv,
    /// JSON lines: an entry a line, as in a list.
    Jsonl,
}

/// A part of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditExport {
    /// Its lines; put one part after the other.
    pub text: String,
    /// What to go on after; none: this is the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// A part of the audit as text, newest first: at most 1000 entries, and where to go on. Its beginning
/// is written down in the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExportAudit {
    /// How it is written.
    #[serde(default)]
    pub format: AuditFormat,
    /// Which; pages are of no account.
    #[serde(flatten)]
    pub query: AuditQuery,
    /// Which part.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ExportAudit = "audit.export", Command, Administrator, Post "/audit/export", AuditExport);
