//! Builds `client/*.c` once for all test programs of a run.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::Failure;
use crate::programs::{self, INSTALL_LIBRVP};

/// The driver for the real client, built if it is older than its sources.
pub(crate) fn driver() -> Result<PathBuf, Failure> {
    let directory = programs::build_directory()?.join("librvp-client");
    fs::create_dir_all(&directory).map_err(Failure::io("making the build directory"))?;
    let built = directory.join("librvp-client");

    // Test programs run side by side: one builds, the others wait for it.
    let lock =
        File::create(directory.join("lock")).map_err(Failure::io("making the build lock"))?;
    lock.lock()
        .map_err(Failure::io("waiting for the build lock"))?;
    let sources = sources()?;
    if !is_newer(&built, &sources) {
        compile(&sources, &built)?;
    }
    Ok(built)
}

fn sources() -> Result<Vec<PathBuf>, Failure> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("client");
    let entries = fs::read_dir(&directory).map_err(Failure::io("reading the client's sources"))?;
    let mut sources = Vec::new();
    for entry in entries {
        sources.push(
            entry
                .map_err(Failure::io("reading the client's sources"))?
                .path(),
        );
    }
    sources.sort();
    Ok(sources)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|it| it.modified()).ok()
}

fn is_newer(built: &Path, sources: &[PathBuf]) -> bool {
    modified(built).is_some_and(|built| {
        sources
            .iter()
            .all(|source| modified(source).is_some_and(|source| source < built))
    })
}

fn compile(sources: &[PathBuf], built: &Path) -> Result<(), Failure> {
    let compiler = programs::find("cc", INSTALL_LIBRVP)?;
    let plugins = pkg_config(&["--variable=plugindir", "purple"])?;
    let plugins = plugins.first().cloned().unwrap_or_default();
    if !Path::new(&plugins).join("librvp.so").is_file() {
        return Err(Failure::Missing {
            program: format!("{plugins}/librvp.so"),
            install: INSTALL_LIBRVP,
        });
    }

    let fresh = built.with_extension("new");
    let output = Command::new(compiler)
        .args([
            "-std=gnu11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O1",
            "-g",
            "-rdynamic",
        ])
        .arg(format!("-DPLUGIN_DIR=\"{plugins}\""))
        .arg("-o")
        .arg(&fresh)
        .args(
            sources
                .iter()
                .filter(|it| it.extension().is_some_and(|it| it == "c")),
        )
        // The plugin expects these to be there already, used or not.
        .arg("-Wl,--no-as-needed")
        .args(pkg_config(&["--cflags", "--libs", "purple"])?)
        .args(["-lgcrypt", "-lcrypt"])
        .output()
        .map_err(Failure::io("running cc"))?;
    if !output.status.success() {
        return Err(Failure::Unexpected(format!(
            "cc could not build tests/client (are all packages there? `{INSTALL_LIBRVP}`):\n{}",
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    fs::rename(&fresh, built).map_err(Failure::io("putting the built client in place"))
}

fn pkg_config(arguments: &[&str]) -> Result<Vec<String>, Failure> {
    let program = programs::find("pkg-config", INSTALL_LIBRVP)?;
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(Failure::io("running pkg-config"))?;
    if !output.status.success() {
        return Err(Failure::Missing {
            program: "libpurple-dev".to_owned(),
            install: INSTALL_LIBRVP,
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .map(str::to_owned)
        .collect())
}
