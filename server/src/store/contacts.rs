//! Contact lists of users' clients, registry value by registry value.

use super::{Store, StoreError, touched};
use crate::clock::UnixMs;

/// A list, without its values.
#[derive(Clone, Debug)]
pub struct ContactListRow {
    /// Whose.
    pub alias: String,
    /// Revision, from 1.
    pub revision: u32,
    /// How many people are in it.
    pub contacts: u32,
    /// How many values it has.
    pub values: u32,
    /// When it was saved.
    pub saved_ms: UnixMs,
    /// By whom.
    pub saved_by: String,
}

/// One value of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactValueRow {
    /// Path of its key.
    pub key: String,
    /// Its name; none for a key without values.
    pub name: Option<String>,
    /// Number of its type.
    pub kind: Option<i64>,
    /// Its data.
    pub data: Option<Vec<u8>>,
}

impl Store {
    /// All lists, by alias.
    pub async fn contact_lists(&self) -> Result<Vec<ContactListRow>, StoreError> {
        Ok(sqlx::query_as!(
            ContactListRow,
            r#"SELECT alias, revision AS "revision: u32", contacts AS "contacts: u32",
                      (SELECT count(name) FROM contact_values AS v WHERE v.alias = l.alias)
                          AS "values!: u32",
                      saved_ms, saved_by
               FROM contact_lists AS l ORDER BY alias"#
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The list of one user.
    pub async fn contact_list(&self, alias: &str) -> Result<Option<ContactListRow>, StoreError> {
        Ok(sqlx::query_as!(
            ContactListRow,
            r#"SELECT alias, revision AS "revision: u32", contacts AS "contacts: u32",
                      (SELECT count(name) FROM contact_values AS v WHERE v.alias = l.alias)
                          AS "values!: u32",
                      saved_ms, saved_by
               FROM contact_lists AS l WHERE alias = ?"#,
            alias
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// The values of a user's list in the order of the file.
    pub async fn contact_values(&self, alias: &str) -> Result<Vec<ContactValueRow>, StoreError> {
        Ok(sqlx::query_as!(
            ContactValueRow,
            "SELECT key, name, kind, data FROM contact_values WHERE alias = ? ORDER BY place",
            alias
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Keeps a list in place of an older one, and gives its revision.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such user.
    pub async fn save_contacts(
        &self,
        alias: &str,
        saved_ms: UnixMs,
        saved_by: &str,
        contacts: u32,
        values: &[ContactValueRow],
    ) -> Result<u32, StoreError> {
        let mut tx = self.pool.begin().await?;
        let revision = sqlx::query_scalar!(
            r#"INSERT INTO contact_lists (alias, revision, contacts, saved_ms, saved_by)
               SELECT alias, 1, ?, ?, ? FROM users WHERE alias = ?
               ON CONFLICT (alias) DO UPDATE SET
                   revision = revision + 1, contacts = excluded.contacts,
                   saved_ms = excluded.saved_ms, saved_by = excluded.saved_by
               RETURNING revision AS "revision!: u32""#,
            contacts,
            saved_ms,
            saved_by,
            alias
        )
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query!("DELETE FROM contact_values WHERE alias = ?", alias)
            .execute(&mut *tx)
            .await?;
        for (place, value) in (0_i64..).zip(values) {
            sqlx::query!(
                "INSERT INTO contact_values (alias, place, key, name, kind, data)
                 VALUES (?, ?, ?, ?, ?, ?)",
                alias,
                place,
                value.key,
                value.name,
                value.kind,
                value.data
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(revision)
    }

    /// Forgets a list.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if none is kept.
    pub async fn remove_contacts(&self, alias: &str) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let removed = sqlx::query!("DELETE FROM contact_lists WHERE alias = ?", alias)
            .execute(&mut *tx)
            .await?;
        touched(&removed)?;
        sqlx::query!("DELETE FROM contact_values WHERE alias = ?", alias)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}
