//! SHA-256 of files and of directory trees.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The digest of one file, in hexadecimal.
pub(crate) fn of_file(path: &Path) -> Result<String> {
    Ok(HEXLOWER.encode(&Sha256::digest(read(path)?)))
}

/// The digest of all files under the given files and directories: names and contents, whatever
/// their dates. Paths that do not exist count as empty.
pub(crate) fn of_trees(roots: &[PathBuf]) -> Result<String> {
    let mut files = Vec::new();
    for root in roots {
        collect(root, &mut files)?;
    }
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        digest.update(file.to_string_lossy().as_bytes());
        digest.update([0]);
        digest.update(Sha256::digest(read(&file)?));
    }
    Ok(HEXLOWER.encode(&digest.finalize()))
}

/// All files at or under a path.
pub(crate) fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    } else if path.is_dir() {
        let unreadable = || format!("{} cannot be listed: check its rights", path.display());
        for entry in fs::read_dir(path).with_context(unreadable)? {
            collect(&entry.with_context(unreadable)?.path(), files)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read: check its rights", path.display()))
}
