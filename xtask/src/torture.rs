//! `cargo xtask torture`: disasters for the release build, for minutes.

use std::ffi::OsString;

use anyhow::Result;

use crate::workspace::{Profile, Workspace};
use crate::{needs, process, server};

/// Kill, starve and stop the release build while it works, and compare what it keeps.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Passed on to the torture, such as `--minutes 60 --seed 7`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    torture: Vec<OsString>,
}

/// Builds the release server and runs the torture of crate `tests` against it.
pub(crate) fn torture(workspace: &Workspace, args: &Args) -> Result<()> {
    needs::ensure(&needs::SQLX)?;
    let binary = server::build(workspace, Profile::Release)?;
    process::run(
        workspace
            .cargo()
            .args(["run", "--release", "-p", "tests", "--bin", "torture", "--"])
            .args(&args.torture)
            .env("ROLLCALL_BIN", binary),
    )
}
