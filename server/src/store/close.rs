//! Closing the database so that `rollcall.db` alone is whole.

use super::Store;
use std::time::Duration;

/// How long that may take.
const WITHIN: Duration = Duration::from_secs(2);

impl Store {
    /// Moves everything from the write-ahead log into `rollcall.db`, and closes the connections.
    /// Call it when nobody writes any more. What cannot be moved now stays in the log beside the
    /// database, where the next start finds it.
    pub async fn close(&self) {
        let moved = async {
            let (busy, _, _) =
                sqlx::query_as::<_, (i64, i64, i64)>("PRAGMA wal_checkpoint(TRUNCATE)")
                    .fetch_one(&self.pool)
                    .await?;
            self.pool.close().await;
            Ok::<_, sqlx::Error>(busy == 0)
        };
        let why = match tokio::time::timeout(WITHIN, moved).await {
            Ok(Ok(true)) => return,
            Ok(Ok(false)) => "somebody else reads it".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("it took more than {} s", WITHIN.as_secs()),
        };
        tracing::warn!(
            why,
            "the database was not put into one file: keep rollcall.db-wal beside rollcall.db; nothing is lost"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn after_it_was_closed_the_one_file_has_everything() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(place.path()).await.unwrap();
        let mut order = store.begin().await.unwrap();
        order.set_fact("colour", "blue").await.unwrap();
        order.commit().await.unwrap();
        let log = place.path().join("rollcall.db-wal");
        assert!(log.metadata().unwrap().len() > 0, "it is not a test else");
        store.close().await;

        let copy = tempfile::tempdir().unwrap();
        std::fs::copy(
            place.path().join("rollcall.db"),
            copy.path().join("rollcall.db"),
        )
        .unwrap();
        let store = Store::open(copy.path()).await.unwrap();
        let fact = store.fact("colour").await.unwrap();
        assert_eq!(fact.as_deref(), Some("blue"));
    }
}
