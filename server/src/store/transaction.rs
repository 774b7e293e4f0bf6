//! One change of the database: all that belongs to it, the audit included, is committed together
//! or not at all.

use super::trouble::Cause;
use super::{Store, StoreError};
use sqlx::{Sqlite, SqliteConnection};

/// A change that is being made. Dropped before [`Transaction::commit`] it leaves nothing behind.
///
/// What it reads stays true until it is committed, as nobody else writes meanwhile: so it must be
/// short, and what takes long must be worked out before.
#[derive(Debug)]
pub struct Transaction {
    change: sqlx::Transaction<'static, Sqlite>,
    store: Store,
}

impl Store {
    /// Begins a change.
    ///
    /// # Errors
    /// [`StoreError::Sql`] if others write for longer than one can wait.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        Ok(Transaction {
            change: self.pool.begin_with("BEGIN IMMEDIATE").await?,
            store: self.clone(),
        })
    }
}

impl Transaction {
    /// Makes it lasting. After an error nothing of it is there, nor after a restart, and its
    /// connection is used again only if it is certain to be out of the transaction.
    ///
    /// # Errors
    /// [`StoreError::Uncertain`] if a restart may find it, because the disk failed at the last step
    /// and fails still.
    pub async fn commit(self) -> Result<(), StoreError> {
        let Err(error) = self.change.commit().await else {
            return Ok(());
        };
        self.store.distrust_connections();
        let cause = Cause::of(&error);
        if matches!(cause, Cause::Disk | Cause::Full) {
            self.store.write_over().await.map_err(|_| {
                self.store.write_over_later();
                StoreError::Uncertain(cause)
            })?;
        }
        Err(error.into())
    }

    /// The connection, for the statements of this floor.
    pub(super) fn db(&mut self) -> &mut SqliteConnection {
        &mut self.change
    }
}

#[cfg(test)]
mod tests {
    use super::super::AuditEntry;
    use super::*;
    use sqlx::Connection as _;

    fn entry(size: usize) -> AuditEntry {
        AuditEntry {
            id: 0,
            at_ms: 0,
            actor: "x".repeat(size),
            came_from: String::new(),
            action: String::new(),
            target: String::new(),
            detail: String::new(),
        }
    }

    /// Lets the database grow by so many pages and no further, on all connections.
    async fn room(store: &Store, pages: i64) {
        let mut all = Vec::new();
        while let Some(connection) = store.pool.try_acquire() {
            all.push(connection);
        }
        while all.len() < store.pool.options().get_max_connections() as usize {
            all.push(store.pool.acquire().await.unwrap());
        }
        for connection in &mut all {
            let now: i64 = sqlx::query_scalar("PRAGMA page_count")
                .fetch_one(&mut **connection)
                .await
                .unwrap();
            let limit = format!("PRAGMA max_page_count = {}", now + pages);
            sqlx::raw_sql(sqlx::AssertSqlSafe(limit))
                .execute(&mut **connection)
                .await
                .unwrap();
        }
    }

    async fn entries(store: &Store) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM audit")
            .fetch_one(&store.pool)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_full_disk_is_said_and_what_comes_later_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        room(&store, 1).await;
        for _ in 0..8 {
            let mut change = store.begin().await.unwrap();
            let refused = match change.add_audit(&[entry(10), entry(1_000_000)]).await {
                Ok(()) => change.commit().await,
                refused => refused,
            };
            let text = refused.unwrap_err().to_string();
            assert!(text.starts_with("the disk is full; make room"), "{text}");
        }
        assert_eq!(entries(&store).await, 0);
        room(&store, 10_000).await;
        for _ in 0..8 {
            let mut change = store.begin().await.unwrap();
            change.add_audit(&[entry(10)]).await.unwrap();
            change.commit().await.unwrap();
        }
        // As another program sees it: committed, and not only believed.
        let again = Store::open(directory.path()).await.unwrap();
        assert_eq!(entries(&again).await, 8);
    }

    #[tokio::test]
    async fn a_connection_that_is_left_in_a_transaction_is_closed() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        // A transaction that SQLite has ended and sqlx has not: its rollback fails.
        let mut left = store.pool.begin().await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut *left).await.unwrap();
        drop(left);
        let limit = store.pool.options().get_max_connections();
        let mut all = Vec::new();
        for _ in 0..limit {
            all.push(store.pool.acquire().await.unwrap());
        }
        assert!(all.iter().all(|connection| !connection.is_in_transaction()));
    }

    #[tokio::test]
    async fn one_change_waits_for_the_other() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let mut first = store.begin().await.unwrap();
        first.add_audit(&[entry(1)]).await.unwrap();
        let (second, ()) = tokio::join!(store.begin(), async {
            tokio::task::yield_now().await;
            first.commit().await.unwrap();
        });
        drop(second.unwrap());
        assert_eq!(entries(&store).await, 1);
    }
}
