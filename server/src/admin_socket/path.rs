//! Where the control socket is, in a spelling that the system takes.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The longest name of a socket that the system takes, in bytes (unix(7)).
const LONGEST: usize = 107;

/// The path of the control socket of a data directory.
#[derive(Debug)]
pub(super) struct SocketPath {
    real: PathBuf,
    short: PathBuf,
    /// Keeps `short` good.
    _directory: Option<File>,
}

impl SocketPath {
    pub(super) fn in_directory(directory: &Path) -> Self {
        let real = directory.join("control.sock");
        let too_long = real.as_os_str().as_bytes().len() > LONGEST;
        // A directory that cannot be opened is reported by whoever uses the path.
        let open = too_long.then(|| File::open(directory).ok()).flatten();
        let short = open.as_ref().map_or_else(
            || real.clone(),
            |open| PathBuf::from(format!("/proc/self/fd/{}/control.sock", open.as_raw_fd())),
        );
        Self {
            real,
            short,
            _directory: open,
        }
    }

    /// As people know it.
    pub(super) fn real(&self) -> &Path {
        &self.real
    }

    /// The same, short enough to be bound and connected to.
    pub(super) fn short(&self) -> &Path {
        &self.short
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{UnixListener, UnixStream};

    #[tokio::test]
    async fn a_directory_with_a_long_name_has_a_socket_like_any_other() {
        let place = tempfile::tempdir().unwrap();
        for length in [1, 60, 120, 200] {
            let directory = place.path().join("x".repeat(length));
            std::fs::create_dir(&directory).unwrap();
            let path = SocketPath::in_directory(&directory);
            let listener = UnixListener::bind(path.short()).unwrap();
            assert!(path.real().exists());
            let other = SocketPath::in_directory(&directory);
            assert!(UnixStream::connect(other.short()).await.is_ok());
            drop(listener);
        }
    }
}
