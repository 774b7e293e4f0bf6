//! The rows of live presence, and reading them all back at start.

use super::{Store, StoreError, Transaction, json};
use crate::clock::UnixMs;
use serde::Serialize;

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

/// One subscription, as kept.
#[derive(Clone, Debug, Serialize)]
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
    /// Views, by number.
    pub views: Vec<ViewRow>,
    /// Properties.
    pub properties: Vec<PropertyRow>,
}

impl Store {
    /// Reads all live presence.
    pub async fn saved_presence(&self) -> Result<SavedPresence, StoreError> {
        let subscriptions = sqlx::query_as!(
            SubscriptionRow,
            r#"SELECT id AS "id: u32", kind, target, subscriber, href, call_back, peer, client, scheme,
                      since_ms, expires_ms FROM subscriptions JOIN leases USING (id) ORDER BY id"#
        )
        .fetch_all(&self.pool)
        .await?;
        let views = sqlx::query_as!(
            ViewRow,
            r#"SELECT id AS "id: u32", alias, login AS "login: u32", value, default_value, set_ms, expires_ms
               FROM views ORDER BY id"#
        )
        .fetch_all(&self.pool)
        .await?;
        let properties = sqlx::query_as!(
            PropertyRow,
            r#"SELECT alias, namespace, name, is_xml AS "is_xml: bool", value, default_value, expires_ms
               FROM properties ORDER BY alias, namespace, name"#
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(SavedPresence {
            subscriptions,
            views,
            properties,
        })
    }
}

impl Transaction {
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
