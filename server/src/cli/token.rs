//! `rollcall token …`

use super::role::RoleArg;
use super::{DataArgs, output};
use api::{CreateToken, DeleteToken, ListTokens};
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token. Its word goes to standard output, this once.
    Add {
        /// A name to know it by.
        name: String,
        /// What it may do.
        #[arg(long, value_enum, default_value = "viewer")]
        role: RoleArg,
        /// Keep it to this operation; may be given several times.
        #[arg(long = "operation", value_name = "NAME")]
        operations: Vec<String>,
        /// For how many days it is good [default: until it is revoked].
        #[arg(long)]
        days: Option<u32>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// List tokens.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token: it is good for nothing from now on.
    Remove {
        /// Its name.
        name: String,
    },
}

pub(super) async fn run(args: TokenArgs) -> anyhow::Result<()> {
    match args.command {
        TokenCommand::Add {
            name,
            role,
            operations,
            days,
            json,
        } => {
            let order = CreateToken {
                name,
                role: role.into(),
                operations: (!operations.is_empty()).then_some(operations),
                days,
            };
            let made = args.data.call(order).await?;
            if json {
                return output::json(&made);
            }
            output::line(made.token.expose());
            Ok(())
        }
        TokenCommand::List { json } => list(args.data, json).await,
        TokenCommand::Remove { name } => args.data.call(DeleteToken { name }).await.map(drop),
    }
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let tokens = data.call(ListTokens {}).await?;
    if json {
        return output::json(&tokens);
    }
    let rows: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let never = || "never".to_owned();
            [
                token.name,
                output::word(&token.role),
                token.operations.map_or("all".to_owned(), |it| it.join(" ")),
                token.created_by,
                token.expires.map_or_else(never, output::moment),
                token.used.map_or_else(never, output::moment),
                token.used_from.unwrap_or_default(),
            ]
        })
        .collect();
    let heading = [
        "NAME",
        "ROLE",
        "OPERATIONS",
        "MADE BY",
        "EXPIRES",
        "LAST USE",
        "FROM",
    ];
    output::table(heading, &rows);
    Ok(())
}
