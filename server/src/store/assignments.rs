//! For whom policies count.

use super::{Store, StoreError, Transaction, json};
use sqlx::SqliteConnection;

/// For whom one policy counts, and how strongly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentRow {
    /// Name of the policy.
    pub policy: String,
    /// It counts for every user.
    pub everyone: bool,
    /// Among policies that reach a user in the same way the greater wins.
    pub priority: i64,
    /// Keys of groups for whose members it counts.
    pub groups: Vec<String>,
    /// Aliases of users for whom it counts.
    pub users: Vec<String>,
}

impl Store {
    /// The assignments of all policies, by name.
    pub async fn assignments(&self) -> Result<Vec<AssignmentRow>, StoreError> {
        let mut read = self.pool.begin().await?;
        assignments(&mut read).await
    }
}

impl Transaction {
    /// The assignments of all policies, by name.
    pub async fn assignments(&mut self) -> Result<Vec<AssignmentRow>, StoreError> {
        assignments(self.db()).await
    }

    /// Sets for whom a policy counts; groups and users must exist.
    pub async fn assign(&mut self, row: &AssignmentRow) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO policy_assignments (policy, everyone, priority) VALUES (?, ?, ?)
             ON CONFLICT (policy) DO UPDATE SET everyone = excluded.everyone, priority = excluded.priority",
            row.policy,
            row.everyone,
            row.priority
        )
        .execute(self.db())
        .await?;
        sqlx::query!("DELETE FROM policy_groups WHERE policy = ?", row.policy)
            .execute(self.db())
            .await?;
        sqlx::query!("DELETE FROM policy_users WHERE policy = ?", row.policy)
            .execute(self.db())
            .await?;
        let groups = json(&row.groups)?;
        sqlx::query!(
            "INSERT INTO policy_groups (policy, group_name) SELECT ?, value FROM json_each(?)",
            row.policy,
            groups
        )
        .execute(self.db())
        .await?;
        let users = json(&row.users)?;
        sqlx::query!(
            "INSERT INTO policy_users (policy, alias) SELECT ?, value FROM json_each(?)",
            row.policy,
            users
        )
        .execute(self.db())
        .await?;
        Ok(())
    }
}

pub(super) async fn assignments(
    db: &mut SqliteConnection,
) -> Result<Vec<AssignmentRow>, StoreError> {
    let kept = sqlx::query!(
        r#"SELECT policy, everyone AS "everyone: bool", priority FROM policy_assignments ORDER BY policy"#
    )
    .fetch_all(&mut *db)
    .await?;
    let mut rows: Vec<_> = kept
        .into_iter()
        .map(|row| AssignmentRow {
            policy: row.policy,
            everyone: row.everyone,
            priority: row.priority,
            ..AssignmentRow::default()
        })
        .collect();
    let groups = sqlx::query!("SELECT policy, group_name FROM policy_groups ORDER BY group_name")
        .fetch_all(&mut *db)
        .await?;
    for row in groups {
        if let Some(assignment) = rows.iter_mut().find(|a| same(&a.policy, &row.policy)) {
            assignment.groups.push(row.group_name);
        }
    }
    let users = sqlx::query!("SELECT policy, alias FROM policy_users ORDER BY alias")
        .fetch_all(db)
        .await?;
    for row in users {
        if let Some(assignment) = rows.iter_mut().find(|a| same(&a.policy, &row.policy)) {
            assignment.users.push(row.alias);
        }
    }
    Ok(rows)
}

/// As SQLite compares names of policies.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

#[cfg(test)]
mod tests {
    use crate::store::{PolicyRow, Store};

    async fn save(store: &Store, name: &str) {
        let row = PolicyRow {
            name: name.to_owned(),
            revision: 1,
            policy: "{}".to_owned(),
            saved_ms: 0,
            saved_by: "ada".to_owned(),
            comment: String::new(),
        };
        let mut change = store.begin().await.unwrap();
        change.add_policy_revision(&row).await.unwrap();
        change.commit().await.unwrap();
    }

    /// In a data directory of an older version policies count for everyone at once.
    #[tokio::test]
    async fn policies_keep_for_whom_they_count_and_new_ones_count_for_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let older = include_str!("../../../migrations/0007_assignments.sql");
        let trigger = older.find("CREATE TRIGGER policy_counts_for_everyone");
        let trigger = &older[trigger.unwrap()..];
        let trigger = &trigger[..trigger.find("END;").unwrap() + 4];
        sqlx::raw_sql(sqlx::AssertSqlSafe(trigger.to_owned()))
            .execute(&store.pool)
            .await
            .unwrap();
        save(&store, "old").await;
        let migration = include_str!("../../../migrations/0011_policies_count_when_assigned.sql");
        sqlx::raw_sql(migration).execute(&store.pool).await.unwrap();
        save(&store, "new").await;
        let rows = store.assignments().await.unwrap();
        let counts: Vec<_> = rows
            .iter()
            .map(|it| (it.policy.as_str(), it.everyone))
            .collect();
        assert_eq!(counts, [("old", true)]);
    }
}
