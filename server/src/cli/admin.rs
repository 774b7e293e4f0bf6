//! `rollcall admin …`

use super::client::password_from_stdin;
use super::role::RoleArg;
use super::{DataArgs, output};
use crate::control::{Order, Reply};
use anyhow::bail;
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(super) struct AdminArgs {
    #[command(subcommand)]
    command: AdminCommand,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Make a console account.
    Add {
        /// Its name.
        name: String,
        /// What it may do.
        #[arg(long, value_enum, default_value = "administrator")]
        role: RoleArg,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List console accounts.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove a console account.
    Remove {
        /// Its name.
        name: String,
    },
}

pub(super) async fn run(args: AdminArgs) -> anyhow::Result<()> {
    let order = match args.command {
        AdminCommand::Add { name, role, .. } => {
            Order::AddAdmin(name, role.into(), password_from_stdin()?)
        }
        AdminCommand::Remove { name } => Order::RemoveAdmin(name),
        AdminCommand::List { json } => return list(args.data, json).await,
    };
    args.data.order(order).await.map(drop)
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let Reply::Admins(admins) = data.order(Order::ListAdmins).await? else {
        bail!("the server answered something else")
    };
    if json {
        return output::json(&admins);
    }
    let rows: Vec<_> = admins
        .into_iter()
        .map(|a| [a.name, output::word(&a.role)])
        .collect();
    output::table(["NAME", "ROLE"], &rows);
    Ok(())
}
