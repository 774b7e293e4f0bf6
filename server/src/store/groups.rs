//! Groups of users.

use super::{Store, StoreError, touched};
use crate::clock::UnixMs;

/// One group, without its members.
#[derive(Clone, Debug)]
pub struct GroupRow {
    /// Routing key: lower case.
    pub name: String,
    /// The name as it was typed.
    pub spelled: String,
    /// What it is for; may be empty.
    pub description: String,
    /// When it was made.
    pub created_ms: UnixMs,
}

/// One user in one group.
#[derive(Clone, Debug)]
pub struct MemberRow {
    /// Name of the group.
    pub group_name: String,
    /// Alias of the user.
    pub alias: String,
}

impl Store {
    /// All groups, by name.
    pub async fn groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        Ok(sqlx::query_as!(
            GroupRow,
            "SELECT name, spelled, description, created_ms FROM user_groups ORDER BY name"
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Who is in which group, by group and alias.
    pub async fn members(&self) -> Result<Vec<MemberRow>, StoreError> {
        Ok(sqlx::query_as!(
            MemberRow,
            "SELECT group_name, alias FROM group_members ORDER BY group_name, alias"
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Whether there is a group of this name.
    pub async fn has_group(&self, name: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM user_groups WHERE name = ?) AS "is: bool""#,
            name
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Makes a group with these members, who must exist.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if a group or a user has the name.
    pub async fn add_group(&self, group: &GroupRow, members: &[String]) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let made = sqlx::query!(
            "INSERT INTO user_groups (name, spelled, description, created_ms)
             SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM users WHERE alias = ?1)",
            group.name,
            group.spelled,
            group.description,
            group.created_ms
        )
        .execute(&mut *tx)
        .await?;
        if made.rows_affected() == 0 {
            return Err(StoreError::Exists);
        }
        for alias in members {
            sqlx::query!(
                "INSERT OR IGNORE INTO group_members (group_name, alias) VALUES (?, ?)",
                group.name,
                alias
            )
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Changes what a group is for.
    pub async fn describe_group(&self, name: &str, description: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE user_groups SET description = ? WHERE name = ?",
                description,
                name
            )
            .execute(&self.pool)
            .await?,
        )
    }

    /// Adds members, who must exist; those in it already stay. Gives how many are new.
    pub async fn add_members(&self, group: &str, members: &[String]) -> Result<u64, StoreError> {
        let mut tx = self.pool.begin().await?;
        let mut added = 0;
        for alias in members {
            added += sqlx::query!(
                "INSERT OR IGNORE INTO group_members (group_name, alias) VALUES (?, ?)",
                group,
                alias
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
        }
        tx.commit().await?;
        Ok(added)
    }

    /// Takes members out; those not in it do not matter. Gives how many were.
    pub async fn remove_members(&self, group: &str, members: &[String]) -> Result<u64, StoreError> {
        let mut tx = self.pool.begin().await?;
        let mut removed = 0;
        for alias in members {
            removed += sqlx::query!(
                "DELETE FROM group_members WHERE group_name = ? AND alias = ?",
                group,
                alias
            )
            .execute(&mut *tx)
            .await?
            .rows_affected();
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// Removes a group; its members stay users.
    pub async fn remove_group(&self, name: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("DELETE FROM user_groups WHERE name = ?", name)
                .execute(&self.pool)
                .await?,
        )
    }
}
