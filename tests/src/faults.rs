//! Faults that a test brings about: a disk that is full, fails or may not be written, a clock that
//! is set.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::programs;

/// How to get a C compiler.
const INSTALL_CC: &str = "apt-get install gcc libc6-dev";

/// Faults of one server under test, and what it is started with so that they reach it.
#[derive(Debug)]
pub struct Faults {
    directory: PathBuf,
}

/// How a disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// It does not.
    Sound,
    /// Every write fails.
    Broken,
    /// There is no room.
    Full,
    /// It was mounted anew, to be read only.
    ReadOnly,
    /// It takes what is written, and cannot keep it.
    Forgetful,
}

impl Faults {
    /// Faults told of in `directory`, which must be the test's own.
    #[must_use]
    pub fn in_directory(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
        }
    }

    /// What the server is started with.
    ///
    /// # Errors
    /// [`Failure::Missing`] without a C compiler.
    pub fn environment(&self) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let directory = &self.directory;
        Ok(vec![
            ("LD_PRELOAD", library(directory)?),
            ("FAULT_DISK", directory.join("fault-disk")),
            ("FAULT_CLOCK", directory.join("fault-clock")),
        ])
    }

    fn tell(&self, what: &str, text: &str) -> Result<(), Failure> {
        let directory = &self.directory;
        // Renamed into place: the server never reads half of it.
        let fresh = directory.join("fault-new");
        fs::write(&fresh, text).map_err(Failure::io("telling of a fault"))?;
        fs::rename(fresh, directory.join(what)).map_err(Failure::io("telling of a fault"))
    }

    /// From now on the disk is so.
    ///
    /// # Errors
    /// [`Failure::Io`].
    pub fn disk(&self, disk: Disk) -> Result<(), Failure> {
        let error = match disk {
            Disk::Sound => "",
            Disk::Broken => "EIO",
            Disk::Full => "ENOSPC",
            Disk::ReadOnly => "EROFS",
            Disk::Forgetful => "SYNC",
        };
        self.tell("fault-disk", error)
    }

    /// From now on the system's clock is wrong by so many seconds.
    ///
    /// # Errors
    /// [`Failure::Io`].
    pub fn clock(&self, wrong_by_s: i64) -> Result<(), Failure> {
        self.tell("fault-clock", &wrong_by_s.to_string())
    }
}

/// `faults/faults.c`, built for this test.
fn library(directory: &Path) -> Result<PathBuf, Failure> {
    let built = directory.join("libfaults.so");
    if built.is_file() {
        return Ok(built);
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/faults.c");
    let output = Command::new(programs::find("cc", INSTALL_CC)?)
        .args([
            "-std=gnu11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O1",
            "-shared",
            "-fPIC",
            "-o",
        ])
        .arg(&built)
        .arg(source)
        .arg("-ldl")
        .output()
        .map_err(Failure::io("running cc"))?;
    if !output.status.success() {
        return Err(Failure::Unexpected(format!(
            "cc could not build tests/faults:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    Ok(built)
}

/// A small disk of its own, in memory: it is full when it is full.
#[derive(Debug)]
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts a disk of `kib` KiB over a directory. Needs the right to mount (root).
    ///
    /// # Errors
    /// [`Failure::Unexpected`] with what `mount` says.
    pub fn mount(at: &Path, kib: u32) -> Result<Self, Failure> {
        fs::create_dir_all(at).map_err(Failure::io("making the directory of the small disk"))?;
        let output = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={kib}k,mode=0700"),
                "tmpfs",
            ])
            .arg(at)
            .output()
            .map_err(Failure::io("running mount"))?;
        if output.status.success() {
            Ok(Self { at: at.to_owned() })
        } else {
            Err(Failure::Unexpected(format!(
                "a small disk cannot be mounted (it needs root): {}",
                String::from_utf8_lossy(&output.stderr)
            )))
        }
    }

    /// Takes all room that is left.
    ///
    /// # Errors
    /// [`Failure::Io`] if there is room and it cannot be taken.
    pub fn fill(&self) -> Result<(), Failure> {
        use std::io::Write as _;
        let mut file = fs::File::options()
            .create(true)
            .append(true)
            .open(self.filler())
            .map_err(Failure::io("filling the small disk"))?;
        let mut chunk: &[u8] = &[0; 4096];
        while !chunk.is_empty() {
            if file.write_all(chunk).is_err() {
                chunk = &chunk[..chunk.len() / 2];
            }
        }
        Ok(())
    }

    /// Gives it back.
    ///
    /// # Errors
    /// [`Failure::Io`].
    pub fn make_room(&self) -> Result<(), Failure> {
        fs::remove_file(self.filler()).map_err(Failure::io("making room on the small disk"))
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may still be there.
        let _gone = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
