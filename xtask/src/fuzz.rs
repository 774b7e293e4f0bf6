//! `cargo xtask fuzz`: libFuzzer on each parser for a while.
//!
//! The stable compiler is enough: what the fuzzer needs of it are passes of LLVM. To have them
//! in our own crates only, cargo is given this program as the compiler of the workspace's members.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{Profile, Workspace};
use crate::{needs, process};

/// Set for the compilers that this program starts.
const COMPILING: &str = "ROLLCALL_FUZZ_COMPILES";

/// The crates in which the fuzzer sees which way a parser went.
const WATCHED: [&str; 4] = ["rvp", "policies", "rollcall", "fuzz"];

/// What makes the compiler tell the fuzzer.
const COVERAGE: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Bodies are larger at times, but nothing new happens in them.
const LARGEST: &str = "-max_len=4096";

/// Let the fuzzer loose on each parser for a while.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many seconds each parser gets
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Put the smallest set of inputs that goes every way into the checked-in corpus
    #[arg(long)]
    keep: bool,
    /// The parsers, such as `acl`; all of them if none is named
    targets: Vec<String>,
}

/// If cargo started this program in place of the compiler: compiles, and gives its exit code.
pub(crate) fn compile() -> Option<ExitCode> {
    env::var_os(COMPILING)?;
    let mut arguments = env::args_os().skip(1);
    let mut compiler = Command::new(arguments.next()?);
    let arguments: Vec<_> = arguments.collect();
    if is_watched(&arguments) {
        compiler.args(COVERAGE);
    }
    let failure = compiler.args(arguments).exec();
    eprintln!("error: the compiler cannot be started: {failure}");
    Some(ExitCode::FAILURE)
}

fn is_watched(arguments: &[OsString]) -> bool {
    let name = arguments
        .windows(2)
        .find(|pair| pair[0] == "--crate-name")
        .and_then(|pair| pair[1].to_str());
    name.is_some_and(|name| WATCHED.contains(&name))
}

/// Builds the fuzzer and runs it on each target. Fails if one of them fails.
pub(crate) fn fuzz(workspace: &Workspace, args: &Args) -> Result<()> {
    needs::ensure(&needs::FUZZ)?;
    let home = workspace.root.join("tests/fuzz");
    let known = targets(&home)?;
    for target in &args.targets {
        ensure!(
            known.contains(target),
            "{target} is no target: choose among {}",
            known.join(", ")
        );
    }
    build(workspace)?;
    let chosen = if args.targets.is_empty() {
        &known
    } else {
        &args.targets
    };
    let mut failed = Vec::new();
    for target in chosen {
        if let Err(failure) = run(workspace, &home, target, args) {
            eprintln!("{target}: {failure:#}");
            failed.push(target.as_str());
        }
    }
    if !failed.is_empty() {
        bail!(
            "these failed: {}; put the input that is named above into tests/fuzz/corpus once it is mended",
            failed.join(", ")
        );
    }
    Ok(())
}

/// Each folder of the corpus is a target.
fn targets(home: &Path) -> Result<Vec<String>> {
    let folder = home.join("corpus");
    let entries = fs::read_dir(&folder).context("the corpus is not there")?;
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

fn build(workspace: &Workspace) -> Result<()> {
    let this = env::current_exe().context("the path of this program is not known")?;
    fs::create_dir_all(workspace.site())?;
    process::run(
        workspace
            .cargo()
            .args(["build", "-p", "fuzz", "--bin", "fuzz"])
            .args(["--features", "fuzz/libfuzzer"])
            .env("RUSTC_WORKSPACE_WRAPPER", this)
            .env(COMPILING, "1"),
    )
}

fn run(workspace: &Workspace, home: &Path, target: &str, args: &Args) -> Result<()> {
    let seeds = home.join("corpus").join(target);
    let found = workspace.target.join("fuzz/corpus").join(target);
    let failures = workspace.target.join("fuzz/failures");
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&failures)?;
    let is_xml = fs::read_dir(&seeds)?
        .flatten()
        .any(|seed| seed.path().extension().is_some_and(|it| it == "xml"));
    let words = if is_xml { "xml.dict" } else { "text.dict" };
    let fuzzer = workspace.binary(Profile::Debug).with_file_name("fuzz");
    let start = || {
        let mut fuzzer = Command::new(&fuzzer);
        fuzzer.env("FUZZ_TARGET", target).arg(LARGEST);
        fuzzer
    };
    process::run(
        start()
            .arg(format!("-max_total_time={}", args.seconds))
            .args(["-timeout=10", "-rss_limit_mb=1024", "-verbosity=0"])
            .arg("-print_final_stats=1")
            .arg(format!(
                "-dict={}",
                home.join("dictionaries").join(words).display()
            ))
            .arg(format!("-artifact_prefix={}/{target}-", failures.display()))
            .args([&found, &seeds]),
    )?;
    if args.keep {
        process::run(
            start()
                .args(["-set_cover_merge=1", "-use_counters=0", "-verbosity=0"])
                .args([&seeds, &found]),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_watched;

    #[test]
    fn build_scripts_and_strangers_are_compiled_as_ever() {
        let of = |name: &str| is_watched(&["--crate-name", name, "--edition=2024"].map(Into::into));
        assert!(of("rvp") && of("fuzz"));
        assert!(!of("build_script_build") && !of("web"));
        assert!(!is_watched(&["-vV".into()]));
    }
}
