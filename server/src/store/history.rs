//! Figures for the dashboard that outlive a restart.

use super::{Store, StoreError};
use crate::clock::UnixMs;

impl Store {
    /// Keeps how many users were online at a moment, and drops what is older than `keep_ms`.
    pub async fn add_online_sample(
        &self,
        at_ms: UnixMs,
        online: u32,
        keep_ms: i64,
    ) -> Result<(), StoreError> {
        let oldest = at_ms - keep_ms;
        sqlx::query!(
            "INSERT OR REPLACE INTO online_samples (at_ms, online) VALUES (?, ?)",
            at_ms,
            online
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!("DELETE FROM online_samples WHERE at_ms < ?", oldest)
            .execute(&self.pool)
            .await?;
        Ok(())
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

    /// Sets a figure of a day (days since 1970-01-01 UTC).
    pub async fn set_daily_count(
        &self,
        day: i64,
        name: &str,
        count: u32,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT OR REPLACE INTO daily_counts (day, name, count) VALUES (?, ?, ?)",
            day,
            name,
            count
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A figure of a day; 0 if there is none.
    pub async fn daily_count(&self, day: i64, name: &str) -> Result<u32, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT count AS "count!: u32" FROM daily_counts WHERE day = ? AND name = ?"#,
            day,
            name
        )
        .fetch_optional(&self.pool)
        .await?
        .unwrap_or(0))
    }
}
