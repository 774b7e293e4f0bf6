//! `cargo xtask lint`: format and lints, no warning allowed.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Fails on the first badly formatted file or lint.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    // What a test binary or the server embeds is looked for at compile time; it may be empty.
    std::fs::create_dir_all(workspace.site())?;
    // xtask apart from the others: together they would share features, and xtask's dependencies
    // would be compiled a second time.
    for selection in [&["--workspace", "--exclude", "xtask"][..], &["-p", "xtask"]] {
        process::run(workspace.cargo().arg("clippy").args(selection).args([
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))?;
    }
    Ok(())
}
