//! What policies forbade, and whom they do not reach.

use crate::{Millis, Part, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What part of the list of refusals is wanted. Travels in the query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ComplianceQuery {
    /// Part of the alias of who sent it, or of whom it was for; empty for all.
    pub search: String,
    /// The word of a feature; empty for all.
    pub feature: String,
    /// Page, from 1; past the end means the last.
    pub page: u32,
}

/// An invitation that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusalRow {
    /// When.
    pub at: Millis,
    /// Who sent it: an alias, or the URL of a user of another domain.
    pub sender: String,
    /// For whom it was: an alias.
    pub recipient: String,
    /// What it was about, in words.
    pub feature: String,
    /// `INVITE`, or `ACCEPT` where an invitation was to be accepted.
    pub command: String,
    /// The application as the client names it; its GUID where it has no name.
    pub application: String,
    /// The policy that decided.
    pub policy: String,
    /// Which of the two it reaches.
    pub decided_for: String,
}

/// How often something was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeatureCount {
    /// Its word in addresses.
    pub word: String,
    /// Its name for people.
    pub title: String,
    /// How often.
    pub count: u32,
}

/// Clients of one kind that are signed on, and what of the policies reaches them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientReach {
    /// What they call themselves; empty: nothing.
    pub agent: String,
    /// Live sign-ons.
    pub sessions: u32,
    /// The program that this is, if it is one that registry options are known for.
    pub program: Option<String>,
    /// Options that policies write to files and this program does not know.
    pub unknown: Vec<String>,
}

/// One page of *Compliance*.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompliancePage {
    /// The refusals, newest first.
    pub rows: Vec<RefusalRow>,
    /// By feature, most first, whatever feature is asked for.
    pub counts: Vec<FeatureCount>,
    /// Refusals that match.
    pub matching: u32,
    /// This page, from 1.
    pub page: u32,
    /// Who is signed on with what, most first.
    pub clients: Vec<ClientReach>,
    /// How many options policies write to files.
    pub written: u32,
    /// What to go on after; none: this is the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// That something was refused to a user lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedLately {
    /// When, last.
    pub at: Millis,
    /// What, in a sentence.
    pub what: String,
}

/// One page of what policies forbade, and which clients they do not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListRefusals {
    /// Which.
    #[serde(flatten)]
    pub query: ComplianceQuery,
    /// Which part, for programs.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListRefusals = "compliance.list", Query, Viewer, Get "/compliance", CompliancePage);
