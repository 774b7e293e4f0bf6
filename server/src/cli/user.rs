//! `rollcall user …`

use super::access::{PrivacyCommand, access, privacy};
use super::client::password_from_stdin;
use super::{DataArgs, output};
use crate::control::{Order, Reply};
use anyhow::{Context as _, bail};
use api::NewUser;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make an account.
    Add {
        /// The part of the address before the @.
        alias: String,
        /// Name to show.
        #[arg(long, default_value = "")]
        display_name: String,
        /// Mail address.
        #[arg(long, default_value = "")]
        email: String,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Make an account for each line of a file: alias, tab, password, tab, name, tab, mail
    /// address; the last two may be left out.
    Import {
        /// The file; `-` for standard input.
        file: PathBuf,
    },
    /// List accounts.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Delete an account for good.
    Remove {
        /// Whose.
        alias: String,
    },
    /// Let an account sign on no more; it is logged off at once.
    Disable {
        /// Whose.
        alias: String,
    },
    /// Let an account sign on again.
    Enable {
        /// Whose.
        alias: String,
    },
    /// Show or change who may see a user and write to them.
    Privacy {
        /// Whose list.
        alias: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(subcommand)]
        command: Option<PrivacyCommand>,
    },
    /// Say what one user may do with another, and which entry decides.
    Access {
        /// Who: an alias, or the URL of a user elsewhere.
        from: String,
        /// With whom: an alias.
        to: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Set a password.
    Passwd {
        /// Whose.
        alias: String,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

pub(super) async fn run(args: UserArgs) -> anyhow::Result<()> {
    let order = match args.command {
        UserCommand::Add {
            alias,
            display_name,
            email,
            ..
        } => {
            let password = password_from_stdin()?;
            Order::AddUsers(vec![NewUser {
                alias,
                display_name,
                email,
                password: password.into(),
            }])
        }
        UserCommand::Import { file } => Order::AddUsers(read(&file)?),
        UserCommand::List { json } => return list(args.data, json).await,
        UserCommand::Privacy {
            alias,
            json,
            command,
        } => return privacy(args.data, alias, command, json).await,
        UserCommand::Access { from, to, json } => return access(args.data, from, to, json).await,
        UserCommand::Remove { alias } => Order::RemoveUser(alias),
        UserCommand::Disable { alias } => Order::EnableUser(alias, false),
        UserCommand::Enable { alias } => Order::EnableUser(alias, true),
        UserCommand::Passwd { alias, .. } => Order::SetPassword(alias, password_from_stdin()?),
    };
    args.data.order(order).await.map(drop)
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let Reply::Users(users) = data.order(Order::ListUsers).await? else {
        bail!("the server answered something else")
    };
    if json {
        return output::json(&users);
    }
    let rows: Vec<_> = users
        .into_iter()
        .map(|u| {
            let enabled = if u.enabled { "enabled" } else { "disabled" };
            let last = u
                .last_sign_on
                .map_or_else(|| "never".to_owned(), output::moment);
            [
                u.alias,
                u.display_name,
                u.email,
                enabled.to_owned(),
                output::word(&u.state),
                last,
            ]
        })
        .collect();
    output::table(
        ["ALIAS", "NAME", "MAIL", "ACCOUNT", "STATE", "LAST SIGN-ON"],
        &rows,
    );
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Vec<NewUser>> {
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).context("standard input cannot be read")?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?
    };
    let mut users = Vec::new();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let mut fields = line.split('\t').map(|field| field.trim().to_owned());
        let (Some(alias), Some(password)) = (fields.next(), fields.next()) else {
            bail!(
                "line {}: write alias, tab, password; nobody was added",
                number + 1
            );
        };
        let (display_name, email) = (
            fields.next().unwrap_or_default(),
            fields.next().unwrap_or_default(),
        );
        users.push(NewUser {
            alias,
            display_name,
            email,
            password: password.into(),
        });
    }
    Ok(users)
}
