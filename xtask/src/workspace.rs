//! Where the checkout and its build products are, and a cargo that builds into them.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The checkout and its target directory, both absolute.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
}

/// Which of the two builds of the server is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

impl Profile {
    /// The directory under the target directory.
    fn directory(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

impl Workspace {
    /// Finds the checkout that this program was started from.
    pub(crate) fn find() -> Result<Self> {
        // At run time first: a shared target directory may hold an xtask of another checkout.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("xtask is not inside a checkout: start it as `cargo xtask`")?
            .to_path_buf();
        let here = env::current_dir()
            .context("the current directory is gone: change to one that exists")?;
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |given| here.join(given));
        Ok(Self { root, target })
    }

    /// What the server embeds: `pkg/` with the console's script and module.
    pub(crate) fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The server's binary.
    pub(crate) fn binary(&self, profile: Profile) -> PathBuf {
        self.target
            .join(profile.directory())
            .join("rollcall")
            .with_extension(env::consts::EXE_EXTENSION)
    }

    /// The cargo that runs us, in the root of the checkout, with the variables that the server's
    /// build reads. The same for every call, so that no call makes another's results stale.
    pub(crate) fn cargo(&self) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        forget_own_build(&mut command);
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("ROLLCALL_SITE_DIR", self.site())
            .env("SQLX_OFFLINE", "true");
        command
    }

    /// A path as it is shown to people: relative to the checkout where it lies inside.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// Takes away what cargo told this program about itself. Build scripts that watch these variables
/// would otherwise run again whenever a plain `cargo build` follows a `cargo xtask`.
pub(crate) fn forget_own_build(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if describes_own_build(&name) {
            command.env_remove(name);
        }
    }
}

fn describes_own_build(name: &OsStr) -> bool {
    const PREFIXES: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
    const NAMES: [&str; 3] = ["CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];
    name.to_str().is_some_and(|name| {
        NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_says_about_xtask_is_taken_away() {
        for own in ["CARGO_PKG_VERSION", "CARGO_MANIFEST_DIR", "OUT_DIR"] {
            assert!(describes_own_build(own.as_ref()), "{own}");
        }
        for wanted in [
            "CARGO_HOME",
            "CARGO_INCREMENTAL",
            "CARGO_TERM_COLOR",
            "PATH",
        ] {
            assert!(!describes_own_build(wanted.as_ref()), "{wanted}");
        }
    }
}
