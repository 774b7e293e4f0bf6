//! Groups of users.

use super::{Store, StoreError, Transaction, json, touched};
use crate::clock::UnixMs;
use sqlx::SqliteExecutor;

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
        groups(&self.pool).await
    }

    /// Who is in which group, by group and alias.
    pub async fn members(&self) -> Result<Vec<MemberRow>, StoreError> {
        members(&self.pool).await
    }
}

impl Transaction {
    /// All groups, by name.
    pub async fn groups(&mut self) -> Result<Vec<GroupRow>, StoreError> {
        groups(self.db()).await
    }

    /// One group.
    pub async fn group(&mut self, name: &str) -> Result<Option<GroupRow>, StoreError> {
        Ok(sqlx::query_as!(
            GroupRow,
            "SELECT name, spelled, description, created_ms FROM user_groups WHERE name = ?",
            name
        )
        .fetch_optional(self.db())
        .await?)
    }

    /// The members of one group, by alias.
    pub async fn members_of(&mut self, group: &str) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            "SELECT alias FROM group_members WHERE group_name = ? ORDER BY alias",
            group
        )
        .fetch_all(self.db())
        .await?)
    }

    /// Makes a group with these members, who must exist; no user may have its name.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if a group has the name.
    pub async fn add_group(
        &mut self,
        group: &GroupRow,
        members: &[String],
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO user_groups (name, spelled, description, created_ms) VALUES (?, ?, ?, ?)",
            group.name,
            group.spelled,
            group.description,
            group.created_ms
        )
        .execute(self.db())
        .await?;
        self.add_members(&group.name, members).await.map(drop)
    }

    /// Changes what a group is for.
    pub async fn describe_group(
        &mut self,
        name: &str,
        description: &str,
    ) -> Result<(), StoreError> {
        touched(
            &sqlx::query!(
                "UPDATE user_groups SET description = ? WHERE name = ?",
                description,
                name
            )
            .execute(self.db())
            .await?,
        )
    }

    /// Adds members, who must exist; those in it already stay. Gives how many are new.
    pub async fn add_members(
        &mut self,
        group: &str,
        members: &[String],
    ) -> Result<u64, StoreError> {
        let members = json(members)?;
        let added = sqlx::query!(
            "INSERT OR IGNORE INTO group_members (group_name, alias)
             SELECT ?, value FROM json_each(?)",
            group,
            members
        )
        .execute(self.db())
        .await?;
        Ok(added.rows_affected())
    }

    /// Takes members out, with what they asked to be told of the group; those not in it do not
    /// matter. Gives how many were.
    pub async fn remove_members(
        &mut self,
        group: &str,
        members: &[String],
    ) -> Result<u64, StoreError> {
        let members = json(members)?;
        let removed = sqlx::query!(
            "DELETE FROM group_members
             WHERE group_name = ? AND alias IN (SELECT value FROM json_each(?))",
            group,
            members
        )
        .execute(self.db())
        .await?;
        sqlx::query!(
            "DELETE FROM subscriptions
             WHERE target = ? AND subscriber IN (SELECT value FROM json_each(?))",
            group,
            members
        )
        .execute(self.db())
        .await?;
        Ok(removed.rows_affected())
    }

    /// Removes a group, with what was asked to be told of it; its members stay users.
    pub async fn remove_group(&mut self, name: &str) -> Result<(), StoreError> {
        touched(
            &sqlx::query!("DELETE FROM user_groups WHERE name = ?", name)
                .execute(self.db())
                .await?,
        )?;
        self.forget_nodes(&[name]).await
    }
}

pub(super) async fn groups(db: impl SqliteExecutor<'_>) -> Result<Vec<GroupRow>, StoreError> {
    Ok(sqlx::query_as!(
        GroupRow,
        "SELECT name, spelled, description, created_ms FROM user_groups ORDER BY name"
    )
    .fetch_all(db)
    .await?)
}

pub(super) async fn members(db: impl SqliteExecutor<'_>) -> Result<Vec<MemberRow>, StoreError> {
    Ok(sqlx::query_as!(
        MemberRow,
        "SELECT group_name, alias FROM group_members ORDER BY group_name, alias"
    )
    .fetch_all(db)
    .await?)
}
