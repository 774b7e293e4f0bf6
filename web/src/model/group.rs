//! Groups of users.

use super::PresenceState;
use serde::{Deserialize, Serialize};

/// What part of a list of groups, or of one group's members, is wanted. Travels in the query
/// string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupQuery {
    /// Part of a name or a description (of an alias or a display name); empty for all.
    pub search: String,
    /// Page, from 1; past the end means the last.
    pub page: u32,
}

/// One group in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRow {
    /// The name, as it was typed when the group was made: the key, without regard to case.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// How many users are in it.
    pub members: u32,
}

/// One page of the list, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPage {
    /// The rows.
    pub rows: Vec<GroupRow>,
    /// Groups that match.
    pub matching: u32,
    /// Groups that exist.
    pub total: u32,
    /// This page, from 1.
    pub page: u32,
}

/// One user in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The alias.
    pub alias: String,
    /// Name to show; may be empty.
    pub display_name: String,
    /// State now.
    pub state: PresenceState,
}

/// One group with a page of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupView {
    /// The row of the list.
    pub row: GroupRow,
    /// The members on this page, by alias.
    pub members: Vec<Member>,
    /// Members that match.
    pub matching: u32,
    /// This page, from 1.
    pub page: u32,
}

/// A group to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewGroup {
    /// Its name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Its members: aliases, or several of them separated by spaces, commas or semicolons.
    pub members: Vec<String>,
}
