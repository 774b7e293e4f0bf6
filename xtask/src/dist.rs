//! `cargo xtask dist`: one stripped binary to copy to a server, and its checksum.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::{Profile, Workspace};
use crate::{needs, process, server, sha256};

/// Puts `rollcall-<version>-<triple>` and `….sha256` into `<target>/dist`.
pub(crate) fn dist(workspace: &Workspace) -> Result<()> {
    needs::ensure(&needs::DIST)?;
    let built = server::build(workspace, Profile::Release)?;
    // All crates share the workspace's version.
    let name = format!("rollcall-{}-{}", env!("CARGO_PKG_VERSION"), host()?);
    let directory = workspace.target.join("dist");
    let binary = directory.join(&name);
    fs::create_dir_all(&directory)
        .and_then(|()| fs::copy(&built, &binary))
        .with_context(|| {
            format!(
                "{} cannot be written: is the disk full, or the directory another user's?",
                binary.display()
            )
        })?;
    process::run(Command::new("strip").arg(&binary))?;

    // The form that `sha256sum --check` reads.
    let digest = sha256::of_file(&binary)?;
    let checksum = directory.join(format!("{name}.sha256"));
    fs::write(&checksum, format!("{digest}  {name}\n"))
        .with_context(|| format!("{} cannot be written", checksum.display()))?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "a size to read, with one decimal"
    )]
    let megabytes = fs::metadata(&binary)?.len() as f64 / 1e6;
    println!("{} ({megabytes:.1} MB)", workspace.shown(&binary));
    println!("{}", workspace.shown(&checksum));
    Ok(())
}

/// The target triple that `cargo build` builds for.
fn host() -> Result<String> {
    process::answer(Command::new("rustc").arg("-vV"))
        .and_then(|text| {
            text.lines()
                .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        })
        .context("`rustc -vV` names no host: is rustc on the PATH?")
}
