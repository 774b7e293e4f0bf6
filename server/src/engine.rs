//! A server without its listeners: what it keeps, what is live in memory, and what may be ordered
//! of it. The daemon serves it; tests drive it.

use crate::admin::{Admin, Live};
use crate::auth::{Realm, Rules, SealKey, Throttle};
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::delivery::Delivery;
use crate::dns::Dns;
use crate::doctor::Settings;
use crate::enforcement::{Enforcement, Record, Unwritten};
use crate::events::EventLog;
use crate::federation::Federation;
use crate::groups::{Groups, GroupsNow};
use crate::hooks::{Hooks, Telling};
use crate::presence::{LeaseLimits, Nodes, Previous};
use crate::proxy_script::ProxyScript;
use crate::store::writer::Writer;
use crate::store::{Store, StoreError};
use anyhow::Context as _;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What an engine is built on.
#[derive(Clone, Debug)]
pub struct Foundation<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The database.
    pub store: Store,
    /// What verifiers are sealed under.
    pub key: SealKey,
    /// What the server is called.
    pub realm: Realm,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Where the RVP listener listens.
    pub listen: SocketAddr,
    /// Connections to call-backs that may be open at once.
    pub call_backs: usize,
    /// Connections to other domains that may be open at once.
    pub peers: usize,
}

/// A server without its listeners.
pub struct Engine {
    /// What may be ordered.
    pub admin: Admin,
    /// What is live.
    pub live: Live,
    /// Other domains.
    pub federation: Federation,
    /// Refusals that are still to be written.
    pub refusals: Unwritten,
    /// What hooks are still to be told.
    pub telling: Telling,
    /// What saves presence.
    pub writer: Writer<Previous>,
    /// The writer at work; it ends with the last who may change something.
    pub writing: JoinHandle<()>,
}

impl Engine {
    /// Takes what is on the disk into memory: a server that starts. What ended while none ran has
    /// ended when this is done, and all that was ordered counts.
    ///
    /// # Errors
    /// That the database cannot be read.
    pub async fn build(on: Foundation<'_>) -> anyhow::Result<Self> {
        let Foundation {
            config,
            store,
            key,
            realm,
            clock,
            random,
            listen,
            call_backs,
            peers,
        } = on;
        let former: Vec<_> = realm
            .former
            .iter()
            .flat_map(|it| [&*it.domain, &*it.nt_domain])
            .collect();
        let names = config.local_names(&realm.nt_domain, &former, Some(listen.port()));
        let (writer, writing) = Writer::open(&store, clock.clone()).await?;
        let first_id = store.first_free_id().await?;
        let events = EventLog::new(clock.clone());
        let (hooks, telling) =
            Hooks::new(&config.hooks, events.clone(), store.clone(), clock.clone())?;
        let nodes = Arc::new(Nodes::new(
            names.clone(),
            LeaseLimits::new(&config.presence, &config.limits),
            writer.clone(),
            first_id,
            events.clone(),
        ));
        let writing = nodes.save_with(writing);
        restore(&nodes, &store, &clock).await?;

        let settings = Arc::new(Settings::new(config, listen));
        let federation = Federation::new(
            config.federation.peers.clone(),
            &settings.authority(),
            names.clone(),
            Dns::new(&config.federation.dns),
            clock.clone(),
            config.delivery.timeouts(),
            peers,
        );
        let delivery = Delivery::new(
            nodes.clone(),
            clock.clone(),
            config.delivery.timeouts(),
            call_backs,
            federation.clone(),
        );
        let (record, refusals) = Record::new(events.clone());
        record.restore(&store).await?;
        let live = Live {
            started: clock.wall_ms(),
            sign_ins: Throttle::new(Rules::CLIENTS, clock.clone()),
            nodes,
            delivery,
            groups: Arc::new(Groups::default()),
            enforcement: Arc::new(Enforcement::new(record)),
            proxy_script: Arc::new(ProxyScript::default()),
            settings,
            names,
            events,
            hooks,
        };
        let admin = Admin::new(store, key, realm, clock, random, Some(live.clone()));
        admin
            .redraw()
            .await
            .context("what was ordered cannot be read")?;
        Ok(Self {
            admin,
            live,
            federation,
            refusals,
            telling,
            writer,
            writing,
        })
    }
}

/// Takes accounts, groups and presence in.
async fn restore(nodes: &Nodes, store: &Store, clock: &Clock) -> Result<(), StoreError> {
    if let Err(error) = nodes.reserve_ids().await {
        // What is there goes on; nobody can sign on until the disk takes changes.
        tracing::error!(%error, "no numbers of subscriptions could be set aside");
    }
    let groups = GroupsNow::of_rows(&store.groups().await?, &store.members().await?);
    let saved = store.saved_presence().await?;
    nodes.restore(store.users().await?, &groups, saved, clock.now_ms());
    // What ended while nobody was there is over before anybody asks; its watchers hear of it with
    // all the others.
    drop(nodes.expire(clock.now_ms()));
    Ok(())
}
