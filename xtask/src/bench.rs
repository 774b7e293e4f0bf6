//! `cargo xtask bench`: the release build under load, on this machine.

use std::ffi::OsString;

use anyhow::Result;

use crate::workspace::{Profile, Workspace};
use crate::{process, server};

/// Measure the release build under load.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Passed on to the load program
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    load: Vec<OsString>,
}

/// Builds the release server and runs the load program of crate `tests` against it.
pub(crate) fn bench(workspace: &Workspace, args: &Args) -> Result<()> {
    let binary = server::build(workspace, Profile::Release)?;
    process::run(
        workspace
            .cargo()
            .args(["run", "--release", "-p", "tests", "--bin", "bench", "--"])
            .args(&args.load)
            .env("ROLLCALL_BIN", binary),
    )
}
