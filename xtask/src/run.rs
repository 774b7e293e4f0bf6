//! `cargo xtask run`: from a fresh clone to a server that answers.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::workspace::{Profile, Workspace};
use crate::{process, server};

/// Build the console and the server, then start `rollcall serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build without optimisation: quicker to build, slower to run
    #[arg(long)]
    debug: bool,
    /// Passed on to `rollcall serve`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    serve: Vec<OsString>,
}

/// Builds, then becomes `rollcall serve` in the directory it was called from.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let profile = if args.debug {
        Profile::Debug
    } else {
        Profile::Release
    };
    let binary = server::build(workspace, profile)?;
    become_program(Command::new(binary).arg("serve").args(&args.serve))
}

/// Signals and the exit status are then the server's own.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    let line = process::line(command);
    eprintln!("$ {line}");
    Err(command.exec())
        .map_err(|error| anyhow::Error::new(error).context(process::cannot_start(&line)))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Result<()> {
    process::run(command)
}
