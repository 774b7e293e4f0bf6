//! Opening the database: one file in the data directory, migrated on the way.

use crate::data_dir::private_file;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Why the database could not be opened. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be made or written.
    #[error(
        "cannot use the database {}: {source}; give this user the right to write there, or name another directory with --data-dir",
        path.display()
    )]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is none, or nothing in it, though there was one.
    #[error(
        "the database {} is {found}, but the key file {} tells that there was one: restore a backup of it; or, to start anew without the accounts, move the key file away",
        path.display(), key.display()
    )]
    Lost {
        /// The file.
        path: PathBuf,
        /// Missing or empty.
        found: &'static str,
        /// What tells.
        key: PathBuf,
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
    distrusted: Distrusted,
    /// What may be left of a failed commit is being written over.
    pub(super) writing_over: Arc<AtomicBool>,
}

/// When the database last failed: connections from before are not used again. One that was opened
/// while the disk was read-only stays so, and one whose transaction failed may still be inside it.
#[derive(Clone, Debug, Default)]
struct Distrusted(Arc<parking_lot::Mutex<Option<tokio::time::Instant>>>);

impl Distrusted {
    fn trusts(&self, age: Duration) -> bool {
        let failed = *self.0.lock();
        failed.is_none_or(|at| age < at.elapsed())
    }
}

impl Store {
    /// Opens `rollcall.db` in `directory`, makes it if it is missing, and migrates it.
    pub async fn open(directory: &Path) -> Result<Self, OpenError> {
        let store = Self::connect(directory).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// As [`Self::open`], where the database must be there, and not empty, because `key` was made
    /// after it.
    pub async fn open_existing(directory: &Path, key: &Path) -> Result<Self, OpenError> {
        let path = database_path(directory);
        let lost = |found| OpenError::Lost {
            path: path.clone(),
            found,
            key: key.to_owned(),
        };
        match path.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(lost("missing"));
            }
            Ok(found) if found.len() == 0 => return Err(lost("empty")),
            _ => {}
        }
        let store = Self::connect(directory).await?;
        let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
            .fetch_one(&store.pool)
            .await
            .map_err(|source| OpenError::Open {
                path: path.clone(),
                source,
            })?;
        if tables == 0 {
            return Err(lost("empty"));
        }
        store.migrate().await?;
        Ok(store)
    }

    async fn connect(directory: &Path) -> Result<Self, OpenError> {
        let path = database_path(directory);
        // SQLite's other files follow it in who may read them.
        private_file(&path).map_err(|source| OpenError::File {
            path: path.clone(),
            source,
        })?;
        let distrusted = Distrusted::default();
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .after_release(|connection, _| Box::pin(is_clean(connection)))
            .before_acquire({
                let distrusted = distrusted.clone();
                move |_, connection| {
                    let trusted = distrusted.trusts(connection.age);
                    Box::pin(async move { Ok(trusted) })
                }
            })
            .connect_with(options(&path).synchronous(SqliteSynchronous::Full))
            .await
            .map_err(|source| OpenError::Open {
                path: path.clone(),
                source,
            })?;
        Ok(Self {
            pool,
            path,
            distrusted,
            writing_over: Arc::default(),
        })
    }

    async fn migrate(&self) -> Result<(), OpenError> {
        let path = self.path.clone();
        match sqlx::migrate!("../migrations").run(&self.pool).await {
            Ok(()) => Ok(()),
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

    /// Something failed: connections that are open now are closed rather than used again.
    pub(super) fn distrust_connections(&self) {
        *self.distrusted.0.lock() = Some(tokio::time::Instant::now());
    }
}

#[cfg(test)]
impl Store {
    /// Runs a statement of a test's own.
    pub(crate) async fn execute(&self, statement: &str) {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::query(statement).execute(&self.pool).await.unwrap();
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

/// Whether a connection may be used again. One whose transaction ended in an error may still be
/// inside of it, or sqlx may believe so: whatever it did then would be undone with it.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback that is under way is done first.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Where the database of a data directory is.
#[must_use]
pub fn database_path(directory: &Path) -> PathBuf {
    directory.join("rollcall.db")
}
