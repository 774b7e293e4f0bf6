//! `cargo xtask test`: what continuous integration runs. Cheap failures come first.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::workspace::{Profile, Workspace};
use crate::{lint, needs, process, wasm};

/// Everything but xtask, whose dependencies would be compiled twice if it shared features.
const PRODUCT: [&str; 3] = ["--workspace", "--exclude", "xtask"];

/// Check format and lints, build everything, run all tests.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only tests whose name contains this, and leave the lints out
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<OsString>,
}

/// Runs the tests of the whole workspace against a server built with the console inside.
pub(crate) fn test(workspace: &Workspace, args: &Args) -> Result<()> {
    let everything = args.filter.is_empty();
    needs::ensure(&needs::TESTS)?;
    if everything {
        lint::lint(workspace)?;
        process::run(workspace.cargo().args(["test", "--quiet", "-p", "xtask"]))?;
    }
    wasm::build(workspace)?;

    // One selection for the binary and the tests, so that their dependencies are compiled once.
    let mut build = workspace.cargo();
    build.arg("build").args(PRODUCT);
    process::run(build.args(["--lib", "--bins", "--tests"]))?;
    let binary = workspace.binary(Profile::Debug);
    ensure!(
        binary.is_file(),
        "the build made no {}: crate `server` must have a binary named `rollcall`",
        workspace.shown(&binary)
    );

    process::run(
        tests_of(workspace)
            .args(&args.filter)
            .env("ROLLCALL_BIN", &binary),
    )?;
    if everything {
        process::run(
            workspace
                .cargo()
                .args(["test", "--quiet", "--doc"])
                .args(PRODUCT),
        )?;
    }
    Ok(())
}

/// nextest where it is installed: it runs each test in a process of its own, and `nextest.toml`
/// beside us makes it stop those that hang.
fn tests_of(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    if process::installed("cargo-nextest") {
        command.args(["nextest", "run", "--no-fail-fast", "--no-tests=pass"]);
        let defaults = workspace.root.join("xtask/nextest.toml");
        command.arg("--tool-config-file");
        command.arg(format!("xtask:{}", defaults.display()));
        command.args(PRODUCT);
    } else {
        command.args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]);
        command.args(PRODUCT).arg("--");
    }
    command
}
