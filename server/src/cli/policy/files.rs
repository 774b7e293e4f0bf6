//! Policies written to files.

use crate::cli::{DataArgs, output};
use anyhow::{Context as _, bail};
use api::{Base64, ExportPolicy, GetKit, GetPolicy, PolicyDocument};
use policies::{Catalogue, CatalogueOption, Policy, Severity, Windows};
use serde::Serialize;
use std::path::{Component, Path};

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
    let order = ExportPolicy {
        name,
        format,
        undo,
        archive: false,
    };
    for file in data.call(order).await? {
        let Base64(bytes) = file.bytes;
        write(&out.join(inside(&file.name)?), &bytes)?;
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
    let windows = windows.word().to_owned();
    let Base64(bytes) = data.call(GetKit { name, windows }).await?.bytes;
    write(out, &bytes)
}

/// Everything that is wrong with a policy or worth knowing of it.
pub(super) async fn check(
    data: DataArgs,
    name: &str,
    windows: Option<Windows>,
    json: bool,
) -> anyhow::Result<()> {
    let server = data.clone().config()?.domain();
    let policy = opened(data, name).await?;
    let mut problems = policy.check(Catalogue::get());
    problems.extend(policy.check_reach(&server));
    let lines = problems.iter().map(|it| Line {
        error: it.severity == Severity::Error,
        message: it.to_string(),
    });
    let idle = windows.into_iter().flat_map(|it| idle(&policy, it));
    let idle = idle.map(|message| Line {
        error: false,
        message,
    });
    let lines: Vec<_> = lines.chain(idle).collect();
    if json {
        output::json(&lines)?;
    }
    for Line { error, message } in lines.iter().filter(|_| !json) {
        let word = if *error { "error" } else { "note" };
        output::line(format_args!("{word}: {message}"));
    }
    if lines.iter().any(|line| line.error) {
        bail!("{name} cannot be exported before its errors are put right");
    }
    Ok(())
}

/// Something to know of a policy.
#[derive(Serialize)]
struct Line {
    /// It stands against an export.
    error: bool,
    message: String,
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

/// The policy of this name.
pub(super) async fn opened(data: DataArgs, name: &str) -> anyhow::Result<Policy> {
    let name = name.to_owned();
    read(&data.call(GetPolicy { name }).await?.policy)
}

/// The policy in a document.
pub(super) fn read(document: &PolicyDocument) -> anyhow::Result<Policy> {
    document.read().context("this policy is of another version")
}

/// The path that a server gives a file, if it stays in the folder that it is written to.
fn inside(name: &str) -> anyhow::Result<&Path> {
    let path = Path::new(name);
    let plain = |part| matches!(part, Component::Normal(_));
    if path.components().all(plain) && !name.contains('\\') {
        return Ok(path);
    }
    bail!("the server calls a file {name:?}, which is no name to write it under")
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
