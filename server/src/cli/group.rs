//! `rollcall group …`

use super::client::Client;
use super::{DataArgs, output};
use api::{
    AddMembers, CreateGroup, DeleteGroup, EditGroup, GetGroup, GroupQuery, GroupView, ListGroups,
    NewGroup, Part, RemoveMembers,
};
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(super) struct GroupArgs {
    #[command(subcommand)]
    command: GroupCommand,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Subcommand)]
enum GroupCommand {
    /// Make a group.
    Add {
        /// Its name; no user may have the same.
        name: String,
        /// What it is for.
        #[arg(long, default_value = "")]
        description: String,
        /// Aliases of its members.
        members: Vec<String>,
    },
    /// Change what a group is for.
    Describe {
        /// Its name.
        name: String,
        /// What it is for.
        description: String,
    },
    /// List groups.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a group and its members.
    Show {
        /// Its name.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Delete a group; its members stay users.
    Remove {
        /// Its name.
        name: String,
    },
    /// Add users to a group.
    AddMember {
        /// Name of the group.
        name: String,
        /// Aliases.
        #[arg(required = true)]
        aliases: Vec<String>,
    },
    /// Take users out of a group.
    RemoveMember {
        /// Name of the group.
        name: String,
        /// Aliases.
        #[arg(required = true)]
        aliases: Vec<String>,
    },
}

pub(super) async fn run(args: GroupArgs) -> anyhow::Result<()> {
    let data = args.data;
    match args.command {
        GroupCommand::Add {
            name,
            description,
            members,
        } => {
            let group = NewGroup {
                name,
                description,
                members,
            };
            data.call(CreateGroup { group }).await.map(drop)
        }
        GroupCommand::Describe { name, description } => {
            let edit = EditGroup {
                name,
                revision: None,
                description: Some(description),
            };
            data.call(edit).await.map(drop)
        }
        GroupCommand::List { json } => list(data, json).await,
        GroupCommand::Show { name, json } => show(data, name, json).await,
        GroupCommand::Remove { name } => {
            let revision = None;
            data.call(DeleteGroup { name, revision }).await.map(drop)
        }
        GroupCommand::AddMember { name, aliases } => {
            let members = aliases;
            data.call(AddMembers { name, members }).await.map(drop)
        }
        GroupCommand::RemoveMember { name, aliases } => {
            let members = aliases;
            data.call(RemoveMembers { name, members }).await.map(drop)
        }
    }
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let mut client = data.client()?;
    let query = GroupQuery::default();
    let ask = |part| ListGroups {
        query: query.clone(),
        part,
    };
    let groups = client.all(ask, |page| (page.rows, page.next)).await;
    client.close().await;
    let groups = groups?;
    if json {
        return output::json(&groups);
    }
    let rows: Vec<_> = groups
        .into_iter()
        .map(|g| [g.name, g.members.to_string(), g.description])
        .collect();
    output::table(["NAME", "MEMBERS", "DESCRIPTION"], &rows);
    Ok(())
}

async fn show(data: DataArgs, name: String, json: bool) -> anyhow::Result<()> {
    let mut client = data.client()?;
    let group = whole(&mut client, &name).await;
    client.close().await;
    let group = group?;
    if json {
        return output::json(&group);
    }
    output::line(format_args!("{}", group.row.name));
    if !group.row.description.is_empty() {
        output::line(format_args!("{}", group.row.description));
    }
    output::line("");
    let rows: Vec<_> = group
        .members
        .into_iter()
        .map(|m| [m.alias, m.display_name, output::word(&m.state)])
        .collect();
    output::table(["ALIAS", "NAME", "STATE"], &rows);
    Ok(())
}

/// A group with all its members.
async fn whole(client: &mut Client, name: &str) -> anyhow::Result<GroupView> {
    let ask = |part| GetGroup {
        name: name.to_owned(),
        query: GroupQuery::default(),
        part,
    };
    let mut group = client.call(ask(Part::after(""))).await?;
    while let Some(next) = group.next.take() {
        let more = client.call(ask(Part::after(next))).await?;
        group.members.extend(more.members);
        group.next = more.next;
    }
    Ok(group)
}
