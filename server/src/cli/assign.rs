//! `rollcall policy assign`, `rollcall policy effective`, `rollcall policy proxy-script`

use super::client::Client;
use super::{DataArgs, output};
use api::{AssignPolicy, GetEffective, GetReach, PolicyReach, ServeProxyScript};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct AssignArgs {
    /// Name of the policy.
    name: String,
    /// For every user.
    #[arg(long)]
    everyone: bool,
    /// For the members of a group; may be given several times.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// For one user; may be given several times.
    #[arg(long = "user", value_name = "ALIAS")]
    users: Vec<String>,
    /// For nobody.
    #[arg(long, conflicts_with_all = ["everyone", "groups", "users"])]
    nobody: bool,
    /// Among policies that reach a user in the same way the greater number wins.
    #[arg(long, allow_negative_numbers = true)]
    priority: Option<i32>,
    /// Only if nobody changed the same since this revision, which --json shows.
    #[arg(long, value_name = "NUMBER")]
    base: Option<u32>,
    /// Say for whom it counts as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct EffectiveArgs {
    /// Whose.
    alias: String,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ProxyScriptArgs {
    /// Name of the policy.
    #[arg(required_unless_present = "off")]
    name: Option<String>,
    /// Hand no script out any more.
    #[arg(long, conflicts_with = "name")]
    off: bool,
}

pub(super) async fn assign(data: DataArgs, args: AssignArgs) -> anyhow::Result<()> {
    let mut client = data.client()?;
    let done = assign_with(&mut client, args).await;
    client.close().await;
    done
}

async fn assign_with(client: &mut Client, args: AssignArgs) -> anyhow::Result<()> {
    let named = args.everyone || args.nobody || !args.groups.is_empty() || !args.users.is_empty();
    if named || args.priority.is_some() {
        // Where only a priority is given, the rest stays.
        let order = AssignPolicy {
            name: args.name.clone(),
            revision: args.base,
            everyone: named.then_some(args.everyone),
            groups: named.then_some(args.groups),
            users: named.then_some(args.users),
            priority: args.priority,
        };
        client.call(order).await?;
        if !args.json {
            return Ok(());
        }
    }
    let reach = reach_of(client, &args.name).await?;
    if args.json {
        return output::json(&reach);
    }
    let words = reach.assignment.words();
    output::line(format_args!("{} counts for {words}.", args.name));
    Ok(())
}

/// For whom a policy counts.
pub(super) async fn reach_of(client: &mut Client, name: &str) -> anyhow::Result<PolicyReach> {
    let name = name.to_owned();
    client.call(GetReach { name }).await
}

pub(super) async fn effective(data: DataArgs, args: EffectiveArgs) -> anyhow::Result<()> {
    let alias = args.alias;
    let effective = data.call(GetEffective { alias }).await?;
    if args.json {
        return output::json(&effective);
    }
    let rows: Vec<_> = effective
        .options
        .into_iter()
        .map(|option| {
            let overruled = option
                .overruled
                .iter()
                .map(|say| format!("{} says {} ({})", say.policy, say.value, say.through));
            [
                option.title,
                option.decided.value,
                option.effect,
                format!("{} ({})", option.decided.policy, option.decided.through),
                overruled.collect::<Vec<_>>().join("; "),
            ]
        })
        .collect();
    output::table(["OPTION", "VALUE", "IN", "DECIDED BY", "OVERRULED"], &rows);
    if !effective.refused.is_empty() {
        output::line(format_args!(
            "The server refuses: {}",
            effective.refused.join(", ")
        ));
    }
    Ok(())
}

pub(super) async fn proxy_script(data: DataArgs, args: ProxyScriptArgs) -> anyhow::Result<()> {
    let policy = args.name;
    data.call(ServeProxyScript { policy }).await.map(drop)
}
