//! The console for the browser: crate `web`, compiled to WebAssembly, bound to JavaScript and
//! compressed into `<target>/site/pkg`, where the server takes it from.
//!
//! Two questions keep it quick: if no source changed, nothing runs; if the compiler made the same
//! module again, it is not bound and compressed again.

mod site;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;
use crate::{process, sha256};
use toolchain::Toolchain;

/// The sources that the module is made of: the crate, those below it, and how they are built.
const SOURCES: [&str; 7] = [
    "api",
    "web",
    "policies",
    "rvp",
    "xtask",
    "Cargo.toml",
    "Cargo.lock",
];

/// What the site was made of last time.
#[derive(PartialEq, Eq)]
struct Stamp {
    sources: String,
    module: String,
}

/// Makes the site, as far as it is not made already.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let target = workspace.target.join("wasm");
    let stamp_file = target.join("site.stamp");
    let sources = SOURCES.map(|source| workspace.root.join(source));
    let sources = sha256::of_trees(&sources)?;
    let last = Stamp::read(&stamp_file).filter(|_| site::complete(workspace));
    if last.as_ref().is_some_and(|last| last.sources == sources) {
        return Ok(());
    }

    let module = compile(workspace, &target)?;
    let made = Stamp {
        sources,
        module: sha256::of_trees(&[module.clone(), workspace.root.join("xtask")])?,
    };
    if last.is_none_or(|last| last.module != made.module) {
        site::make(workspace, &module)?;
    }
    made.write(&stamp_file)
}

/// Compiles crate `web` in a target directory of its own, which another cargo at work on the
/// host's crates does not lock. Gives the path of the module.
fn compile(workspace: &Workspace, target: &Path) -> Result<PathBuf> {
    let (mut cargo, std) = match toolchain::choose(workspace)? {
        Toolchain::Current => (workspace.cargo(), None),
        Toolchain::Debian => (
            toolchain::debian_cargo(workspace),
            Some(toolchain::BUILD_STD),
        ),
    };
    // As a cdylib only: an rlib beside it would switch link-time optimisation off.
    cargo
        .env("CARGO_TARGET_DIR", target)
        .args(["rustc", "-p", "web", "--lib", "--crate-type", "cdylib"])
        .args(["--no-default-features", "--features", "hydrate"])
        .args(["--profile", "wasm-release", "--locked"])
        .args(["--target", toolchain::TARGET])
        .args(std);
    process::run(&mut cargo)?;
    let module = target
        .join(toolchain::TARGET)
        .join("wasm-release")
        .join("web.wasm");
    ensure!(
        module.is_file(),
        "the compiler made no {}: crate `web` must be a library of that name",
        workspace.shown(&module)
    );
    Ok(module)
}

impl Stamp {
    fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let (sources, module) = text.trim_end().split_once('\n')?;
        Some(Self {
            sources: sources.to_owned(),
            module: module.to_owned(),
        })
    }

    fn write(&self, path: &Path) -> Result<()> {
        fs::write(path, format!("{}\n{}\n", self.sources, self.module))
            .with_context(|| format!("{} cannot be written: is the disk full?", path.display()))
    }
}
