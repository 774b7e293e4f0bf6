//! The revisions of a policy.

use crate::cli::{DataArgs, output};
use crate::control::{Order, Reply};
use anyhow::{Context as _, bail};
use policies::Policy;

/// Who saved which revision, when and why.
pub(super) async fn list(data: DataArgs, name: String, json: bool) -> anyhow::Result<()> {
    let Reply::Revisions(revisions) = data.order(Order::PolicyHistory(name)).await? else {
        bail!("the server answered something else");
    };
    if json {
        return output::json(&revisions);
    }
    let rows: Vec<_> = revisions
        .into_iter()
        .map(|revision| {
            [
                revision.revision.to_string(),
                output::moment(revision.saved),
                revision.saved_by,
                revision.comment,
            ]
        })
        .collect();
    output::table(["REVISION", "SAVED", "BY", "WHY"], &rows);
    Ok(())
}

/// What is different between two revisions.
pub(super) async fn diff(
    data: DataArgs,
    name: String,
    from: u32,
    to: Option<u32>,
) -> anyhow::Result<()> {
    let old = opened(data.clone(), Order::PolicyRevision(name.clone(), from)).await?;
    let newer = match to {
        Some(to) => Order::PolicyRevision(name, to),
        None => Order::ShowPolicy(name),
    };
    let new = opened(data, newer).await?;
    let changes = policies::diff(&old, &new);
    if changes.is_empty() {
        output::note(format_args!("nothing is different"));
    }
    for change in changes {
        output::line(format_args!("{change}"));
    }
    Ok(())
}

/// Saves an old revision as the newest.
pub(super) async fn revert(data: DataArgs, name: String, revision: u32) -> anyhow::Result<()> {
    let Reply::Saved(saved) = data.order(Order::RevertPolicy(name, revision)).await? else {
        bail!("the server answered something else");
    };
    output::line(format_args!(
        "{} is as in revision {revision}; that is revision {} now",
        saved.name, saved.revision
    ));
    Ok(())
}

async fn opened(data: DataArgs, order: Order) -> anyhow::Result<Policy> {
    let Reply::Policy(view) = data.order(order).await? else {
        bail!("the server answered something else");
    };
    serde_json::from_str(&view.policy).context("this revision is of another version")
}
