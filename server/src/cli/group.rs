//! `rollcall group …`

use super::{DataArgs, output};
use crate::control::{GroupOrder, Order, Reply};
use anyhow::bail;
use clap::{Args, Subcommand};
use web::model::NewGroup;

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
    let order = match args.command {
        GroupCommand::Add {
            name,
            description,
            members,
        } => GroupOrder::Add(NewGroup {
            name,
            description,
            members,
        }),
        GroupCommand::Describe { name, description } => GroupOrder::Describe(name, description),
        GroupCommand::List { json } => return list(args.data, json).await,
        GroupCommand::Show { name, json } => return show(args.data, name, json).await,
        GroupCommand::Remove { name } => GroupOrder::Remove(name),
        GroupCommand::AddMember { name, aliases } => GroupOrder::AddMembers(name, aliases),
        GroupCommand::RemoveMember { name, aliases } => GroupOrder::RemoveMembers(name, aliases),
    };
    args.data.order(Order::Group(order)).await.map(drop)
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let Reply::Groups(groups) = data.order(Order::Group(GroupOrder::List)).await? else {
        bail!("the server answered something else")
    };
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
    let Reply::Group(group) = data.order(Order::Group(GroupOrder::Show(name))).await? else {
        bail!("the server answered something else")
    };
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
