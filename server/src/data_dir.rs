//! The data directory: private, and changed by one process at a time.
//!
//! Whoever changes what lies in it holds the lock file for as long as it does: the server all
//! its life, a command without a server while it works. The system drops the lock with the
//! process, however that ends.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

/// Bytes that are free for the database to grow; `None`: the system does not say.
#[must_use]
pub fn free_bytes(directory: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(directory).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

const LOCK: &str = "rollcall.lock";

/// How long between two tries for the lock.
const PAUSE: Duration = Duration::from_millis(50);

/// Why a data directory cannot be used. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// It cannot be made, or what lies in it cannot be opened.
    #[error(
        "cannot use the data directory {}: {source}; give this user the right to write there, or name another with --data-dir",
        path.display()
    )]
    Io {
        /// The directory, or the file in it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something else has its name.
    #[error("{} is no directory; name another with --data-dir", path.display())]
    NoDirectory {
        /// The path.
        path: PathBuf,
    },
    /// Others can look into it.
    #[error(
        "other users of this machine can look into the data directory {} (mode {mode:03o}), which holds what is equivalent to passwords; make it private with: chmod 700 {}",
        path.display(), path.display()
    )]
    Public {
        /// The directory.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Another process has it.
    #[error(
        "{holder} is using the data directory {}; stop it or wait for it, or name another directory with --data-dir",
        path.display()
    )]
    Held {
        /// The directory.
        path: PathBuf,
        /// Who, as far as the lock file tells.
        holder: String,
    },
}

/// What a process holds a data directory for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The server, which has it all its life: nobody waits for that.
    Serve,
    /// A command of the command line, which is soon done.
    Command,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Serve => "another server",
            Self::Command => "another command",
        }
    }
}

/// A data directory that no other process changes while this is held.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

impl DataDirectory {
    /// Makes the directory if it is missing, and takes it. Another command is waited for up to
    /// `patience`; another server is not.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn take(
        path: &Path,
        purpose: Purpose,
        patience: Duration,
    ) -> Result<Self, DirectoryError> {
        make_private(path)?;
        let mut lock = private_file(&path.join(LOCK)).map_err(|source| DirectoryError::Io {
            path: path.join(LOCK),
            source,
        })?;
        let until = Instant::now() + patience;
        let mut seen = None;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => {
                    return Err(DirectoryError::Io {
                        path: path.join(LOCK),
                        source,
                    });
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = holder(&mut lock);
                    // Read twice: the first may be the name of who had it before.
                    let serves = holder.starts_with(Purpose::Serve.name());
                    if Instant::now() >= until || (serves && seen.as_ref() == Some(&holder)) {
                        return Err(DirectoryError::Held {
                            path: path.to_owned(),
                            holder,
                        });
                    }
                    seen = Some(holder);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        // For the message of who comes after us; the lock does not hang on it.
        let text = format!("{} (process {})", purpose.name(), std::process::id());
        let _ = lock
            .set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.write_all(text.as_bytes()));
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens a file of the data directory for reading and writing; makes it, for this user alone, if
/// it is not there. Never follows a link that somebody laid in its place.
///
/// # Errors
/// What the system says.
pub(crate) fn private_file(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
}

fn holder(lock: &mut File) -> String {
    let mut text = String::new();
    let read = lock
        .rewind()
        .and_then(|()| (&*lock).take(200).read_to_string(&mut text));
    match read {
        Ok(_) if !text.is_empty() && !text.contains(char::is_control) => text,
        _ => "another process".to_owned(),
    }
}

/// Makes a directory that this user alone can look into. One that is there must be so already,
/// but for an empty one, which is made so.
fn make_private(path: &Path) -> Result<(), DirectoryError> {
    let io = |source| DirectoryError::Io {
        path: path.to_owned(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .or_else(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Ok(()),
            _ => Err(io(error)),
        })?;
    let found = std::fs::metadata(path).map_err(io)?;
    if !found.is_dir() {
        return Err(DirectoryError::NoDirectory {
            path: path.to_owned(),
        });
    }
    let mode = found.mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let is_empty = std::fs::read_dir(path).map_err(io)?.next().is_none();
    if is_empty && std::fs::set_permissions(path, Permissions::from_mode(0o700)).is_ok() {
        return Ok(());
    }
    Err(DirectoryError::Public {
        path: path.to_owned(),
        mode,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir, metadata, set_permissions, write};
    use std::os::unix::fs::symlink;

    const SOON: Duration = Duration::from_millis(200);

    async fn take(path: &Path, purpose: Purpose) -> Result<DataDirectory, DirectoryError> {
        DataDirectory::take(path, purpose, SOON).await
    }

    #[tokio::test]
    async fn one_process_has_it_and_the_next_after_it() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a/b");
        let held = take(&path, Purpose::Serve).await.unwrap();
        assert_eq!(metadata(&path).unwrap().mode() & 0o777, 0o700);
        assert_eq!(metadata(path.join(LOCK)).unwrap().mode() & 0o777, 0o600);
        for purpose in [Purpose::Serve, Purpose::Command] {
            let error = take(&path, purpose).await.unwrap_err().to_string();
            assert!(error.contains("another server (process "), "{error}");
        }
        drop(held);
        drop(take(&path, Purpose::Command).await.unwrap());
        take(&path, Purpose::Serve).await.unwrap();
    }

    #[tokio::test]
    async fn a_command_waits_for_another_command() {
        let place = tempfile::tempdir().unwrap();
        let held = take(place.path(), Purpose::Command).await.unwrap();
        let next = DataDirectory::take(place.path(), Purpose::Command, Duration::from_secs(20));
        let (next, ()) = tokio::join!(next, async {
            tokio::time::sleep(SOON).await;
            drop(held);
        });
        next.unwrap();
    }

    #[tokio::test]
    async fn what_others_can_look_into_is_refused_unless_it_is_empty() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        create_dir(&path).unwrap();
        for mode in [0o755, 0o710, 0o701, 0o770] {
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            drop(take(&path, Purpose::Serve).await.unwrap());
            assert_eq!(metadata(&path).unwrap().mode() & 0o777, 0o700);
            set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = take(&path, Purpose::Serve).await.unwrap_err().to_string();
            assert!(error.contains("chmod 700"), "{error}");
            std::fs::remove_file(path.join(LOCK)).unwrap();
        }
    }

    #[tokio::test]
    async fn a_link_in_place_of_a_file_is_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        drop(take(&path, Purpose::Serve).await.unwrap());
        let victim = place.path().join("victim");
        std::fs::remove_file(path.join(LOCK)).unwrap();
        symlink(&victim, path.join(LOCK)).unwrap();
        take(&path, Purpose::Serve).await.unwrap_err();
        assert!(!victim.exists());
    }

    #[tokio::test]
    async fn a_file_of_that_name_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        write(&path, []).unwrap();
        let error = take(&path, Purpose::Serve).await.unwrap_err().to_string();
        assert!(error.contains("no directory"), "{error}");
    }
}
