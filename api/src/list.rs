//! Lists, a page at a time: by number for people, by a cursor for programs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows on one page of any list.
pub const PAGE_SIZE: u32 = 50;

/// The most rows that a program gets at once.
pub const MAX_ROWS: u32 = 1000;

/// How many pages of [`PAGE_SIZE`] rows `total` rows fill; never 0.
#[must_use]
pub fn pages(total: u32) -> u32 {
    total.div_ceil(PAGE_SIZE).max(1)
}

/// Some rows of a list that stands in the order of its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page<Row> {
    /// The rows.
    pub rows: Vec<Row>,
    /// Rows that match.
    pub matching: u32,
    /// Rows that there are.
    pub total: u32,
    /// This page, from 1.
    pub page: u32,
    /// What to go on after; none: this is the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// Which part of a list a program wants. Unlike a page it neither skips nor repeats a row when
/// others come and go meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Part {
    /// Rows at once: 1 to 1000; 0: as many as on a page.
    pub limit: u32,
    /// The `next` of the part before; empty: from the beginning.
    pub after: String,
}

impl Part {
    /// The first part after this one, as large as can be.
    #[must_use]
    pub fn after(next: impl Into<String>) -> Self {
        Self {
            limit: MAX_ROWS,
            after: next.into(),
        }
    }
}
