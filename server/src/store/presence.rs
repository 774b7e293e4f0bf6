//! The rows of live presence, and reading them all back at start.

use super::{Store, StoreError, Transaction, json};
use crate::clock::UnixMs;
use serde::{Deserialize, Serialize};

/// Subscriptions that are read at once.
const AT_ONCE: i64 = 8192;

/// What a subscription asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionKind {
    /// `pragma/notify` on one's own node: a sign-on.
    Login,
    /// `update/propchange`: be told when the node changes.
    Watch,
    /// `pragma/notify` on a group: be told what is sent to it.
    Sink,
}

impl SubscriptionKind {
    /// How the column says it.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Login => 0,
            Self::Watch => 1,
            Self::Sink => 2,
        }
    }
}

/// One subscription, as kept. It is read as an array in this order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SubscriptionRow {
    /// Its number.
    pub id: u32,
    /// As [`SubscriptionKind::code`] says.
    pub kind: i64,
    /// Alias of the node.
    pub target: String,
    /// Alias of who asked.
    pub subscriber: String,
    /// The node's logical URL as the subscriber spells it.
    pub href: String,
    /// `host:port` of a client; empty: the subscriber's own sign-ons.
    pub call_back: String,
    /// Address that authenticated.
    pub peer: String,
    /// User-Agent, or empty.
    pub client: String,
    /// `digest` or `ntlm`.
    pub scheme: String,
    /// When it was made.
    pub since_ms: UnixMs,
    /// When it ends.
    pub expires_ms: UnixMs,
}

/// One client's state, as kept.
#[derive(Clone, Debug, Serialize)]
pub struct ViewRow {
    /// Its number.
    pub id: u32,
    /// Alias of the user.
    pub alias: String,
    /// The sign-on it belongs to.
    pub login: u32,
    /// Name of the state.
    pub value: String,
    /// Name of the state it falls back to.
    pub default_value: String,
    /// When it was set.
    pub set_ms: UnixMs,
    /// When the lease runs out.
    pub expires_ms: UnixMs,
}

/// Another property of a node, as kept.
#[derive(Clone, Debug, Serialize)]
pub struct PropertyRow {
    /// Alias of the user.
    pub alias: String,
    /// XML namespace.
    pub namespace: String,
    /// Local name.
    pub name: String,
    /// True if the value is XML and not text.
    pub is_xml: bool,
    /// The value.
    pub value: String,
    /// What it falls back to.
    pub default_value: String,
    /// When the lease runs out; `None`: not leased.
    pub expires_ms: Option<UnixMs>,
}

/// All live presence.
#[derive(Clone, Debug, Default)]
pub struct SavedPresence {
    /// Subscriptions, by number.
    pub subscriptions: Vec<SubscriptionRow>,
    /// Views, in the order in which they were set.
    pub views: Vec<ViewRow>,
    /// Properties.
    pub properties: Vec<PropertyRow>,
}

impl Store {
    /// When something of presence was last made or set.
    pub(super) async fn newest_presence(&self) -> Result<UnixMs, StoreError> {
        // Numbers only grow.
        let newest = sqlx::query_scalar!(
            r#"SELECT max(coalesce((SELECT since_ms FROM subscriptions ORDER BY id DESC LIMIT 1), 0),
                          coalesce((SELECT max(set_ms) FROM views), 0)) AS "newest!: i64""#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(newest)
    }

    /// Reads all live presence.
    pub async fn saved_presence(&self) -> Result<SavedPresence, StoreError> {
        let (subscriptions, views, properties) = tokio::try_join!(
            self.saved_subscriptions(),
            self.saved_views(),
            self.saved_properties()
        )?;
        Ok(SavedPresence {
            subscriptions,
            views,
            properties,
        })
    }

    /// Reads all subscriptions. There are many: they come as JSON, thousands at a time, and while
    /// some are taken in the next are read.
    async fn saved_subscriptions(&self) -> Result<Vec<SubscriptionRow>, StoreError> {
        let mut all: Vec<SubscriptionRow> = Vec::new();
        let mut read = self.subscriptions_after(0).await?;
        while let (Some(last), text) = read {
            let taken_in = async {
                let rows = serde_json::from_str::<Vec<SubscriptionRow>>(&text);
                all.extend(rows.map_err(|e| sqlx::Error::Decode(Box::new(e)))?);
                Ok(())
            };
            (read, ()) = tokio::try_join!(self.subscriptions_after(last), taken_in)?;
        }
        Ok(all)
    }

    /// The next subscriptions after a number, as JSON, and the number of the last of them.
    async fn subscriptions_after(&self, id: u32) -> Result<(Option<u32>, String), StoreError> {
        let read = sqlx::query!(
            r#"SELECT max(id) AS "last: u32",
                      json_group_array(json_array(id, kind, target, subscriber, href, call_back, peer,
                                                  client, scheme, since_ms, expires_ms)) AS "rows!: String"
               FROM (SELECT subscriptions.*, expires_ms FROM subscriptions JOIN leases USING (id)
                     WHERE id > ? ORDER BY id LIMIT ?)"#,
            id,
            AT_ONCE
        )
        .fetch_one(&self.pool)
        .await?;
        Ok((read.last, read.rows))
    }

    async fn saved_views(&self) -> Result<Vec<ViewRow>, StoreError> {
        let views = sqlx::query_as!(
            ViewRow,
            r#"SELECT id AS "id: u32", alias, login AS "login: u32", value, default_value, set_ms, expires_ms
               FROM views ORDER BY set_ms, id"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(views)
    }

    async fn saved_properties(&self) -> Result<Vec<PropertyRow>, StoreError> {
        let properties = sqlx::query_as!(
            PropertyRow,
            r#"SELECT alias, namespace, name, is_xml AS "is_xml: bool", value, default_value, expires_ms
               FROM properties ORDER BY alias, namespace, name"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(properties)
    }
}

impl Transaction {
    /// Ends the sign-ons of users, with their states. Their watches stay.
    pub async fn end_sign_ons(&mut self, aliases: &[String]) -> Result<(), StoreError> {
        let aliases = json(aliases)?;
        let sign_on = SubscriptionKind::Login.code();
        sqlx::query!(
            "DELETE FROM leases WHERE id IN
                 (SELECT id FROM subscriptions
                  WHERE kind = ? AND target IN (SELECT value FROM json_each(?)))",
            sign_on,
            aliases
        )
        .execute(self.db())
        .await?;
        sqlx::query!(
            "DELETE FROM subscriptions
             WHERE kind = ? AND target IN (SELECT value FROM json_each(?))",
            sign_on,
            aliases
        )
        .execute(self.db())
        .await?;
        sqlx::query!(
            "DELETE FROM views WHERE alias IN (SELECT value FROM json_each(?))",
            aliases
        )
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Forgets the live presence of nodes that are no more, and what was asked in their names.
    pub(super) async fn forget_nodes(&mut self, aliases: &[&str]) -> Result<(), StoreError> {
        let aliases = json(aliases)?;
        sqlx::query!(
            "DELETE FROM leases WHERE id IN
                 (SELECT id FROM subscriptions
                  WHERE target IN (SELECT value FROM json_each(?1))
                     OR subscriber IN (SELECT value FROM json_each(?1)))",
            aliases
        )
        .execute(self.db())
        .await?;
        sqlx::query!(
            "DELETE FROM subscriptions
             WHERE target IN (SELECT value FROM json_each(?1))
                OR subscriber IN (SELECT value FROM json_each(?1))",
            aliases
        )
        .execute(self.db())
        .await?;
        sqlx::query!(
            "DELETE FROM views WHERE alias IN (SELECT value FROM json_each(?))",
            aliases
        )
        .execute(self.db())
        .await?;
        sqlx::query!(
            "DELETE FROM properties WHERE alias IN (SELECT value FROM json_each(?))",
            aliases
        )
        .execute(self.db())
        .await?;
        Ok(())
    }
}
