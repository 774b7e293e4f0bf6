//! `rollcall hooks …`

use super::{DataArgs, output};
use api::{ListDeliveries, ListHooks, MAX_ROWS, Part};
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(super) struct HooksArgs {
    #[command(subcommand)]
    command: Option<HooksCommand>,
    /// As JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    data: DataArgs,
}

#[derive(Debug, Subcommand)]
enum HooksCommand {
    /// List the hooks of the configuration, and how they fare: the default.
    List,
    /// List the last deliveries, newest first.
    Deliveries {
        /// Only those to this address.
        #[arg(long, value_name = "URL", default_value = "")]
        hook: String,
        /// How many at the most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_ROWS)))]
        last: u32,
    },
}

pub(super) async fn run(args: HooksArgs) -> anyhow::Result<()> {
    match args.command {
        None | Some(HooksCommand::List) => list(args.data, args.json).await,
        Some(HooksCommand::Deliveries { hook, last }) => {
            let part = Part {
                limit: last,
                after: String::new(),
            };
            let order = ListDeliveries { hook, part };
            deliveries(args.data, order, args.json).await
        }
    }
}

async fn list(data: DataArgs, json: bool) -> anyhow::Result<()> {
    let hooks = data.call(ListHooks {}).await?;
    if json {
        return output::json(&hooks);
    }
    let rows: Vec<_> = hooks
        .into_iter()
        .map(|hook| {
            let all = hook.events.is_empty();
            [
                hook.url,
                if all {
                    "all".to_owned()
                } else {
                    hook.events.join(" ")
                },
                if hook.signed { "yes" } else { "no" }.to_owned(),
                hook.waiting.to_string(),
                hook.delivered.to_string(),
                hook.failed.to_string(),
                hook.last_error.unwrap_or_default(),
            ]
        })
        .collect();
    let heading = [
        "URL",
        "EVENTS",
        "SIGNED",
        "WAITING",
        "DELIVERED",
        "FAILED",
        "LAST ERROR",
    ];
    output::table(heading, &rows);
    Ok(())
}

async fn deliveries(data: DataArgs, order: ListDeliveries, json: bool) -> anyhow::Result<()> {
    let page = data.call(order).await?;
    if json {
        return output::json(&page.rows);
    }
    let rows: Vec<_> = page
        .rows
        .into_iter()
        .map(|row| {
            [
                row.id.to_string(),
                output::moment(row.at),
                row.kind,
                row.hook,
                output::word(&row.state),
                row.attempts.to_string(),
                row.again.map_or_else(String::new, output::moment),
                row.error,
            ]
        })
        .collect();
    let heading = [
        "NUMBER", "WHEN", "EVENT", "HOOK", "STATE", "ATTEMPTS", "AGAIN", "ERROR",
    ];
    output::table(heading, &rows);
    Ok(())
}
