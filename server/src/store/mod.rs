//! All SQL. Nothing above this floor knows a table.
//!
//! Two ways in: [`Store`] for accounts, policies and the audit (each order its own
//! transaction, `synchronous=FULL`), and [`writer`] for presence (many requests in one
//! transaction, `synchronous=NORMAL`).

mod admins;
mod assignments;
mod audit;
mod backup;
mod contacts;
mod groups;
mod history;
mod inspection;
mod names;
mod policies;
mod pool;
mod presence;
mod refusals;
mod sessions;
pub mod trouble;
mod users;
pub mod writer;

pub use admins::AdminRow;
pub use assignments::AssignmentRow;
pub use audit::{AuditEntry, AuditFilter};
pub use backup::{BackupError, backup};
pub use contacts::{ContactListRow, ContactValueRow};
pub use groups::{GroupRow, MemberRow};
pub use inspection::{Inspection, fact_of, faults, inspect};
pub use names::NamesChange;
pub use policies::PolicyRow;
pub use pool::{OpenError, Store, database_path};
pub use presence::{PropertyRow, SavedPresence, SubscriptionKind, SubscriptionRow, ViewRow};
pub use refusals::{RefusalFilter, RefusalRow};
pub use sessions::ConsoleSessions;
pub use users::{NewUserRow, UserRow};

/// Why the database did not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with this key is there already.
    #[error("it exists already")]
    Exists,
    /// There is no such row.
    #[error("there is no such entry")]
    Missing,
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Sql(sqlx::Error),
    /// Changes are refused for now: what was changed is as it was before.
    #[error("the database refuses changes: {0}")]
    Unsaved(String),
    /// The writer has stopped.
    #[error("the database writer has stopped; see the log for the first error")]
    WriterGone,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => Self::Exists,
            sqlx::Error::RowNotFound => Self::Missing,
            _ => Self::Sql(error),
        }
    }
}

/// Turns "no row was touched" into an error.
fn touched(result: &sqlx::sqlite::SqliteQueryResult) -> Result<(), StoreError> {
    if result.rows_affected() == 0 {
        Err(StoreError::Missing)
    } else {
        Ok(())
    }
}
