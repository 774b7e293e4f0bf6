//! `rollcall admin …`

use super::client::{password_from_stdin, passwords_from_stdin};
use super::role::RoleArg;
use super::{DataArgs, output};
use api::{
    AccountQuery, ChangeOwnPassword, CreateAccount, DeleteAccount, DisableAccount, EnableAccount,
    EndSession, GetAccount, ListAccounts, ListSessions, ResetAccountPassword, SetAccountRole,
};
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
    /// Show a console account.
    Show {
        /// Its name.
        name: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say what a console account may do; its sessions end.
    Role {
        /// Its name.
        name: String,
        /// What it may do from now on.
        #[arg(value_enum)]
        role: RoleArg,
    },
    /// Let a console account sign in again.
    Enable {
        /// Its name.
        name: String,
    },
    /// Let a console account sign in no more; its sessions end.
    Disable {
        /// Its name.
        name: String,
    },
    /// Give a console account another password; its sessions end.
    Passwd {
        /// Its name.
        name: String,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Change the password of the console account under whose name this is run.
    OwnPasswd {
        /// Read the present password and the new one from standard input, a line each.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Remove a console account; its sessions end.
    Remove {
        /// Its name.
        name: String,
    },
    /// List who is signed in at the console.
    Sessions {
        /// Only those of this account.
        name: Option<String>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// End a session of the console.
    EndSession {
        /// Its key in the list of sessions.
        key: String,
    },
}

pub(super) async fn run(args: AdminArgs) -> anyhow::Result<()> {
    let data = args.data;
    let revision = None;
    match args.command {
        AdminCommand::Add { name, role, .. } => {
            let order = CreateAccount {
                name,
                role: role.into(),
                password: password_from_stdin()?.into(),
            };
            data.call(order).await.map(drop)
        }
        AdminCommand::List { json } => list(data, json).await,
        AdminCommand::Show { name, json } => show(data, name, json).await,
        AdminCommand::Role { name, role } => {
            let role = role.into();
            let order = SetAccountRole {
                name,
                revision,
                role,
            };
            data.call(order).await.map(drop)
        }
        AdminCommand::Enable { name } => data.call(EnableAccount { name }).await.map(drop),
        AdminCommand::Disable { name } => data.call(DisableAccount { name }).await.map(drop),
        AdminCommand::Passwd { name, .. } => {
            let password = password_from_stdin()?.into();
            data.call(ResetAccountPassword { name, password })
                .await
                .map(drop)
        }
        AdminCommand::OwnPasswd { .. } => {
            let [old, new] = passwords_from_stdin()?;
            let order = ChangeOwnPassword {
                old_password: old.into(),
                password: new.into(),
            };
            data.call(order).await.map(drop)
        }
        AdminCommand::Remove { name } => {
            data.call(DeleteAccount { name, revision }).await.map(drop)
        }
        AdminCommand::Sessions { name, json } => sessions(data, name, json).await,
        AdminCommand::EndSession { key } => data.call(EndSession { key }).await.map(drop),
    }
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let mut client = data.client()?;
    let query = AccountQuery::default();
    let ask = |part| ListAccounts {
        query: query.clone(),
        part,
    };
    let accounts = client.all(ask, |page| (page.rows, page.next)).await;
    client.close().await;
    let accounts = accounts?;
    if json {
        return output::json(&accounts);
    }
    let rows: Vec<_> = accounts
        .into_iter()
        .map(|it| {
            [
                it.name,
                output::word(&it.role),
                may_sign_in(it.enabled).to_owned(),
                it.signed_in.map_or("never".to_owned(), output::moment),
                it.signed_in_from.unwrap_or_default(),
            ]
        })
        .collect();
    output::table(["NAME", "ROLE", "STATE", "LAST SIGN-IN", "FROM"], &rows);
    Ok(())
}

fn may_sign_in(enabled: bool) -> &'static str {
    if enabled { "enabled" } else { "disabled" }
}

async fn show(data: DataArgs, name: String, json: bool) -> anyhow::Result<()> {
    let account = data.call(GetAccount { name }).await?;
    if json {
        return output::json(&account);
    }
    let row = account.row;
    let never = || "never".to_owned();
    output::line(row.name);
    output::line(format_args!("role          {}", output::word(&row.role)));
    output::line(format_args!("state         {}", may_sign_in(row.enabled)));
    output::line(format_args!(
        "made          {}",
        output::moment(row.created)
    ));
    let last = row.signed_in.map_or_else(never, output::moment);
    let from = row.signed_in_from.map(|it| format!(" from {it}"));
    let from = from.unwrap_or_default();
    output::line(format_args!("last sign-in  {last}{from}"));
    Ok(())
}

async fn sessions(data: DataArgs, name: Option<String>, json: bool) -> anyhow::Result<()> {
    let mut client = data.client()?;
    let ask = |part| ListSessions {
        account: name.clone(),
        part,
    };
    let sessions = client.all(ask, |page| (page.rows, page.next)).await;
    client.close().await;
    let sessions = sessions?;
    if json {
        return output::json(&sessions);
    }
    let unknown = || "unknown".to_owned();
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|it| {
            [
                it.key,
                it.account,
                it.from.unwrap_or_else(unknown),
                it.since.map_or_else(unknown, output::moment),
                it.used.map_or_else(unknown, output::moment),
            ]
        })
        .collect();
    output::table(["KEY", "ACCOUNT", "FROM", "SINCE", "LAST USE"], &rows);
    Ok(())
}
