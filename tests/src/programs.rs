//! Programs and files of the system that tests need, and how to get them.

use std::env;
use std::path::{Path, PathBuf};

use crate::Failure;

/// Brings the real RVP client and what it takes to build the driver for it.
pub const INSTALL_LIBRVP: &str =
    "apt-get install gcc pkg-config pidgin-librvp libpurple-dev libgcrypt20-dev libcrypt-dev";
/// Brings the browser and its driver.
pub const INSTALL_BROWSER: &str = "apt-get install chromium chromium-driver";

/// The full path of a program on `PATH`.
///
/// # Errors
/// [`Failure::Missing`] with the command to install it.
pub fn find(program: &str, install: &'static str) -> Result<PathBuf, Failure> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| Failure::Missing {
            program: program.to_owned(),
            install,
        })
}

/// The directory cargo builds into (`target/debug`), seen from a running test.
///
/// # Errors
/// [`Failure::Io`] if the system does not say where this program is.
pub fn build_directory() -> Result<PathBuf, Failure> {
    let test = env::current_exe().map_err(Failure::io("where this test is"))?;
    Ok(test
        .parent()
        .and_then(Path::parent)
        .unwrap_or(Path::new("."))
        .to_path_buf())
}

/// The server under test: `ROLLCALL_BIN`, or `rollcall` in [`build_directory`].
///
/// # Errors
/// [`Failure::NoServer`] with the command that builds it.
pub fn rollcall() -> Result<PathBuf, Failure> {
    let path = match env::var_os("ROLLCALL_BIN") {
        Some(path) => PathBuf::from(path),
        None => build_directory()?.join("rollcall"),
    };
    if path.is_file() {
        Ok(path)
    } else {
        Err(Failure::NoServer(path))
    }
}
