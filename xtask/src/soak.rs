//! `cargo xtask soak`: random clients against the release build, for minutes.

use std::ffi::OsString;

use anyhow::Result;

use crate::workspace::{Profile, Workspace};
use crate::{process, server};

/// Let random clients loose on the release build.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Passed on to the soak, such as `--minutes 10 --seed 7`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    soak: Vec<OsString>,
}

/// Builds the release server and runs the soak of crate `tests` against it.
pub(crate) fn soak(workspace: &Workspace, args: &Args) -> Result<()> {
    let binary = server::build(workspace, Profile::Release)?;
    process::run(
        workspace
            .cargo()
            .args(["run", "--release", "-p", "tests", "--bin", "soak", "--"])
            .args(&args.soak)
            .env("ROLLCALL_BIN", binary),
    )
}
