//! A look at a database from outside, by who changes nothing in it: for the doctor.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use std::path::Path;
use std::time::Duration;

/// How many faults are named.
const MAX_FAULTS: u32 = 5;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// What is wrong with the file, in SQLite's words; empty if it is sound.
    pub faults: Vec<String>,
    /// Facts by name.
    pub facts: Vec<(String, String)>,
    /// Sealed verifiers by alias.
    pub sealed: Vec<(String, Vec<u8>)>,
}

impl Inspection {
    /// One fact.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&str> {
        let found = self.facts.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Looks at a database. What cannot be read is one of the faults.
pub async fn inspect(database: &Path) -> Inspection {
    let mut found = Inspection::default();
    if let Err(error) = look(database, &mut found).await {
        found.faults.push(error.to_string());
    }
    found
}

/// What is wrong with a database file, in SQLite's words, without a look at what the indexes
/// say of the rows: quick enough for each start.
pub async fn faults(database: &Path) -> Vec<String> {
    let look = async {
        let mut connection = connect(database).await?;
        let faults = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "PRAGMA quick_check({MAX_FAULTS})"
        )))
        .fetch_all(&mut connection)
        .await;
        // Only read from.
        let _ = connection.close().await;
        faults
    };
    let mut faults = look.await.unwrap_or_else(|error| vec![error.to_string()]);
    faults.retain(|it| it != "ok");
    faults
}

async fn connect(database: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .read_only(true)
        .busy_timeout(Duration::from_secs(5));
    SqliteConnection::connect_with(&options).await
}

async fn look(database: &Path, found: &mut Inspection) -> Result<(), sqlx::Error> {
    let mut connection = connect(database).await?;
    let faults: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "PRAGMA integrity_check({MAX_FAULTS})"
    )))
    .fetch_all(&mut connection)
    .await?;
    found.faults = faults.into_iter().filter(|it| it != "ok").collect();
    found.facts = sqlx::query_as("SELECT name, value FROM facts")
        .fetch_all(&mut connection)
        .await?;
    found.sealed = sqlx::query_as("SELECT alias, verifiers FROM users")
        .fetch_all(&mut connection)
        .await?;
    connection.close().await
}

/// One fact of a database that nobody else need have open; `None`: there is none, or no database.
pub async fn fact_of(database: &Path, name: &str) -> Option<String> {
    let mut connection = connect(database).await.ok()?;
    let fact = sqlx::query_scalar("SELECT value FROM facts WHERE name = ?")
        .bind(name)
        .fetch_optional(&mut connection)
        .await;
    // Only read from.
    let _ = connection.close().await;
    fact.ok().flatten()
}
