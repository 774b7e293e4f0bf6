//! The server's binary, with the console inside.

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::{Profile, Workspace};
use crate::{process, wasm};

/// Builds the console and then the server that embeds it. Gives the path of the binary.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    wasm::build(workspace)?;
    let mut cargo = workspace.cargo();
    cargo.arg("build");
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    process::run(cargo.args(["-p", "server", "--bin", "rollcall"]))?;
    Ok(workspace.binary(profile))
}
