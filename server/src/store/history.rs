//! Figures for the dashboard that outlive a restart.

use super::{Store, StoreError};
use crate::clock::UnixMs;
use std::collections::HashMap;

impl Store {
    /// Keeps how many users were online at a moment, and drops what is older than `keep_ms`.
    pub async fn add_online_sample(
        &self,
        at_ms: UnixMs,
        online: u32,
        keep_ms: i64,
    ) -> Result<(), StoreError> {
        let oldest = at_ms - keep_ms;
        let mut change = self.begin().await?;
        sqlx::query!(
            "INSERT OR REPLACE INTO online_samples (at_ms, online) VALUES (?, ?)",
            at_ms,
            online
        )
        .execute(change.db())
        .await?;
        sqlx::query!("DELETE FROM online_samples WHERE at_ms < ?", oldest)
            .execute(change.db())
            .await?;
        change.commit().await
    }

    /// The samples since a moment, oldest first.
    pub async fn online_samples(&self, since_ms: UnixMs) -> Result<Vec<(UnixMs, u32)>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT at_ms AS "at_ms!: i64", online AS "online!: u32" FROM online_samples
               WHERE at_ms >= ? ORDER BY at_ms"#,
            since_ms
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|r| (r.at_ms, r.online)).collect())
    }

    /// Adds to figures of a day (days since 1970-01-01 UTC), all or none.
    pub async fn add_daily_counts(
        &self,
        day: i64,
        counts: &[(&str, u32)],
    ) -> Result<(), StoreError> {
        let mut change = self.begin().await?;
        for (name, count) in counts {
            sqlx::query!(
                "INSERT INTO daily_counts (day, name, count) VALUES (?, ?, ?)
                 ON CONFLICT (day, name) DO UPDATE SET count = count + excluded.count",
                day,
                name,
                count
            )
            .execute(change.db())
            .await?;
        }
        change.commit().await
    }

    /// The figures of a day by name.
    pub async fn daily_counts(&self, day: i64) -> Result<HashMap<String, u32>, StoreError> {
        let rows = sqlx::query!(
            r#"SELECT name, count AS "count!: u32" FROM daily_counts WHERE day = ?"#,
            day
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|r| (r.name, r.count)).collect())
    }
}
