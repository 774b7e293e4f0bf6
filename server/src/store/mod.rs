//! All SQL. Nothing above this floor knows a table.
//!
//! Two ways in: [`Transaction`] for accounts, policies and the audit (each order with its audit
//! entries in one, `synchronous=FULL`), and [`writer`] for presence (many requests in one
//! transaction, `synchronous=NORMAL`). [`Store`] reads.

mod admins;
mod assignments;
mod audit;
mod backup;
mod changes;
mod close;
mod contacts;
mod facts;
mod groups;
mod history;
mod hooks;
mod inspection;
mod names;
mod policies;
mod pool;
mod presence;
mod refusals;
#[cfg(test)]
mod sabotage;
mod sessions;
mod snapshot;
mod tokens;
mod transaction;
pub mod trouble;
mod users;
mod write_over;
pub mod writer;

pub use admins::AdminRow;
pub use assignments::AssignmentRow;
pub use audit::{AuditEntry, AuditFilter};
pub use backup::{BackupError, backup};
pub use changes::{FieldChange, Noun, PastChange, Thing};
pub use contacts::{ContactListRow, ContactValueRow};
pub use groups::{GroupRow, MemberRow};
pub use hooks::{Attempt, DeliveryCount, DeliveryRow, DueDelivery, NewDelivery};
pub use inspection::{Inspection, fact_of, faults, inspect};
pub use names::NamesChange;
pub use policies::{PolicyRow, RevisionRow};
pub use pool::{OpenError, Store, database_path};
pub use presence::{PropertyRow, SavedPresence, SubscriptionKind, SubscriptionRow, ViewRow};
pub use refusals::{RefusalFilter, RefusalRow};
#[cfg(test)]
pub(crate) use sabotage::Sabotage;
pub use sessions::{ConsoleSessions, SessionRow};
pub use snapshot::Snapshot;
pub use tokens::TokenRow;
pub use transaction::Transaction;
pub use users::{NewUserRow, TakenName, UserRow};

use data_encoding::HEXLOWER;
use trouble::Cause;

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
    #[error("{cause}; {remedy}, then try again ({0})", cause = Cause::of(.0), remedy = Cause::of(.0).remedy())]
    Sql(sqlx::Error),
    /// It is not so now, and may be so after a restart.
    #[error(
        "{0} at the last step: nothing shows of this now, but if the server ends while it is so, it may have been carried out; {remedy}, then look what is there before you try again",
        remedy = .0.remedy()
    )]
    Uncertain(Cause),
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

/// Rows that one statement takes at the most: what it is given is in memory twice.
const CHUNK: usize = 1000;

/// Turns "no row was touched" into an error.
fn touched(result: &sqlx::sqlite::SqliteQueryResult) -> Result<(), StoreError> {
    if result.rows_affected() == 0 {
        Err(StoreError::Missing)
    } else {
        Ok(())
    }
}

/// Rows as JSON: so one statement takes them all, whatever their number.
fn json<T: serde::Serialize + ?Sized>(rows: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(rows).map_err(|e| sqlx::Error::Encode(Box::new(e)))
}

/// Bytes in JSON, for `unhex`.
fn hex<S: serde::Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&HEXLOWER.encode(bytes))
}
