//! `rollcall policy assign`, `rollcall policy effective`, `rollcall policy proxy-script`

use super::{DataArgs, output};
use crate::control::{AssignmentOrder, Order, Reply};
use anyhow::bail;
use api::Assignment;
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
    let before = assignment_of(data.clone(), &args.name).await?;
    let named = args.everyone || args.nobody || !args.groups.is_empty() || !args.users.is_empty();
    if !named && args.priority.is_none() {
        output::line(format_args!("{} counts for {}.", args.name, before.words()));
        return Ok(());
    }
    // Where only a priority is given, the rest stays.
    let mut wanted = if named {
        Assignment {
            everyone: args.everyone,
            groups: args.groups,
            users: args.users,
            priority: before.priority,
        }
    } else {
        before
    };
    wanted.priority = args.priority.unwrap_or(wanted.priority);
    let order = AssignmentOrder::Assign(args.name, wanted);
    data.order(Order::Assignment(order)).await.map(drop)
}

/// For whom a policy counts.
pub(super) async fn assignment_of(data: DataArgs, name: &str) -> anyhow::Result<Assignment> {
    let order = AssignmentOrder::Show(name.to_owned());
    let Reply::Reach(reach) = data.order(Order::Assignment(order)).await? else {
        bail!("the server answered something else")
    };
    Ok(reach.assignment)
}

pub(super) async fn effective(data: DataArgs, args: EffectiveArgs) -> anyhow::Result<()> {
    let order = AssignmentOrder::Effective(args.alias);
    let Reply::Effective(effective) = data.order(Order::Assignment(order)).await? else {
        bail!("the server answered something else")
    };
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
    let order = AssignmentOrder::ProxyScript(args.name);
    data.order(Order::Assignment(order)).await.map(drop)
}
