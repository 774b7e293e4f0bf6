//! The revisions of a policy.

use super::files::{opened, read};
use crate::cli::{DataArgs, output};
use api::{GetRevision, ListRevisions, RevertPolicy};
use policies::Policy;

/// Who saved which revision, when and why.
pub(super) async fn list(data: DataArgs, name: String, json: bool) -> anyhow::Result<()> {
    let revisions = data.call(ListRevisions { name }).await?;
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
    json: bool,
) -> anyhow::Result<()> {
    let old = revision(data.clone(), name.clone(), from).await?;
    let new = match to {
        Some(to) => revision(data, name, to).await?,
        None => opened(data, &name).await?,
    };
    let changes = policies::diff(&old, &new);
    if json {
        return output::json(&changes);
    }
    if changes.is_empty() {
        output::note(format_args!("nothing is different"));
    }
    for change in changes {
        output::line(format_args!("{change}"));
    }
    Ok(())
}

/// Saves an old revision as the newest. `base` is the newest that whoever says it has seen.
pub(super) async fn revert(
    data: DataArgs,
    name: String,
    number: u32,
    base: Option<u32>,
    json: bool,
) -> anyhow::Result<()> {
    let order = RevertPolicy {
        name,
        revision: base,
        number,
    };
    let saved = data.call(order).await?;
    if json {
        return output::json(&saved);
    }
    output::line(format_args!(
        "{} is as in revision {number}; that is revision {} now",
        saved.name, saved.revision
    ));
    Ok(())
}

async fn revision(data: DataArgs, name: String, number: u32) -> anyhow::Result<Policy> {
    read(&data.call(GetRevision { name, number }).await?.policy)
}
