//! The key file: what the verifiers in the database are sealed under.

use crate::auth::SealKey;
use crate::clock::Random;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

const FILE: &str = "verifiers.key";

/// Why there is no key. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read or made.
    #[error("cannot use the key file {}: {source}; check who owns it", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no key.
    #[error("the key file {} is damaged: it must hold 32 bytes; restore it from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Others can read it.
    #[error("others can read the key file {}; make it private with: chmod 600 {}", path.display(), path.display())]
    Public {
        /// The file.
        path: PathBuf,
    },
    /// The database was made with another key.
    #[error("the key file {} does not belong to the database beside it, whose accounts are sealed under another key; put the verifiers.key back that stood beside this database, or the database that stood beside this key", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The database has verifiers, the key is gone.
    #[error("the key file {} is missing, but accounts are sealed under it; restore it from a backup", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
}

/// Where the key of a data directory is.
#[must_use]
pub fn path(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

/// Reads the key in `directory`; makes one if there is none and no account needs the old one.
pub fn load(directory: &Path, has_accounts: bool, random: Random) -> Result<SealKey, KeyError> {
    let path = path(directory);
    let io = |source| KeyError::Io {
        path: path.clone(),
        source,
    };
    let read = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(&path);
    match read {
        Ok(file) => {
            if file.metadata().map_err(io)?.mode() & 0o077 != 0 {
                return Err(KeyError::Public { path });
            }
            let mut bytes = Vec::with_capacity(33);
            (&file).take(33).read_to_end(&mut bytes).map_err(io)?;
            let key = <[u8; 32]>::try_from(bytes).map_err(|_| KeyError::Damaged { path })?;
            Ok(SealKey::from_bytes(key))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && has_accounts => {
            Err(KeyError::Missing { path })
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key: [u8; 32] = random.bytes();
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)
                .map_err(io)?;
            let written = file.write_all(&key).and_then(|()| file.sync_all());
            if let Err(error) = written {
                // Half a key would be taken for a damaged one at the next start.
                let _ = std::fs::remove_file(&path);
                return Err(io(error));
            }
            Ok(SealKey::from_bytes(key))
        }
        Err(error) => Err(io(error)),
    }
}
