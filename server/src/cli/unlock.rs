//! `rollcall unlock`

use super::{DataArgs, output};
use api::{ListLockouts, Unlock};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct UnlockArgs {
    /// Names (users or console accounts) or addresses; none: list who is locked out.
    #[arg(value_name = "NAME|ADDRESS")]
    what: Vec<String>,
    /// List who is locked out, as JSON.
    #[arg(long, conflicts_with = "what")]
    json: bool,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn run(args: UnlockArgs) -> anyhow::Result<()> {
    if args.what.is_empty() {
        return list(args.data, args.json).await;
    }
    for what in args.what {
        let order = Unlock { what: what.clone() };
        args.data.clone().call_live(order).await?;
        output::line(format_args!("{what}: may sign in again"));
    }
    Ok(())
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let rows = data.call_live(ListLockouts {}).await?;
    if json {
        return output::json(&rows);
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let any = || "any".to_owned();
            let left = match row.seconds {
                0 => "slowed down".to_owned(),
                seconds => format!("{seconds} s"),
            };
            [
                output::word(&row.at),
                row.name.unwrap_or_else(any),
                row.address.unwrap_or_else(any),
                row.failures.to_string(),
                left,
            ]
        })
        .collect();
    output::table(["AT", "NAME", "ADDRESS", "FAILURES", "FOR"], &rows);
    Ok(())
}
