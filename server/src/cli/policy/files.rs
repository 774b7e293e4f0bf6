//! Policies written to files.

use crate::cli::{DataArgs, output};
use crate::control::{Order, Reply};
use anyhow::{Context as _, bail};
use policies::{Catalogue, CatalogueOption, Policy, Severity, Windows};
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
    for line in idle(&policy, windows) {
        output::note(format_args!("note: {line}"));
    }
    let Reply::Files(files) = data.order(Order::PolicyKit(name, windows)).await? else {
        bail!("the server answered something else");
    };
    let [(_, bytes)] = files.as_slice() else {
        bail!("the server answered something else");
    };
    write(out, bytes)
}

/// Everything that is wrong with a policy or worth knowing of it.
pub(super) async fn check(
    data: DataArgs,
    name: &str,
    windows: Option<Windows>,
) -> anyhow::Result<()> {
    let server = data.clone().config()?.domain();
    let policy = opened(data, name).await?;
    let mut problems = policy.check(Catalogue::get());
    problems.extend(policy.check_reach(&server));
    let mut errors = 0_usize;
    for problem in problems {
        let word = match problem.severity {
            Severity::Error => {
                errors += 1;
                "error"
            }
            Severity::Warning => "note",
        };
        output::line(format_args!("{word}: {problem}"));
    }
    for line in windows.into_iter().flat_map(|it| idle(&policy, it)) {
        output::line(format_args!("note: {line}"));
    }
    if errors > 0 {
        bail!("{name} cannot be exported before its errors are put right");
    }
    Ok(())
}

/// Options that nothing on a Windows version reads.
fn idle(policy: &Policy, windows: Windows) -> Vec<String> {
    let options = windows.idle(policy).into_iter();
    let line = |option: &CatalogueOption| {
        format!(
            "{}: nothing on {} reads it; it is for {}",
            option.id,
            windows.title(),
            option.client_names()
        )
    };
    options.map(line).collect()
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
            output::note(format_args!("note: {problem}"));
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    output::line(format_args!("{}", path.display()));
    Ok(())
}
