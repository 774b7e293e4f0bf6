//! Deliveries to hooks.

use super::{CHUNK, Store, StoreError, Transaction, json};
use crate::clock::UnixMs;
use serde::Serialize;

/// How many may wait for one hook; of more the oldest are given up.
const MOST_WAITING: i64 = 5000;

/// How many that are over are kept for each hook.
const MOST_OVER: i64 = 1000;

/// How long any is kept, in milliseconds: 7 days.
const KEPT: i64 = 7 * 24 * 60 * 60 * 1000;

/// Something to be delivered.
#[derive(Clone, Debug, Serialize)]
pub struct NewDelivery {
    /// The address of the hook.
    pub hook: String,
    /// The number of the event.
    pub event: i64,
    /// Its kind.
    pub kind: &'static str,
    /// What is sent.
    pub body: String,
    /// When it happened.
    pub at_ms: UnixMs,
}

/// A delivery that is due.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// Its number.
    pub id: i64,
    /// The kind of the event.
    pub kind: String,
    /// What is sent.
    pub body: String,
    /// Attempts before.
    pub attempts: i64,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The number of the delivery.
    pub id: i64,
    /// `waiting`, `delivered` or `failed`.
    pub state: &'static str,
    /// When it is tried again.
    pub next_ms: UnixMs,
    /// When it was tried, by the clock on the wall.
    pub tried_ms: UnixMs,
    /// The status of the answer.
    pub status: Option<i64>,
    /// Why it did not go well.
    pub error: String,
}

/// One delivery, without its body.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    /// Its number.
    pub id: i64,
    /// The address of the hook.
    pub hook: String,
    /// The number of the event.
    pub event: i64,
    /// Its kind.
    pub kind: String,
    /// When it happened.
    pub at_ms: UnixMs,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// Attempts so far.
    pub attempts: i64,
    /// Not before.
    pub next_ms: UnixMs,
    /// The last attempt.
    pub tried_ms: Option<UnixMs>,
    /// What it was answered with.
    pub status: Option<i64>,
    /// Why it did not go well.
    pub error: String,
}

/// How many deliveries of a hook are in a state.
#[derive(Clone, Debug)]
pub struct DeliveryCount {
    /// The address of the hook.
    pub hook: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// How many.
    pub count: i64,
}

impl Store {
    /// Adds deliveries, all at once, and lets go of what is too old or too much.
    pub async fn add_deliveries(
        &self,
        rows: &[NewDelivery],
        now: UnixMs,
        wall: UnixMs,
    ) -> Result<(), StoreError> {
        let mut change = self.begin().await?;
        for rows in rows.chunks(CHUNK) {
            let rows = json(rows)?;
            sqlx::query!(
                "INSERT INTO hook_deliveries (hook, event, kind, body, at_ms, state, attempts, next_ms, error)
                 SELECT value->>'hook', value->>'event', value->>'kind', value->>'body',
                        value->>'at_ms', 'waiting', 0, ?, ''
                 FROM json_each(?)",
                now,
                rows
            )
            .execute(change.db())
            .await?;
        }
        let oldest = wall - KEPT;
        sqlx::query!("DELETE FROM hook_deliveries WHERE at_ms < ?", oldest)
            .execute(change.db())
            .await?;
        let mut hooks: Vec<_> = rows.iter().map(|row| &row.hook).collect();
        hooks.dedup();
        hooks.sort();
        hooks.dedup();
        for hook in hooks {
            sqlx::query!(
                "UPDATE hook_deliveries SET state = 'failed', error = 'too many waited for this hook'
                 WHERE hook = ?1 AND state = 'waiting' AND id <=
                       (SELECT id FROM hook_deliveries WHERE hook = ?1 AND state = 'waiting'
                        ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                hook,
                MOST_WAITING
            )
            .execute(change.db())
            .await?;
            change.prune_deliveries(hook).await?;
        }
        change.commit().await
    }

    /// Those of a hook that are due, oldest first.
    pub async fn due_deliveries(
        &self,
        hook: &str,
        now: UnixMs,
        limit: i64,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        Ok(sqlx::query_as!(
            DueDelivery,
            "SELECT id, kind, body, attempts FROM hook_deliveries
             WHERE hook = ? AND state = 'waiting' AND next_ms <= ? ORDER BY id LIMIT ?",
            hook,
            now,
            limit
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// When the next one of a hook is due; none: none waits.
    pub async fn next_delivery(&self, hook: &str) -> Result<Option<UnixMs>, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT min(next_ms) AS "next: i64" FROM hook_deliveries WHERE hook = ? AND state = 'waiting'"#,
            hook
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Notes what came of attempts at one hook.
    pub async fn deliveries_tried(
        &self,
        hook: &str,
        attempts: &[Attempt],
    ) -> Result<(), StoreError> {
        let attempts = json(attempts)?;
        let mut change = self.begin().await?;
        sqlx::query!(
            "UPDATE hook_deliveries
             SET state = it.value->>'state', next_ms = it.value->>'next_ms',
                 tried_ms = it.value->>'tried_ms', status = it.value->>'status',
                 error = it.value->>'error', attempts = attempts + 1
             FROM json_each(?) AS it
             WHERE hook_deliveries.id = it.value->>'id' AND hook_deliveries.state = 'waiting'",
            attempts
        )
        .execute(change.db())
        .await?;
        change.prune_deliveries(hook).await?;
        change.commit().await
    }

    /// Gives up what waits for hooks that are not among these.
    pub async fn abandon_deliveries(&self, hooks: &[String]) -> Result<(), StoreError> {
        let hooks = json(hooks)?;
        let mut change = self.begin().await?;
        sqlx::query!(
            "UPDATE hook_deliveries SET state = 'failed', error = 'the configuration does not name this hook any more'
             WHERE state = 'waiting' AND hook NOT IN (SELECT value FROM json_each(?))",
            hooks
        )
        .execute(change.db())
        .await?;
        change.commit().await
    }

    /// How many deliveries are kept, by hook and state.
    pub async fn delivery_counts(&self) -> Result<Vec<DeliveryCount>, StoreError> {
        Ok(sqlx::query_as!(
            DeliveryCount,
            r#"SELECT hook, state, count(*) AS "count!: i64" FROM hook_deliveries GROUP BY hook, state"#
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The last attempt at a hook that did not go well.
    pub async fn last_failure(&self, hook: &str) -> Result<Option<DeliveryRow>, StoreError> {
        Ok(sqlx::query_as!(
            DeliveryRow,
            "SELECT id, hook, event, kind, at_ms, state, attempts, next_ms, tried_ms, status, error
             FROM hook_deliveries WHERE hook = ? AND error <> ''
             ORDER BY coalesce(tried_ms, 0) DESC, id DESC LIMIT 1",
            hook
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// The newest deliveries before a number, of one hook or (empty) of all.
    pub async fn deliveries(
        &self,
        hook: &str,
        before: i64,
        limit: i64,
    ) -> Result<Vec<DeliveryRow>, StoreError> {
        Ok(sqlx::query_as!(
            DeliveryRow,
            "SELECT id, hook, event, kind, at_ms, state, attempts, next_ms, tried_ms, status, error
             FROM hook_deliveries WHERE id < ?1 AND (?2 = '' OR hook = ?2)
             ORDER BY id DESC LIMIT ?3",
            before,
            hook,
            limit
        )
        .fetch_all(&self.pool)
        .await?)
    }
}

impl Transaction {
    /// Lets go of the oldest of those that are over.
    async fn prune_deliveries(&mut self, hook: &str) -> Result<(), StoreError> {
        for state in ["delivered", "failed"] {
            sqlx::query!(
                "DELETE FROM hook_deliveries WHERE hook = ?1 AND state = ?2 AND id <=
                        (SELECT id FROM hook_deliveries WHERE hook = ?1 AND state = ?2
                         ORDER BY id DESC LIMIT 1 OFFSET ?3)",
                hook,
                state,
                MOST_OVER
            )
            .execute(self.db())
            .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_and_what_is_over_is_bounded_for_each_hook() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let wall = KEPT * 2;
        let new = |hook: &str, event, at_ms| NewDelivery {
            hook: hook.to_owned(),
            event,
            kind: "act",
            body: "{}".to_owned(),
            at_ms,
        };
        let many = MOST_WAITING + MOST_OVER + 20;
        let mut rows: Vec<_> = (0..many).map(|event| new("busy", event, wall)).collect();
        rows.push(new("calm", 1, wall));
        rows.push(new("calm", 2, wall - KEPT - 1));
        store.add_deliveries(&rows, 5, wall).await.unwrap();
        let counts = store.delivery_counts().await.unwrap();
        let mut counts: Vec<_> = counts
            .iter()
            .map(|it| (it.hook.as_str(), it.state.as_str(), it.count))
            .collect();
        counts.sort_unstable();
        let expected = [
            ("busy", "failed", MOST_OVER),
            ("busy", "waiting", MOST_WAITING),
            ("calm", "waiting", 1),
        ];
        assert_eq!(counts, expected);

        assert!(store.due_deliveries("calm", 4, 9).await.unwrap().is_empty());
        let due = store.due_deliveries("calm", 5, 9).await.unwrap();
        assert_eq!(store.next_delivery("calm").await.unwrap(), Some(5));
        let attempt = Attempt {
            id: due[0].id,
            state: "delivered",
            next_ms: 0,
            tried_ms: wall,
            status: None,
            error: String::new(),
        };
        store.deliveries_tried("calm", &[attempt]).await.unwrap();
        let row = store
            .deliveries("calm", i64::MAX, 9)
            .await
            .unwrap()
            .remove(0);
        assert_eq!(
            (row.state.as_str(), row.attempts, row.status),
            ("delivered", 1, None)
        );
        store
            .abandon_deliveries(&["calm".to_owned()])
            .await
            .unwrap();
        assert_eq!(store.next_delivery("busy").await.unwrap(), None);
        let last = store.last_failure("busy").await.unwrap().unwrap();
        assert!(last.error.contains("configuration"), "{}", last.error);
    }
}
