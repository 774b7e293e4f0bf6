//! A copy of the database, made while others write to it. It changes nothing in the data
//! directory, not even an old database's tables.

use crate::data_dir::private_file;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why there is no copy. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to copy.
    #[error("there is no database {}; name the data directory with --data-dir", path.display())]
    NoDatabase {
        /// Where it should be.
        path: PathBuf,
    },
    /// Something has the name of the copy.
    #[error("{} exists already; name a new file", path.display())]
    Exists {
        /// The name.
        path: PathBuf,
    },
    /// The copy cannot be written.
    #[error("cannot write {}: {source}; name a file where this user may write and there is room", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite failed.
    #[error("the database cannot be copied: {0}; look at it with `rollcall doctor`")]
    Sql(#[from] sqlx::Error),
    /// The copy is not sound, so the database is not.
    #[error("the database is damaged ({0}): no copy was kept; restore an earlier one")]
    Damaged(String),
}

/// What is nobody's business in a copy: who has it must not be able to take part in a session.
const SECRETS: [(&str, &str); 2] = [
    ("console_sessions", "DELETE FROM console_sessions"),
    ("facts", "DELETE FROM facts WHERE name = 'first_run_token'"),
];

/// Writes a copy of `database` to `target`, which must not exist: whole, or not at all, and for
/// this user alone.
///
/// # Errors
/// [`BackupError`].
pub async fn backup(database: &Path, target: &Path) -> Result<(), BackupError> {
    if !database.is_file() {
        return Err(BackupError::NoDatabase {
            path: database.to_owned(),
        });
    }
    if target.symlink_metadata().is_ok() {
        return Err(BackupError::Exists {
            path: target.to_owned(),
        });
    }
    let partial = partial(target);
    let io = |source| BackupError::Io {
        path: target.to_owned(),
        source,
    };
    // What one that was killed left behind.
    let _ = std::fs::remove_file(&partial);
    private_file(&partial).map_err(io)?;
    let copied = match copy(database, &partial).await {
        Ok(()) => publish(&partial, target),
        Err(error) => Err(error),
    };
    if copied.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    copied
}

/// Beside the target, so that it can take its name in one step.
fn partial(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

async fn copy(database: &Path, partial: &Path) -> Result<(), BackupError> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .read_only(true)
        .busy_timeout(Duration::from_secs(10));
    let mut source = SqliteConnection::connect_with(&options).await?;
    let to = partial.to_string_lossy().into_owned();
    let done = sqlx::query("VACUUM INTO ?")
        .bind(to)
        .execute(&mut source)
        .await;
    source.close().await?;
    done?;

    let options = SqliteConnectOptions::new()
        .filename(partial)
        .journal_mode(SqliteJournalMode::Delete)
        .pragma("secure_delete", "ON");
    let mut made = SqliteConnection::connect_with(&options).await?;
    for (table, statement) in SECRETS {
        let known: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?",
        )
        .bind(table)
        .fetch_one(&mut made)
        .await?;
        if known > 0 {
            sqlx::query(statement).execute(&mut made).await?;
        }
    }
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(&mut made)
        .await?;
    made.close().await?;
    if found == "ok" {
        Ok(())
    } else {
        Err(BackupError::Damaged(found))
    }
}

/// Gives the finished copy its name, unless somebody took it meanwhile; from then on it is there
/// after a power cut, too.
fn publish(partial: &Path, target: &Path) -> Result<(), BackupError> {
    let io = |source| BackupError::Io {
        path: target.to_owned(),
        source,
    };
    private_file(partial)
        .and_then(|it| it.sync_all())
        .map_err(io)?;
    rename_new(partial, target).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => BackupError::Exists {
            path: target.to_owned(),
        },
        _ => io(source),
    })?;
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::File::open(directory)
        .and_then(|it| it.sync_all())
        .map_err(io)
}

/// Renames, but never over something that is there.
fn rename_new(from: &Path, to: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can: a link cannot replace anything either.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        done => Ok(done?),
    }
}
