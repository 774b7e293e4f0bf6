//! What a failed commit leaves behind. SQLite writes a transaction into its log, has the disk keep it,
//! and only then shows it. If the disk fails in between, the transaction has failed, and stands whole
//! in the log all the same: whoever opens the database after a crash takes it for committed. The
//! next transaction is written over it; so there must be one before anybody is told.

use super::Store;
use sqlx::{Connection as _, SqliteConnection};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Bounds of the pause between two tries.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl Store {
    /// Writes over what a failed commit may have left in the log.
    pub(super) async fn write_over(&self) -> Result<(), sqlx::Error> {
        // A connection of its own that does not ask the disk to keep it: that is what failed, and
        // what counts after a crash of the process is what was written.
        let mut connection = self.writer_connection().await?;
        let written = change_something(&mut connection).await;
        if let Err(error) = connection.close().await {
            tracing::debug!(%error, "closing the database");
        }
        written
    }

    /// Does so as soon as the disk lets it.
    pub(super) fn write_over_later(&self) {
        if self.writing_over.swap(true, Ordering::SeqCst) {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            let mut pause = FIRST_PAUSE;
            loop {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                if store.pool.is_closed() || store.write_over().await.is_ok() {
                    break;
                }
            }
            store.writing_over.store(false, Ordering::SeqCst);
        });
    }
}

async fn change_something(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT OR REPLACE INTO facts (name, value)
         VALUES ('log_written_over', hex(randomblob(8)))"
    )
    .execute(connection)
    .await?;
    Ok(())
}
