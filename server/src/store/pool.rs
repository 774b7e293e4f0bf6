//! Opening the database: one file in the data directory, migrated on the way.

use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why the database could not be opened. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made or written.
    #[error(
        "cannot write to the data directory {}: {source}; give this user the right to write there, or name another with --data-dir",
        path.display()
    )]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A newer version wrote it.
    #[error(
        "the database {} was written by a newer version of Rollcall (it knows migration {version}, this program does not); install that version again, or restore a backup made before it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The migration this program does not know.
        version: i64,
    },
    /// Not a database, locked, or broken.
    #[error("cannot open the database {}: {source}; restore a backup, or move the file away to start anew", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// A migration failed.
    #[error("cannot bring the database {} up to date: {source}; restore a backup and report this", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: MigrateError,
    },
}

/// The database, for accounts, policies, audit and history. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) pool: SqlitePool,
    path: PathBuf,
}

impl Store {
    /// Opens `rollcall.db` in `directory`, which is made if it is missing, and migrates it.
    pub async fn open(directory: &Path) -> Result<Self, OpenError> {
        make_private_directory(directory).map_err(|source| OpenError::Directory {
            path: directory.to_owned(),
            source,
        })?;
        let path = directory.join("rollcall.db");
        make_private_file(&path).map_err(|source| OpenError::Directory {
            path: directory.to_owned(),
            source,
        })?;
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options(&path).synchronous(SqliteSynchronous::Full))
            .await
            .map_err(|source| OpenError::Open {
                path: path.clone(),
                source,
            })?;
        match sqlx::migrate!("../migrations").run(&pool).await {
            Ok(()) => Ok(Self { pool, path }),
            Err(MigrateError::VersionMissing(version)) => Err(OpenError::Newer { path, version }),
            Err(source) => Err(OpenError::Migrate { path, source }),
        }
    }

    /// A connection of its own for the batching writer.
    pub(super) async fn writer_connection(&self) -> Result<SqliteConnection, sqlx::Error> {
        let options = options(&self.path)
            .synchronous(SqliteSynchronous::Normal)
            // A large statement's journal is of no use after a crash.
            .pragma("temp_store", "MEMORY");
        SqliteConnection::connect_with(&options).await
    }

    /// Writes a consistent copy of the database to `target`, which must not exist.
    pub async fn backup(&self, target: &Path) -> Result<(), super::StoreError> {
        let target = target.to_string_lossy().into_owned();
        sqlx::query("VACUUM INTO ?")
            .bind(target)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A small fact about this database, such as a high-water mark.
    pub async fn fact(&self, name: &str) -> Result<Option<String>, super::StoreError> {
        Ok(
            sqlx::query_scalar!("SELECT value FROM facts WHERE name = ?", name)
                .fetch_optional(&self.pool)
                .await?,
        )
    }

    /// Sets a fact.
    pub async fn set_fact(&self, name: &str, value: &str) -> Result<(), super::StoreError> {
        sqlx::query!(
            "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
            name,
            value
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets a fact.
    pub async fn clear_fact(&self, name: &str) -> Result<(), super::StoreError> {
        sqlx::query!("DELETE FROM facts WHERE name = ?", name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
}

/// Makes a file that only this user reads, if it is not there; SQLite's other files follow it.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

/// Makes a directory that only this user reads, and proves that it can be written.
fn make_private_directory(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let probe = directory.join(".write-probe");
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}
