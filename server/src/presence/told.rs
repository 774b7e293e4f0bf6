//! What watchers know already. Events of one node are told by whoever made them, each once its own
//! answer is sent: an older one may come after a newer one, and must not be told then.

use super::event::{Event, Watcher};
use super::nodes::{Nodes, is_kept_by_server};
use super::principal::Principal;
use super::subscription::Watch;
use rvp::{Alias, PropertyName, PropertyOut, Rights, State, SubscriptionId};

/// What the answer to a new watch says of its node.
#[derive(Clone, Debug)]
pub struct Answered {
    pub(super) node: Alias,
    pub(super) watch: SubscriptionId,
    /// Of two states the larger is newer.
    pub(super) sequence: u64,
}

impl Nodes {
    /// Leaves those of an event's watchers who know nothing newer; from now on they know this.
    ///
    /// Whoever tells must hold others off until it is in the queues.
    pub fn claim(&self, event: &mut Event) {
        let mut shard = self.shard(&event.node);
        // Whoever is gone had one last thing to say.
        let Some(principal) = shard.get_mut(&event.node) else {
            return;
        };
        let name = event.change.name();
        if name.is_state() {
            let stale = principal.claim_state(event);
            event
                .watchers
                .retain(|watcher| !stale.contains(&watcher.id));
        } else if !principal.claim(name, event.sequence, self.limits.properties) {
            event.watchers.clear();
        }
    }

    /// The state for a watch whose answer was on its way when something newer was told: a client
    /// that reads the answer last believes that.
    #[must_use]
    pub fn newer_than(&self, answered: &Answered) -> Option<Event> {
        let shard = self.shard(&answered.node);
        let principal = shard.get(&answered.node)?;
        let is_it = |watch: &Watch| watch.id == answered.watch;
        let watch = principal.watches.iter().find(|it| is_it(it))?;
        if watch.told <= answered.sequence {
            return None;
        }
        let sees = self.may(principal, &watch.subscriber, Rights::PRESENCE);
        let state = if sees {
            principal.shown.clone()
        } else {
            State::Offline
        };
        Some(self.event(principal, PropertyOut::State(state), is_it))
    }
}

impl Principal {
    /// Notes for each watch that it is told this state; gives those that were told a newer one.
    fn claim_state(&mut self, event: &mut Event) -> Vec<SubscriptionId> {
        let sequence = event.sequence;
        event.watchers.sort_unstable_by_key(|watcher| watcher.id);
        let watchers = &event.watchers;
        let mut stale = Vec::new();
        let mut found = 0;
        for watch in &mut self.watches {
            if watchers.binary_search_by_key(&watch.id, |it| it.id).is_ok() {
                found += 1;
                if watch.told > sequence {
                    stale.push(watch.id);
                } else {
                    watch.told = sequence;
                }
            }
        }
        if found < watchers.len() {
            let gone = |it: &&Watcher| self.watches.iter().all(|watch| watch.id != it.id);
            // It made room for another of the same subscriber, whose answer was newer.
            let knows = |it: &&Watcher| {
                self.watches
                    .iter()
                    .any(|watch| watch.subscriber == it.subscriber && watch.told > sequence)
            };
            stale.extend(watchers.iter().filter(gone).filter(knows).map(|it| it.id));
        }
        stale
    }

    /// Whether nothing newer was told of a property; from now on this was. So many may be kept.
    fn claim(&mut self, name: PropertyName, sequence: u64, most: usize) -> bool {
        let told = self.told.entry(name).or_default();
        if *told > sequence {
            return false;
        }
        *told = sequence;
        if self.told.len() > 2 * most + 16 {
            let properties = &self.properties;
            self.told
                .retain(|name, _| properties.contains_key(name) || is_kept_by_server(name));
        }
        true
    }
}
