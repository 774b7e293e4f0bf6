//! Invitations that a policy forbade: who tried what, and which policy said no.

use super::{Store, StoreError};
use crate::clock::UnixMs;

/// How many are kept at the most.
const MOST: i64 = 100_000;

/// How long they are kept, in milliseconds: 90 days.
const KEPT: i64 = 90 * 24 * 60 * 60 * 1000;

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalRow {
    /// Its number, which grows; 0 before it is written.
    pub id: i64,
    /// When.
    pub at_ms: UnixMs,
    /// Alias of who sent it, or the URL of a user of another domain.
    pub sender: String,
    /// Alias of whom it was for.
    pub recipient: String,
    /// The feature, by its word.
    pub feature: String,
    /// `INVITE` or `ACCEPT`.
    pub command: String,
    /// The application's GUID, as sent; may be empty.
    pub application_guid: String,
    /// The application's name, as sent; may be empty.
    pub application_name: String,
    /// The policy that decided.
    pub policy: String,
    /// Which of the two that policy reaches.
    pub decided_for: String,
}

/// Which refusals are wanted, newest first.
#[derive(Clone, Debug, Default)]
pub struct RefusalFilter {
    /// Part of the sender or the recipient; empty for all.
    pub who: String,
    /// The word of a feature; empty for all.
    pub feature: String,
    /// Only those before this number; none: all.
    pub before: Option<i64>,
    /// How many to pass over.
    pub offset: i64,
    /// How many at the most.
    pub limit: i64,
}

impl Store {
    /// Adds refusals, and lets go of those that are too old or too many.
    pub async fn add_refusals(&self, rows: &[RefusalRow], now: UnixMs) -> Result<(), StoreError> {
        let mut change = self.begin().await?;
        for row in rows {
            sqlx::query!(
                "INSERT INTO refusals (at_ms, sender, recipient, feature, command, application_guid,
                                       application_name, policy, decided_for)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row.at_ms,
                row.sender,
                row.recipient,
                row.feature,
                row.command,
                row.application_guid,
                row.application_name,
                row.policy,
                row.decided_for
            )
            .execute(change.db())
            .await?;
        }
        let oldest = now - KEPT;
        sqlx::query!("DELETE FROM refusals WHERE at_ms < ?", oldest)
            .execute(change.db())
            .await?;
        // Numbers only grow, so those below the newest so many are too many.
        sqlx::query!(
            "DELETE FROM refusals WHERE id <= (SELECT max(id) FROM refusals) - ?",
            MOST
        )
        .execute(change.db())
        .await?;
        change.commit().await
    }

    /// The refusals that match, and how many there are of each feature among all that match
    /// whatever the feature.
    pub async fn refusals(
        &self,
        filter: &RefusalFilter,
    ) -> Result<(Vec<RefusalRow>, Vec<(String, i64)>), StoreError> {
        let who = super::audit::like(&filter.who);
        let counts = sqlx::query!(
            r#"SELECT feature, count(*) AS "count!: i64" FROM refusals
               WHERE (sender LIKE ?1 ESCAPE '\' OR recipient LIKE ?1 ESCAPE '\')
               GROUP BY feature ORDER BY 2 DESC, 1"#,
            who
        )
        .fetch_all(&self.pool)
        .await?;
        let rows = sqlx::query_as!(
            RefusalRow,
            r#"SELECT id, at_ms, sender, recipient, feature, command, application_guid,
                      application_name, policy, decided_for
               FROM refusals
               WHERE (sender LIKE ?1 ESCAPE '\' OR recipient LIKE ?1 ESCAPE '\')
                 AND (?2 = '' OR feature = ?2)
                 AND (?3 IS NULL OR id < ?3)
               ORDER BY id DESC LIMIT ?4 OFFSET ?5"#,
            who,
            filter.feature,
            filter.before,
            filter.limit,
            filter.offset
        )
        .fetch_all(&self.pool)
        .await?;
        let counts = counts.into_iter().map(|c| (c.feature, c.count)).collect();
        Ok((rows, counts))
    }
}
