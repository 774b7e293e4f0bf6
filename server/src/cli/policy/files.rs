//! Policies written to files.

use crate::cli::DataArgs;
use crate::control::{Order, Reply};
use anyhow::{Context as _, bail};
use policies::{Catalogue, Policy, Severity, Windows};
use std::path::Path;

/// Writes the files of one kind, or those that take the policy back.
pub(super) async fn export(
    data: DataArgs,
    name: String,
    format: String,
    undo: bool,
    out: &Path,
) -> anyhow::Result<()> {
    if !undo {
        warn(&opened(data.clone(), &name).await?);
    }
    let order = Order::ExportPolicy { name, format, undo };
    let Reply::Files(files) = data.order(order).await? else {
        bail!("the server answered something else");
    };
    for (name, bytes) in files {
        write(&out.join(name), &bytes)?;
    }
    Ok(())
}

/// Writes the client kit for one Windows version.
pub(super) async fn kit(
    data: DataArgs,
    name: String,
    windows: Windows,
    out: &Path,
) -> anyhow::Result<()> {
    let policy = opened(data.clone(), &name).await?;
    warn(&policy);
    for option in windows.idle(&policy) {
        eprintln!(
            "note: {}: nothing on {} reads it; it is for {}",
            option.id,
            windows.title(),
            option.client_names()
        );
    }
    let Reply::Files(files) = data.order(Order::PolicyKit(name, windows)).await? else {
        bail!("the server answered something else");
    };
    let [(_, bytes)] = files.as_slice() else {
        bail!("the server answered something else");
    };
    write(out, bytes)
}

async fn opened(data: DataArgs, name: &str) -> anyhow::Result<Policy> {
    let Reply::Policy(view) = data.order(Order::ShowPolicy(name.to_owned())).await? else {
        bail!("the server answered something else");
    };
    serde_json::from_str(&view.policy).context("this policy is of another version")
}

/// Says what to know before the files are used. Errors are left to the order, which refuses.
pub(super) fn warn(policy: &Policy) {
    for problem in policy.check(Catalogue::get()) {
        if problem.severity == Severity::Warning {
            eprintln!("note: {problem}");
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}
