//! Which compiler makes WebAssembly: the current one where it has the target or rustup can add it,
//! else Debian's.
//!
//! Debian ships no std for `wasm32-unknown-unknown`, but its sources, so std is built along with
//! the console. The packages `rustc-web` and `cargo-web` are the newest Rust that Debian has.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::workspace::Workspace;
use crate::{needs, process, workspace};

pub(super) const TARGET: &str = "wasm32-unknown-unknown";
/// What Debian's cargo needs besides: std comes as sources only.
pub(super) const BUILD_STD: &str = "-Zbuild-std=std,panic_abort";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Overrules the choice: `current` or `debian`.
const CHOICE: &str = "ROLLCALL_WASM_TOOLCHAIN";

/// A compiler that can make WebAssembly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Toolchain {
    /// The one that compiled xtask.
    Current,
    /// `/usr/bin/rustc`, with std built from its sources.
    Debian,
}

/// Finds a compiler, installing one if there is none. What needs no download comes first.
pub(super) fn choose(workspace: &Workspace) -> Result<Toolchain> {
    match env::var(CHOICE).as_deref() {
        Ok("current") => return Ok(Toolchain::Current),
        Ok("debian") => return debian(),
        Ok(other) => bail!("{CHOICE} is `{other}`: set it to `current` or `debian`, or unset it"),
        Err(_) => {}
    }
    if has_target(workspace) {
        return Ok(Toolchain::Current);
    }
    let missing = needs::missing(&needs::WASM);
    if missing.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Toolchain::Debian);
    }
    if add_target(workspace) {
        return Ok(Toolchain::Current);
    }
    ensure!(
        missing.is_some(),
        "the Rust compiler lacks the target {TARGET}, which the console is compiled to: \
         run `rustup target add {TARGET}`"
    );
    debian()
}

fn debian() -> Result<Toolchain> {
    needs::ensure(&needs::WASM)?;
    for program in [DEBIAN_CARGO, DEBIAN_RUSTC] {
        ensure!(
            Path::new(program).is_file(),
            "there is no {program}: run `apt-get install --reinstall rustc-web cargo-web`"
        );
    }
    Ok(Toolchain::Debian)
}

/// Whether the current compiler has std for the target, wherever it came from.
fn has_target(workspace: &Workspace) -> bool {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(&workspace.root)
        .args(["--print", "target-libdir", "--target", TARGET]);
    process::answer(&mut rustc).is_some_and(|directory| Path::new(directory.trim()).is_dir())
}

fn add_target(workspace: &Workspace) -> bool {
    if !process::installed("rustup") {
        return false;
    }
    let mut rustup = Command::new("rustup");
    rustup
        .current_dir(&workspace.root)
        // A machine without access to the toolchain server is expected, not worth waiting for.
        .env("RUSTUP_MAX_RETRIES", "0")
        .env("RUST_BACKTRACE", "0")
        .args(["target", "add", TARGET]);
    match process::run(&mut rustup) {
        Ok(()) => true,
        Err(refused) => {
            eprintln!("note: {refused:#}; Debian's compiler will do");
            false
        }
    }
}

/// Debian's cargo with Debian's compiler, whatever rustup and the environment say.
pub(super) fn debian_cargo(workspace: &Workspace) -> Command {
    eprintln!("compiling with Debian's {DEBIAN_RUSTC}, std included");
    let mut command = Command::new(DEBIAN_CARGO);
    workspace::forget_own_build(&mut command);
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        // Libraries, compilers and flags of the toolchain that compiled xtask.
        if name_text.starts_with("RUST") || name_text == "LD_LIBRARY_PATH" || name_text == "CARGO" {
            command.env_remove(&name);
        }
    }
    // rustup's stand-ins for rustc and rustdoc come first on many search paths.
    let path = env::var_os("PATH").unwrap_or_default();
    let directories = std::iter::once("/usr/bin".into()).chain(env::split_paths(&path));
    if let Ok(path) = env::join_paths(directories) {
        command.env("PATH", path);
    }
    command
        .current_dir(&workspace.root)
        .env("RUSTC", DEBIAN_RUSTC)
        // Building std is an unstable feature of cargo.
        .env("RUSTC_BOOTSTRAP", "1");
    command
}
