//! The Debian packages that a task needs, and getting them.
//!
//! One `dpkg-query` tells what is missing, so a machine that has everything waits a few
//! milliseconds. Nothing is installed without saying so first.

use std::env;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::process;

/// A group of Debian packages with the reason it is wanted.
pub(crate) struct Need {
    why: &'static str,
    packages: &'static [&'static str],
}

/// Debian's own compiler with the sources of std, for machines where rustup has no WASM target.
pub(crate) const WASM: Need = Need {
    why: "compile the console to WebAssembly",
    packages: &[
        "rustc-web",
        "cargo-web",
        "rust-web-src",
        "rust-web-llvm",
        "lld-22",
    ],
};

/// A real browser, a real client with what its driver compiles against, and second readers of
/// policy files, registry files and proxy scripts.
pub(crate) const TESTS: Need = Need {
    why: "test with a real browser, a real RVP client, Samba's policy parser, hivexregedit, a runner of proxy scripts, and curl",
    packages: &[
        "chromium",
        "chromium-driver",
        "pidgin-librvp",
        "libpurple-dev",
        "libgcrypt20-dev",
        "libcrypt-dev",
        "pkg-config",
        "gcc",
        "python3-samba",
        "python3-pacparser",
        "sqlite3",
        "libwin-hivex-perl",
        "python3-hivex",
        "curl",
    ],
};

/// The program that lays out the scratch database.
pub(crate) const SQLX: Need = Need {
    why: "make a scratch database from the migrations",
    packages: &["sqlite3"],
};

/// Compiles the fuzzer.
pub(crate) const FUZZ: Need = Need {
    why: "compile the fuzzer, which is C++",
    packages: &["g++"],
};

/// Strips the release binary.
pub(crate) const DIST: Need = Need {
    why: "strip the release binary",
    packages: &["binutils"],
};

/// Installs what is missing. Where packages are not Debian's it only names them: the programs may
/// be there all the same, and whatever misses one fails with its name.
pub(crate) fn ensure(need: &Need) -> Result<()> {
    let Some(missing) = missing(need) else {
        let list = need.packages.join(" ");
        eprintln!(
            "note: to {} you need what Debian calls {list}; \
             this is no Debian machine, so nothing is installed",
            need.why
        );
        return Ok(());
    };
    if missing.is_empty() {
        return Ok(());
    }
    install(need.why, &missing)
}

/// The packages not installed; `None` where there is no dpkg to ask.
pub(crate) fn missing(need: &Need) -> Option<Vec<&'static str>> {
    let output = Command::new("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(need.packages)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    // The exit status is 1 as soon as one package is unknown; the others are listed all the same.
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(not_installed(need.packages, &listed))
}

fn not_installed(wanted: &'static [&'static str], listed: &str) -> Vec<&'static str> {
    let installed: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .collect();
    wanted
        .iter()
        .copied()
        .filter(|package| !installed.contains(package))
        .collect()
}

fn install(why: &str, packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let by_hand = format!("apt-get install --no-install-recommends {list}");
    if !process::installed("apt-get") {
        bail!("to {why}, the packages {list} are needed: install them, there is no apt-get here");
    }
    let as_root = is_root();
    if !as_root && !process::installed("sudo") {
        bail!("to {why}, the packages {list} are needed: run `{by_hand}` as root");
    }
    eprintln!("installing {list} (to {why})");
    let apt = |arguments: &[&str]| {
        let mut command = if as_root {
            Command::new("env")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.arg("env");
            sudo
        };
        command
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            // Another package manager at work is waited for, not failed on.
            .args(["-q", "-o", "DPkg::Lock::Timeout=300"])
            .args(arguments)
            .stdin(Stdio::null());
        command
    };
    if let Err(stale) = process::run(&mut apt(&["update"])) {
        // One dead source among many is common, and the packages may well be in the others.
        eprintln!("warning: the package lists are not fresh ({stale:#}); trying with the old ones");
    }
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    process::run(&mut apt(&arguments)).map_err(|failure| {
        failure.context(format!(
            "to {why}, the packages {list} are needed and could not be installed: \
             try `{by_hand}` by hand"
        ))
    })
}

fn is_root() -> bool {
    match process::answer(Command::new("id").arg("-u")) {
        Some(id) => id.trim() == "0",
        None => env::var_os("USER").is_some_and(|user| user == "root"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_and_unknown_packages_are_missing() {
        let listed = "gcc installed\nchromium config-files\n";
        let missing = not_installed(&["gcc", "chromium", "pidgin-librvp"], listed);
        assert_eq!(missing, ["chromium", "pidgin-librvp"]);
    }

    #[test]
    fn a_longer_name_is_another_package() {
        let missing = not_installed(&["chromium"], "chromium-driver installed\n");
        assert_eq!(missing, ["chromium"]);
    }
}
