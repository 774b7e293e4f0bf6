//! What may be ordered of the server: one set of orders for the console, the command line and
//! the control socket, each checked, carried out and audited in one place.
//!
//! An order that changes something goes through `change.rs`: its turn, its transaction with the
//! audit in it, and only then memory.
//!
//! Without a live side (the command line, while no server runs) the same orders change the
//! database alone.

mod access;
mod admins;
mod assignments;
mod audit;
mod audit_text;
mod catalogue;
mod change;
mod compliance;
mod contacts;
mod daily;
mod dashboard;
mod deployment;
mod export;
mod first_run;
mod groups;
mod hooks;
mod leaving;
mod list;
mod lockouts;
mod logoff;
mod noted_reads;
mod online;
mod picture;
mod policies;
mod policy_draft;
mod policy_save;
mod policy_stale;
mod privacy;
mod proxy_script;
mod refused_sign_ins;
mod registry;
mod revisions;
mod sessions;
mod sign_in;
mod tokens;
mod users;

#[cfg(test)]
mod tests;

use noted_reads::NotedReads;
use refused_sign_ins::RefusedSignIns;
use registry::BY_NAME;

use crate::auth::{Hasher, Realm, Rules, SealKey, Throttle};
use crate::clock::{Clock, Random, UnixMs};
use crate::delivery::Delivery;
use crate::doctor::Settings;
use crate::enforcement::Enforcement;
use crate::events::EventLog;
use crate::groups::Groups;
use crate::hooks::Hooks;
use crate::names::LocalNames;
use crate::presence::Nodes;
use crate::proxy_script::ProxyScript;
use crate::store::{ConsoleSessions, PolicyRow, Store, StoreError};
use rvp::Alias;
use std::sync::Arc;
use tokio::sync::watch;

pub(crate) use contacts::{CONTACTS_PATH, contact_format};
pub(crate) use daily::DailyFigures;
pub(crate) use dashboard::day;
pub(crate) use privacy::MOST_ENTRIES;
pub use registry::{Entry, OPERATIONS};
pub(crate) use sessions::key as session_key;

/// The live side: present while the server runs.
#[derive(Clone)]
pub struct Live {
    /// When the server started.
    pub started: UnixMs,
    /// The node database.
    pub nodes: Arc<Nodes>,
    /// Outgoing NOTIFY.
    pub delivery: Delivery,
    /// Who is in which group.
    pub groups: Arc<Groups>,
    /// Policies on the wire.
    pub enforcement: Arc<Enforcement>,
    /// What the RVP listener hands to browsers.
    pub proxy_script: Arc<ProxyScript>,
    /// What clients run into, for the diagnosis.
    pub settings: Arc<Settings>,
    /// What this server is called.
    pub names: LocalNames,
    /// What happens.
    pub events: EventLog,
    /// Who is told of it.
    pub hooks: Hooks,
    /// Sign-ins of clients.
    pub sign_ins: Arc<Throttle>,
}

/// Carries orders out.
#[derive(Clone)]
pub struct Admin {
    pub(crate) store: Store,
    key: SealKey,
    realm: Realm,
    pub(crate) clock: Clock,
    random: Random,
    /// Sign-ins at the console.
    throttle: Arc<Throttle>,
    hasher: Hasher,
    /// Which reads are in the audit already.
    reads: Arc<NotedReads>,
    /// Which failed sign-ins are in the audit already.
    refused: Arc<RefusedSignIns>,
    /// Who is signed in at the console.
    sessions: ConsoleSessions,
    /// Changes whenever sessions of the console end.
    admins_changed: watch::Sender<u64>,
    pub(crate) live: Option<Live>,
    /// Whose turn it is to change something.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The policies as the last order left them that the wire follows.
    known_policies: Arc<parking_lot::Mutex<Vec<Arc<PolicyRow>>>>,
}

/// Makes the closing sentence of an error that only the log explains.
pub(crate) fn internal(error: impl std::fmt::Display) -> api::Error {
    tracing::error!(%error, "an order failed");
    api::Error::Internal(error.to_string())
}

fn invalid(field: &'static str, message: impl Into<String>) -> api::Error {
    api::Error::invalid(field, message.into())
}

/// A revision as it travels.
fn revision_number(revision: i64) -> u32 {
    u32::try_from(revision).unwrap_or(u32::MAX)
}

impl Admin {
    /// Admin on this database; `live` while the server runs.
    #[must_use]
    pub fn new(
        store: Store,
        key: SealKey,
        realm: Realm,
        clock: Clock,
        random: Random,
        live: Option<Live>,
    ) -> Self {
        Self {
            sessions: ConsoleSessions::new(store.clone(), clock.clone()),
            store,
            key,
            realm,
            throttle: Throttle::new(Rules::CONSOLE, clock.clone()),
            hasher: Hasher::default(),
            reads: Arc::default(),
            refused: Arc::default(),
            admins_changed: watch::Sender::new(0),
            clock,
            random,
            live,
            turn: Arc::default(),
            known_policies: Arc::default(),
        }
    }

    /// What happens, while a server runs.
    pub(crate) fn events(&self) -> Result<EventLog, api::Error> {
        Ok(self.running()?.events.clone())
    }

    /// The live side, for what only a server that runs can do.
    pub(super) fn running(&self) -> Result<&Live, api::Error> {
        self.live.as_ref().ok_or_else(|| {
            api::Error::Conflict(
                "No server runs on this data directory. Start it with `rollcall serve`.".into(),
            )
        })
    }

    /// A number for what proves an account that no account has had: 64 random bits.
    fn generation(&self) -> i64 {
        i64::from_be_bytes(self.random.bytes())
    }

    fn alias(text: &str) -> Result<Alias, api::Error> {
        Alias::new(text.trim()).map_err(|e| {
            invalid(
                "alias",
                format!("{:?} cannot be an alias: {e}.", text.trim()),
            )
        })
    }
}

fn no_such_user(alias: &str) -> impl Fn(StoreError) -> api::Error {
    move |error| match error {
        StoreError::Missing => api::Error::NotFound(format!("There is no user {alias}.")),
        error => internal(error),
    }
}
