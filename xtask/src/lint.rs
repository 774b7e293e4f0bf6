//! `cargo xtask lint`: format and lints, no warning allowed.

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// What is looked at, one call of clippy each.
const SELECTIONS: [&[&str]; 3] = [
    &["--workspace", "--exclude", "xtask", "--all-targets"],
    // Apart from the others: together they would share features, and xtask's dependencies would be
    // compiled a second time.
    &["-p", "xtask", "--all-targets"],
    // The browser's half of the console, which no other crate switches on. Checked for this
    // machine, where it need not run.
    &[
        "-p",
        "web",
        "--lib",
        "--no-default-features",
        "--features",
        "hydrate",
    ],
];

/// Fails on the first badly formatted file or lint.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    // What a test binary or the server embeds is looked for at compile time; it may be empty.
    std::fs::create_dir_all(workspace.site())?;
    for selection in SELECTIONS {
        process::run(
            workspace
                .cargo()
                .arg("clippy")
                .args(selection)
                .args(["--", "-D", "warnings"]),
        )?;
    }
    Ok(())
}
