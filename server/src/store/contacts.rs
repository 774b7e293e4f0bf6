//! Contact lists of users' clients, registry value by registry value.

use super::{CHUNK, Store, StoreError, Transaction, hex, json, touched};
use crate::clock::UnixMs;
use serde::{Serialize, Serializer};

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

    /// The list of one user, and its values in the order of the file: both of one revision.
    pub async fn contact_list(
        &self,
        alias: &str,
    ) -> Result<Option<(ContactListRow, Vec<ContactValueRow>)>, StoreError> {
        let mut read = self.pool.begin().await?;
        let list = sqlx::query_as!(
            ContactListRow,
            r#"SELECT alias, revision AS "revision: u32", contacts AS "contacts: u32",
                      (SELECT count(name) FROM contact_values AS v WHERE v.alias = l.alias)
                          AS "values!: u32",
                      saved_ms, saved_by
               FROM contact_lists AS l WHERE alias = ?"#,
            alias
        )
        .fetch_optional(&mut *read)
        .await?;
        let Some(list) = list else {
            return Ok(None);
        };
        let values = sqlx::query_as!(
            ContactValueRow,
            "SELECT key, name, kind, data FROM contact_values WHERE alias = ? ORDER BY place",
            alias
        )
        .fetch_all(&mut *read)
        .await?;
        Ok(Some((list, values)))
    }
}

impl Transaction {
    /// Keeps a list in place of an older one, and gives its revision.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such user.
    pub async fn save_contacts(
        &mut self,
        alias: &str,
        saved_ms: UnixMs,
        saved_by: &str,
        contacts: u32,
        values: &[ContactValueRow],
    ) -> Result<u32, StoreError> {
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
        .fetch_one(self.db())
        .await?;
        sqlx::query!("DELETE FROM contact_values WHERE alias = ?", alias)
            .execute(self.db())
            .await?;
        for (place, values) in (0_i64..).zip(values.chunks(CHUNK)) {
            let first = place * i64::try_from(CHUNK).unwrap_or(i64::MAX);
            let values = json(&values.iter().map(Value::of).collect::<Vec<_>>())?;
            // What a registry holds is none of JSON's business: it travels as bytes.
            sqlx::query!(
                "INSERT INTO contact_values (alias, place, key, name, kind, data)
                 SELECT ?, ? + key, CAST(unhex(value->>'key') AS TEXT),
                        CAST(unhex(value->>'name') AS TEXT), value->>'kind', unhex(value->>'data')
                 FROM json_each(?)",
                alias,
                first,
                values
            )
            .execute(self.db())
            .await?;
        }
        Ok(revision)
    }

    /// Forgets a list.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if none is kept.
    pub async fn remove_contacts(&mut self, alias: &str) -> Result<(), StoreError> {
        let removed = sqlx::query!("DELETE FROM contact_lists WHERE alias = ?", alias)
            .execute(self.db())
            .await?;
        touched(&removed)?;
        sqlx::query!("DELETE FROM contact_values WHERE alias = ?", alias)
            .execute(self.db())
            .await?;
        Ok(())
    }
}

/// A value on its way to a statement.
#[derive(Serialize)]
struct Value<'a> {
    #[serde(serialize_with = "hex")]
    key: &'a [u8],
    #[serde(serialize_with = "optional_hex")]
    name: Option<&'a [u8]>,
    kind: Option<i64>,
    #[serde(serialize_with = "optional_hex")]
    data: Option<&'a [u8]>,
}

impl<'a> Value<'a> {
    fn of(row: &'a ContactValueRow) -> Self {
        Self {
            key: row.key.as_bytes(),
            name: row.name.as_deref().map(str::as_bytes),
            kind: row.kind,
            data: row.data.as_deref(),
        }
    }
}

fn optional_hex<S: Serializer>(bytes: &Option<&[u8]>, to: S) -> Result<S::Ok, S::Error> {
    match bytes {
        Some(bytes) => hex(bytes, to),
        None => to.serialize_none(),
    }
}
