//! Why a database refuses, and what to do about it.

use std::fmt;

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is no room left.
    Full,
    /// It may be read and not written.
    ReadOnly,
    /// Reading or writing the disk failed, or a file cannot be opened.
    Disk,
    /// Somebody else holds the database for longer than is waited for.
    Busy,
    /// The file is damaged.
    Damaged,
    /// Anything else.
    Other,
}

impl Cause {
    /// The cause of an error.
    #[must_use]
    pub fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let code = error.code().and_then(|code| code.parse::<i32>().ok());
                // The low byte of SQLite's extended codes.
                match code.unwrap_or_default() & 0xff {
                    5 | 6 => Self::Busy,
                    8 => Self::ReadOnly,
                    7 | 10 | 14 => Self::Disk,
                    11 | 26 => Self::Damaged,
                    13 => Self::Full,
                    _ => Self::Other,
                }
            }
            sqlx::Error::Io(error) => match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
                std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
                _ => Self::Disk,
            },
            // The thread of a connection, or a connection, could not be had.
            sqlx::Error::WorkerCrashed | sqlx::Error::PoolTimedOut => Self::Disk,
            _ => Self::Other,
        }
    }

    /// Whether it stands in the way of every change, and not of some rows alone.
    #[must_use]
    pub const fn is_everywhere(self) -> bool {
        matches!(self, Self::Full | Self::ReadOnly | Self::Disk | Self::Busy)
    }

    /// What to do about it; one sentence without its full stop.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Full => "make room on the disk of the data directory",
            Self::ReadOnly => "make the data directory writable for this user again",
            Self::Disk => "look at the disk of the data directory and at the system's log",
            Self::Busy => "end the program that holds rollcall.db locked",
            Self::Damaged => "stop the server and restore a backup",
            Self::Other => "report this, with the log",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the disk is full",
            Self::ReadOnly => "the disk, or the database file, is read-only",
            Self::Disk => "the disk failed",
            Self::Busy => "another program holds the database",
            Self::Damaged => "the database file is damaged",
            Self::Other => "the database failed",
        })
    }
}
