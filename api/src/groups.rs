//! Groups of users.

use crate::{Done, Page, Part, PresenceState, operation::operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What part of a list of groups, or of one group's members, is wanted. Travels in the query
/// string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GroupQuery {
    /// Part of a name or a description (of an alias or a display name); empty for all.
    pub search: String,
    /// Page, from 1; past the end means the last.
    pub page: u32,
}

/// One group in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupRow {
    /// The name, as it was typed when the group was made: the key, without regard to case.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// How many users are in it.
    pub members: u32,
}

/// One page of the list, by name.
pub type GroupPage = Page<GroupRow>;

/// One user in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The alias.
    pub alias: String,
    /// Name to show; may be empty.
    pub display_name: String,
    /// State now.
    pub state: PresenceState,
}

/// One group with a page of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupView {
    /// Changes with every change of the group.
    #[serde(default)]
    pub revision: u32,
    /// The row of the list.
    pub row: GroupRow,
    /// The members on this page, by alias.
    pub members: Vec<Member>,
    /// Members that match.
    pub matching: u32,
    /// This page, from 1.
    pub page: u32,
    /// What to go on after; none: this is the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// A group to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewGroup {
    /// Its name.
    pub name: String,
    /// What it is for; may be empty.
    #[serde(default)]
    pub description: String,
    /// Its members: aliases, or several of them separated by spaces, commas or semicolons.
    #[serde(default)]
    pub members: Vec<String>,
}

/// One page of groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListGroups {
    /// Which.
    #[serde(flatten)]
    pub query: GroupQuery,
    /// Which part, for programs.
    #[serde(flatten)]
    pub part: Part,
}
operation!(ListGroups = "groups.list", Query, Viewer, Get "/groups", GroupPage);

/// One group with a page of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetGroup {
    /// Its name.
    pub name: String,
    /// Which members.
    #[serde(flatten)]
    pub query: GroupQuery,
    /// Which part, for programs.
    #[serde(flatten)]
    pub part: Part,
}
operation!(GetGroup = "groups.get", Query, Viewer, Get "/groups/{name}", GroupView);

/// Make a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CreateGroup {
    /// The group.
    #[serde(flatten)]
    pub group: NewGroup,
}
operation!(CreateGroup = "groups.create", Command, Administrator, Post "/groups", Done);

/// Change what a group is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditGroup {
    /// Its name.
    pub name: String,
    /// The revision that the command goes by; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
    /// What it is for; may be empty.
    #[serde(default)]
    pub description: Option<String>,
}
operation!(EditGroup = "groups.edit", Command, Administrator, Patch "/groups/{name}", Done);

/// Add members, all or none. Gives how many are new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AddMembers {
    /// Its name.
    pub name: String,
    /// Aliases, or several of them in one text.
    pub members: Vec<String>,
}
operation!(AddMembers = "groups.add-members", Command, Administrator, Post "/groups/{name}/members", u32);

/// Take members out, all or none. Gives how many were in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RemoveMembers {
    /// Its name.
    pub name: String,
    /// Aliases, or several of them in one text.
    pub members: Vec<String>,
}
operation!(RemoveMembers = "groups.remove-members", Command, Administrator, Post "/groups/{name}/members/remove", u32);

/// Delete a group; its members stay users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteGroup {
    /// Its name.
    pub name: String,
    /// The revision that the command goes by; none: the newest, whatever it is.
    #[serde(default)]
    pub revision: Option<u32>,
}
operation!(DeleteGroup = "groups.delete", Command, Administrator, Delete "/groups/{name}", Done);
