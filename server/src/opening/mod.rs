//! Opening a data directory: the lock, the database, the key and the names must belong together
//! before anybody is let in. The server and the commands that work without one both come this
//! way.

mod key;
mod names;

use crate::auth::{Realm, SealKey};
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::data_dir::{DataDirectory, DirectoryError, Purpose};
use crate::keys::{self, KeyError};
use crate::presence::MAX_BLOCK_MS;
use crate::store::{OpenError, Store, StoreError, database_path, faults};
use std::path::PathBuf;
use std::time::Duration;

pub use key::{KeyFit, fits};
pub use names::{Names, kept_domain};

/// How long a command that is under way is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why a data directory cannot be opened. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpeningError {
    /// The directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The names.
    #[error(transparent)]
    Names(#[from] crate::auth::verifier::BadRealm),
    /// The database does not hold what it must.
    #[error(
        "the database cannot be read: {0}; look at it with `rollcall doctor`, and restore a backup if it is damaged"
    )]
    Store(#[from] StoreError),
}

/// A data directory, held and checked.
#[derive(Debug)]
pub struct Opened {
    /// The directory: nobody else changes it while this is held.
    pub directory: DataDirectory,
    /// Its database.
    pub store: Store,
    /// Its key.
    pub key: SealKey,
    /// What the server is called.
    pub realm: Realm,
}

/// Opens the data directory of `config`. For [`Purpose::Serve`] the names of the configuration
/// become those of the server; a command keeps to those that the server has.
///
/// # Errors
/// [`OpeningError`].
pub async fn open(
    config: &Config,
    purpose: Purpose,
    clock: &Clock,
    random: Random,
) -> Result<Opened, OpeningError> {
    let configured = Realm::new(&config.domain(), config.nt_domain.as_deref())?;
    let directory = DataDirectory::take(&config.data_dir(), purpose, PATIENCE).await?;
    let path = directory.path();
    let store = if keys::path(path).symlink_metadata().is_ok() {
        // The database was made before the key was: without one, something is lost.
        Store::open_existing(path, &keys::path(path)).await?
    } else {
        Store::open(path).await?
    };
    store.resume(clock).await?;
    let mut users = store.users().await?;
    let latest = clock.now_ms() + MAX_BLOCK_MS;
    if users.iter().any(|it| it.blocked_until_ms > Some(latest)) {
        // Like a lease: a clock that was wrong keeps nobody out for years.
        let mut change = store.begin().await?;
        let cut = change.cut_blocks(latest).await?;
        change.commit().await?;
        tracing::warn!(
            cut,
            "blocks ended later than any can: they were cut to 7 days"
        );
        users = store.users().await?;
    }
    let key = key::load(path, &store, &users, random).await?;
    let realm = match purpose {
        Purpose::Serve => names::settle(&store, &key, configured, &users, clock, random).await?,
        Purpose::Command => names::known(&store, configured).await?,
    };
    Ok(Opened {
        directory,
        store,
        key,
        realm,
    })
}

/// Reads the database through once and says in the log what is damaged: a page that nobody asks
/// for may have been so for long.
pub async fn report_damage(directory: PathBuf) {
    let faults = faults(&database_path(&directory)).await;
    if !faults.is_empty() {
        tracing::error!(
            faults = faults.join("; "),
            "the database is damaged: stop the server, keep a copy of the file, and restore a backup"
        );
    }
}

#[cfg(test)]
mod tests;
