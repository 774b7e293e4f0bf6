//! The orders of the command line about groups.

use super::order::{Failure, Reply};
use crate::admin::Admin;
use serde::{Deserialize, Serialize};
use web::backend::Actor;
use web::model::NewGroup;

/// What the command line orders of groups. The first text is the group's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupOrder {
    /// Make a group.
    Add(NewGroup),
    /// Change what it is for.
    Describe(String, String),
    /// List groups.
    List,
    /// Show a group with its members.
    Show(String),
    /// Delete a group.
    Remove(String),
    /// Add members.
    AddMembers(String, Vec<String>),
    /// Take members out.
    RemoveMembers(String, Vec<String>),
}

impl Admin {
    pub(super) async fn carry_out_group(
        &self,
        actor: &Actor,
        order: GroupOrder,
    ) -> Result<Reply, Failure> {
        Ok(match order {
            GroupOrder::Add(group) => {
                self.create_group(actor, &group).await?;
                Reply::Done
            }
            GroupOrder::Describe(name, description) => {
                self.describe_group(actor, &name, &description).await?;
                Reply::Done
            }
            GroupOrder::List => Reply::Groups(self.all_groups().await?),
            GroupOrder::Show(name) => Reply::Group(Box::new(self.group(&name, None).await?)),
            GroupOrder::Remove(name) => {
                self.delete_group(actor, &name).await?;
                Reply::Done
            }
            GroupOrder::AddMembers(name, who) => {
                Reply::Changed(self.add_members(actor, &name, &who).await?)
            }
            GroupOrder::RemoveMembers(name, who) => {
                Reply::Changed(self.remove_members(actor, &name, &who).await?)
            }
        })
    }
}
