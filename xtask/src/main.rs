//! Development tasks: `cargo xtask run | test | bench | soak | torture | fuzz | dist | …`.
//!
//! Each command installs what it needs, says so, and is quick when nothing is missing. It only
//! starts other programs: what Rollcall does belongs in the crates beside this one.

mod bench;
mod dist;
mod fuzz;
mod lint;
mod needs;
mod process;
mod run;
mod server;
mod sha256;
mod soak;
mod sqlx;
mod test;
mod torture;
mod unused;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Development tasks for Rollcall.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the console and the server, then start `rollcall serve`
    Run(run::Args),
    /// Check format and lints, build everything, run all tests
    Test(test::Args),
    /// Check format, lints, documentation, .sqlx and dependencies only
    Lint,
    /// Build the console for the browser only
    Wasm,
    /// Measure the release build under load
    Bench(bench::Args),
    /// Let random clients loose on the release build for minutes
    Soak(soak::Args),
    /// Kill, starve and stop the release build while it works, and compare what it keeps
    Torture(torture::Args),
    /// Let the fuzzer loose on each parser for a while
    Fuzz(fuzz::Args),
    /// Make the one release binary, with the console inside
    Dist,
    /// Renew .sqlx, the query data that lets the server compile without a database
    Sqlx(sqlx::Args),
}

fn main() -> ExitCode {
    if let Some(code) = fuzz::compile() {
        return code;
    }
    match perform(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // On one line and without a backtrace: what failed is another program.
            eprintln!("error: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Run(args) => run::run(&workspace, &args),
        Task::Test(args) => test::test(&workspace, &args),
        Task::Lint => lint::lint(&workspace),
        Task::Wasm => wasm::build(&workspace),
        Task::Bench(args) => bench::bench(&workspace, &args),
        Task::Soak(args) => soak::soak(&workspace, &args),
        Task::Torture(args) => torture::torture(&workspace, &args),
        Task::Fuzz(args) => fuzz::fuzz(&workspace, &args),
        Task::Dist => dist::dist(&workspace),
        Task::Sqlx(args) => sqlx::prepare(&workspace, &args),
    }
}
