//! Faults for tests: a database that refuses what it is told to.

use super::Store;
use sqlx::AssertSqlSafe;

/// What fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sabotage {
    /// The commit of whatever is audited; the connection stays inside its transaction.
    Commit,
    /// Writing an audit entry; part of the statements before it have run.
    Audit,
}

impl Store {
    /// Lets something fail from now on, on every connection; `None`: nothing any more.
    ///
    /// # Panics
    /// If the database refuses even that.
    pub(crate) async fn sabotage(&self, what: Option<Sabotage>) {
        let mut script =
            "DROP TRIGGER IF EXISTS sabotage; DROP TABLE IF EXISTS sabotaged;".to_owned();
        script.push_str(match what {
            None => "",
            // A reference is looked at when the transaction is committed.
            Some(Sabotage::Commit) => {
                "CREATE TABLE sabotaged (who TEXT REFERENCES users (alias) DEFERRABLE INITIALLY DEFERRED);
                 CREATE TRIGGER sabotage AFTER INSERT ON audit BEGIN
                     INSERT INTO sabotaged VALUES ('nobody at all');
                 END;"
            }
            Some(Sabotage::Audit) => {
                "CREATE TRIGGER sabotage BEFORE INSERT ON audit BEGIN
                     SELECT RAISE(FAIL, 'sabotaged');
                 END;"
            }
        });
        let done = sqlx::raw_sql(AssertSqlSafe(script)).execute(&self.pool);
        done.await.expect("a trigger can be made");
    }
}
