//! `rollcall user …`

use super::access::{PrivacyCommand, access, privacy};
use super::client::password_from_stdin;
use super::{DataArgs, output};
use anyhow::{Context as _, bail};
use api::{
    CreateUser, DeleteUser, DisableUser, EditUser, EnableUser, GetUser, ImportUsers, ListUsers,
    NewUser, SetPassword, UnblockUser, UserDetail, UserQuery,
};
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
        /// Check everything, say how many would be made, and make none.
        #[arg(long)]
        dry_run: bool,
    },
    /// Change an account: what is not named stays as it is.
    #[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["display_name", "email"])))]
    Edit {
        /// Whose.
        alias: String,
        /// Name to show; may be empty.
        #[arg(long)]
        display_name: Option<String>,
        /// Mail address; may be empty.
        #[arg(long)]
        email: Option<String>,
        /// Only if nobody changed the same since this revision, as `user show` tells it.
        #[arg(long, value_name = "NUMBER")]
        revision: Option<u32>,
    },
    /// Show an account with all that is known of it.
    Show {
        /// Whose.
        alias: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let a user sign on again before their block ends.
    Unblock {
        /// Whose.
        alias: String,
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
        /// Only if nobody changed it since this revision, as `user show` tells it.
        #[arg(long, value_name = "NUMBER")]
        revision: Option<u32>,
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
    let data = args.data;
    match args.command {
        UserCommand::Add {
            alias,
            display_name,
            email,
            ..
        } => {
            let user = NewUser {
                alias,
                display_name,
                email,
                password: password_from_stdin()?.into(),
            };
            data.call(CreateUser { user }).await.map(drop)
        }
        UserCommand::Import { file, dry_run } => import(data, &file, dry_run).await,
        UserCommand::Edit {
            alias,
            display_name,
            email,
            revision,
        } => {
            let edit = EditUser {
                alias,
                revision,
                display_name,
                email,
            };
            data.call(edit).await.map(drop)
        }
        UserCommand::List { json } => list(data, json).await,
        UserCommand::Show { alias, json } => show(data, alias, json).await,
        UserCommand::Privacy {
            alias,
            json,
            command,
        } => privacy(data, alias, command, json).await,
        UserCommand::Access { from, to, json } => access(data, from, to, json).await,
        UserCommand::Remove { alias, revision } => {
            data.call(DeleteUser { alias, revision }).await.map(drop)
        }
        UserCommand::Disable { alias } => data.call(DisableUser { alias }).await.map(drop),
        UserCommand::Enable { alias } => data.call(EnableUser { alias }).await.map(drop),
        UserCommand::Unblock { alias } => data.call(UnblockUser { alias }).await.map(drop),
        UserCommand::Passwd { alias, .. } => {
            let password = password_from_stdin()?.into();
            data.call(SetPassword { alias, password }).await.map(drop)
        }
    }
}

async fn import(data: DataArgs, file: &Path, dry_run: bool) -> anyhow::Result<()> {
    let users = read(file)?;
    let count = data.call(ImportUsers { users, dry_run }).await?;
    if dry_run {
        output::line(format_args!(
            "{count} accounts would be made; none was, as this is a dry run"
        ));
    }
    Ok(())
}

async fn show(data: DataArgs, alias: String, json: bool) -> anyhow::Result<()> {
    let user = data.call(GetUser { alias }).await?;
    if json {
        return output::json(&user);
    }
    let UserDetail { row, .. } = &user;
    let at = |at: Option<api::Millis>| at.map_or_else(|| "never".to_owned(), output::moment);
    let enabled = if row.enabled { "enabled" } else { "disabled" };
    let mut facts = vec![
        ["alias".to_owned(), row.alias.clone()],
        ["name".to_owned(), row.display_name.clone()],
        ["mail".to_owned(), row.email.clone()],
        ["account".to_owned(), enabled.to_owned()],
        ["state".to_owned(), output::word(&row.state)],
        ["address".to_owned(), user.url.clone()],
        ["groups".to_owned(), user.groups.join(", ")],
        ["created".to_owned(), output::moment(user.created)],
        ["last sign-on".to_owned(), at(row.last_sign_on)],
        ["revision".to_owned(), user.revision.to_string()],
    ];
    if let Some((until, reason)) = &user.blocked_until {
        let told = format!("until {} {reason}", output::moment(*until));
        facts.push(["blocked".to_owned(), told]);
    }
    if let Some(refused) = &user.refused {
        let told = format!("{} {}", output::moment(refused.at), refused.what);
        facts.push(["refused".to_owned(), told]);
    }
    output::table(["FACT", "VALUE"], &facts);
    Ok(())
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let mut client = data.client()?;
    let query = UserQuery::default();
    let ask = |part| ListUsers {
        query: query.clone(),
        part,
    };
    let users = client.all(ask, |page| (page.rows, page.next)).await;
    client.close().await;
    let users = users?;
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
