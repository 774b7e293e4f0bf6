//! After a restart every watcher is told how those whom they watch are: what was acknowledged before
//! it may not have been told, and leases may have ended meanwhile. Who knows already takes no harm.

use super::Who;
use super::event::Event;
use super::nodes::Nodes;
use crate::clock::UnixMs;
use rvp::{Alias, PropertyOut};
use std::time::Duration;

/// Notifications a second, so that nobody is flooded and messages do not wait behind them.
const A_SECOND: u32 = 2000;

/// Notifications between two pauses.
const AT_ONCE: u32 = 100;

impl Nodes {
    /// Everybody who is watched, whose state is the newest first: what changed last is what watchers
    /// may not know.
    fn watched(&self) -> Vec<Alias> {
        let mut watched: Vec<(UnixMs, Alias)> = Vec::new();
        for shard in self.shards() {
            let some = shard.values().filter(|p| !p.watches.is_empty());
            watched.extend(some.map(|p| {
                let sets = p.views.iter().map(|view| view.set);
                let sets = sets.chain(p.logins.iter().map(|login| login.since));
                let newest = sets.chain(p.account.last_sign_on).max();
                (newest.unwrap_or(UnixMs::MIN), p.alias.clone())
            }));
        }
        watched.sort_unstable_by(|a, b| b.cmp(a));
        watched.into_iter().map(|(_, alias)| alias).collect()
    }

    /// What each watcher of a node may know of it now.
    fn current(&self, node: &Alias) -> Vec<Event> {
        let events = self.with(node, |principal| {
            if principal.members.is_some() {
                return Ok(Vec::new());
            }
            let mut events = self.state_for_all(principal);
            let properties = principal.properties.iter();
            let properties: Vec<PropertyOut> =
                properties.map(|(name, value)| value.out(name)).collect();
            for property in properties {
                events.push(self.event_for_readers(principal, property));
            }
            Ok(events)
        });
        let mut events = events.unwrap_or_default();
        for event in &mut events {
            // Nobody else is there to be told.
            event.watchers.retain(|watcher| match &watcher.subscriber {
                Who::Here(alias) => self.is_signed_on(alias),
                Who::Elsewhere(_) => true,
            });
        }
        events.retain(|event| !event.watchers.is_empty());
        events
    }

    fn is_signed_on(&self, alias: &Alias) -> bool {
        self.shard(alias)
            .get(alias)
            .is_some_and(|p| !p.logins.is_empty())
    }

    /// Has everybody told how those are whom they watch, at a pace.
    pub async fn tell_all(&self, tell: impl Fn(Vec<Event>)) {
        let mut told = 0;
        for node in self.watched() {
            for event in self.current(&node) {
                told += u32::try_from(event.watchers.len()).unwrap_or(u32::MAX);
                tell(vec![event]);
            }
            while told >= AT_ONCE {
                told -= AT_ONCE;
                tokio::time::sleep(Duration::from_secs(1) * AT_ONCE / A_SECOND).await;
            }
        }
    }
}
