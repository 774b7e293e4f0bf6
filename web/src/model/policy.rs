//! Client policies, as the console lists and opens them.

use super::Millis;
use serde::{Deserialize, Serialize};

/// One policy in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySummary {
    /// Name: the key.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How many options it sets.
    pub settings: u32,
    /// Revision, from 1.
    pub revision: u32,
    /// When that revision was saved.
    pub saved: Millis,
    /// Who saved it.
    pub saved_by: String,
}

/// One policy, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyView {
    /// The row of the list.
    pub summary: PolicySummary,
    /// The policy itself, as JSON of the policy library.
    pub policy: String,
}
