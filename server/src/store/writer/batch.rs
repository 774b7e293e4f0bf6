//! What a transaction does: rows of many requests, a statement for each kind of change.

use super::{CLOCK_FACT, ID_FACT, Write};
use crate::clock::UnixMs;
use crate::store::{AuditEntry, PropertyRow, SubscriptionRow, ViewRow, audit, json};
use sqlx::{Connection as _, SqliteConnection};
use std::collections::{BTreeMap, HashMap};

/// Rows to be written, with later changes of a row in place of earlier ones.
#[derive(Debug, Default)]
pub(super) struct Batch<'a> {
    subscriptions: HashMap<u32, Change<'a>>,
    views: HashMap<u32, Option<&'a ViewRow>>,
    properties: HashMap<(&'a str, &'a str, &'a str), Option<&'a PropertyRow>>,
    acls: HashMap<(&'a str, UnixMs), Option<&'a [u8]>>,
    audit: Vec<&'a AuditEntry>,
    sign_ons: HashMap<&'a str, UnixMs>,
    reserved: Option<u32>,
    clock_offset: Option<i64>,
    probed_ms: Option<UnixMs>,
}

#[derive(Debug)]
enum Change<'a> {
    Put(&'a SubscriptionRow, UnixMs),
    Renew(UnixMs),
    End,
}

impl<'a> Batch<'a> {
    pub(super) fn of(writes: impl IntoIterator<Item = &'a Write>) -> Self {
        let mut batch = Self::default();
        writes.into_iter().for_each(|write| batch.add(write));
        batch
    }

    /// Besides, something that has to be written even if nothing else has.
    pub(super) fn with_probe(mut self, now: UnixMs) -> Self {
        self.probed_ms = Some(now);
        self
    }

    /// Numbers below this are set aside with it.
    pub(super) fn reserved(&self) -> Option<u32> {
        self.reserved
    }

    fn add(&mut self, write: &'a Write) {
        match write {
            Write::PutSubscription(row) => {
                let change = Change::Put(row, row.expires_ms);
                self.subscriptions.insert(row.id, change);
            }
            Write::RenewSubscription(id, expires) => match self.subscriptions.get_mut(id) {
                Some(Change::Put(_, end)) => *end = *expires,
                Some(Change::End) => {}
                _ => {
                    self.subscriptions.insert(*id, Change::Renew(*expires));
                }
            },
            Write::EndSubscription(id) => {
                self.subscriptions.insert(*id, Change::End);
            }
            Write::PutView(row) => {
                self.views.insert(row.id, Some(row));
            }
            Write::EndView(id) => {
                self.views.insert(*id, None);
            }
            Write::PutProperty(row) => {
                let key = (&*row.alias, &*row.namespace, &*row.name);
                self.properties.insert(key, Some(row));
            }
            Write::EndProperty(key) => {
                self.properties.insert((&key.0, &key.1, &key.2), None);
            }
            Write::PutAcl(acl) => {
                let key = (&*acl.alias, acl.created_ms);
                self.acls.insert(key, acl.document.as_deref());
            }
            Write::Audit(entry) => self.audit.push(entry),
            Write::SignedOn(alias, at) => {
                self.sign_ons.insert(alias, *at);
            }
            Write::ReserveIds(below) => self.reserved = Some(*below),
            Write::ClockOffset(offset) => self.clock_offset = Some(*offset),
            Write::Probe(at) => self.probed_ms = Some(*at),
        }
    }

    /// One statement for each kind of change, whatever the number of rows: they travel as JSON.
    pub(super) async fn commit(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(), sqlx::Error> {
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        self.put_facts(&mut tx).await?;
        self.put_subscriptions(&mut tx).await?;
        self.put_views(&mut tx).await?;
        self.put_properties(&mut tx).await?;
        self.put_users(&mut tx).await?;
        audit::insert(&mut tx, &self.audit).await?;
        tx.commit().await
    }

    async fn put_facts(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let reserved = self.reserved.map(|below| (ID_FACT, below.to_string()));
        let offset = self.clock_offset.map(|by| (CLOCK_FACT, by.to_string()));
        let probed = self.probed_ms.map(|at| ("last_probe_ms", at.to_string()));
        for (name, value) in [reserved, offset, probed].into_iter().flatten() {
            sqlx::query!(
                "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
                name,
                value
            )
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }

    async fn put_subscriptions(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(), sqlx::Error> {
        let (mut put, mut renewed, mut ended) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (id, change) in &self.subscriptions {
            match change {
                Change::Put(row, expires) => {
                    put.push(*row);
                    renewed.insert(*id, *expires);
                }
                Change::Renew(expires) => _ = renewed.insert(*id, *expires),
                Change::End => ended.push(*id),
            }
        }
        if !put.is_empty() {
            let json = json(&put)?;
            sqlx::query!(
                "INSERT OR REPLACE INTO subscriptions
                   (id, kind, target, subscriber, href, call_back, peer, client, scheme, since_ms)
                 SELECT value->>'id', value->>'kind', value->>'target', value->>'subscriber', value->>'href',
                        value->>'call_back', value->>'peer', value->>'client', value->>'scheme',
                        value->>'since_ms'
                 FROM json_each(?)",
                json
            )
            .execute(&mut *connection)
            .await?;
        }
        if !renewed.is_empty() {
            // In order, as neighbours share a page; as an object, as its pairs need no further
            // look into JSON.
            let json = json(&renewed)?;
            sqlx::query!(
                "INSERT OR REPLACE INTO leases (id, expires_ms)
                 SELECT CAST(key AS INTEGER), value FROM json_each(?)",
                json
            )
            .execute(&mut *connection)
            .await?;
        }
        if !ended.is_empty() {
            let json = json(&ended)?;
            sqlx::query!(
                "DELETE FROM subscriptions WHERE id IN (SELECT value FROM json_each(?))",
                json
            )
            .execute(&mut *connection)
            .await?;
            sqlx::query!(
                "DELETE FROM leases WHERE id IN (SELECT value FROM json_each(?))",
                json
            )
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }

    async fn put_views(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let put: Vec<_> = self.views.values().flatten().collect();
        let ended = self.views.iter().filter(|(_, row)| row.is_none());
        let ended: Vec<_> = ended.map(|(id, _)| *id).collect();
        if !put.is_empty() {
            let json = json(&put)?;
            sqlx::query!(
                "INSERT OR REPLACE INTO views (id, alias, login, value, default_value, set_ms, expires_ms)
                 SELECT value->>'id', value->>'alias', value->>'login', value->>'value',
                        value->>'default_value', value->>'set_ms', value->>'expires_ms'
                 FROM json_each(?)",
                json
            )
            .execute(&mut *connection)
            .await?;
        }
        if !ended.is_empty() {
            let json = json(&ended)?;
            sqlx::query!(
                "DELETE FROM views WHERE id IN (SELECT value FROM json_each(?))",
                json
            )
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }

    async fn put_properties(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for ((alias, namespace, name), row) in &self.properties {
            if let Some(row) = row {
                sqlx::query!(
                    "INSERT OR REPLACE INTO properties
                       (alias, namespace, name, is_xml, value, default_value, expires_ms)
                     VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row.alias,
                    row.namespace,
                    row.name,
                    row.is_xml,
                    row.value,
                    row.default_value,
                    row.expires_ms
                )
                .execute(&mut *connection)
                .await?;
            } else {
                sqlx::query!(
                    "DELETE FROM properties WHERE alias = ? AND namespace = ? AND name = ?",
                    alias,
                    namespace,
                    name
                )
                .execute(&mut *connection)
                .await?;
            }
        }
        Ok(())
    }

    /// What presence keeps beside accounts.
    async fn put_users(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for ((alias, created_ms), document) in &self.acls {
            // Of this account, and not of one that took its name since.
            sqlx::query!(
                "UPDATE users SET acl = ? WHERE alias = ? AND created_ms = ?",
                document,
                alias,
                created_ms
            )
            .execute(&mut *connection)
            .await?;
        }
        if !self.sign_ons.is_empty() {
            let json = json(&self.sign_ons.iter().collect::<Vec<_>>())?;
            sqlx::query!(
                "UPDATE users SET last_sign_on_ms = j.value->>1
                 FROM json_each(?) AS j WHERE users.alias = j.value->>0",
                json
            )
            .execute(&mut *connection)
            .await?;
        }
        Ok(())
    }
}
