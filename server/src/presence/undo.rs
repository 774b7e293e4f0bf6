//! Taking changes back that could not be saved: memory never holds what was refused.
//!
//! Each change says what was before it. Time is not taken back: what ended meanwhile stays ended.

use super::event::Effects;
use super::nodes::Nodes;
use super::principal::{Principal, PropertyValue};
use super::subscription::{Login, Watch};
use super::view::View;
use crate::clock::UnixMs;
use crate::store::writer::{Commit, Keeper, WriterTask};
use rvp::{Acl, Alias, PropertyName, PropertyOut, Rights, State, SubscriptionId, ViewId};
use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use tokio::task::JoinHandle;

/// What was before one step of a change.
#[derive(Debug)]
pub(super) enum Before {
    /// There was no such sign-on.
    NoLogin(SubscriptionId),
    /// There was this sign-on.
    Login(Box<Login>),
    /// There was no such watch.
    NoWatch(SubscriptionId),
    /// There was this watch.
    Watch(Box<Watch>),
    /// A subscription ended then.
    Lease(SubscriptionId, UnixMs),
    /// There was no such view.
    NoView(ViewId),
    /// There was this view.
    View(Box<View>),
    /// A property had this value, or was not there.
    Property(PropertyName, Option<PropertyValue>),
    /// The list was this one.
    Acl(Option<Arc<Acl>>),
    /// The last sign-on was then.
    LastSignOn(Option<UnixMs>),
}

/// What a whole change took the place of, the newest step last.
#[derive(Debug, Default)]
pub struct Previous(pub(super) Vec<Before>);

impl Nodes {
    /// Starts saving what changes.
    pub fn save_with(self: &Arc<Self>, task: WriterTask<Previous>) -> JoinHandle<()> {
        tokio::spawn(task.run(Arc::downgrade(self)))
    }

    /// Makes a principal what it was.
    pub(super) fn undo(&self, principal: &mut Principal, before: Previous) {
        let sign_ons = principal.logins.len();
        for step in before.0.into_iter().rev() {
            principal.undo(step);
        }
        let logins = &principal.logins;
        // A sign-on that ended meanwhile has taken its views with it.
        principal
            .views
            .retain(|view| logins.iter().any(|l| l.id == view.login));
        let shown = principal.merged_state().shown();
        if shown != principal.shown {
            principal.shown = shown;
            self.state_happened(principal);
        }
        self.count(sign_ons, principal);
        self.watch_deadline(principal);
    }

    fn take_back_of(&self, node: &Alias, befores: &mut dyn FnMut() -> Vec<Previous>) {
        let mut shard = self.shard(node);
        let all = befores();
        let Some(principal) = shard.get_mut(node) else {
            return;
        };
        let shown = principal.shown.clone();
        let steps = || all.iter().flat_map(|it| &it.0);
        let list_changes = steps().any(|step| matches!(step, Before::Acl(_)));
        let properties: BTreeSet<PropertyName> = steps()
            .filter_map(|step| match step {
                Before::Property(name, _) => Some(name.clone()),
                _ => None,
            })
            .collect();
        for before in all.into_iter().rev() {
            self.undo(principal, before);
        }
        // Nobody was told of the changes, but perhaps of something that ended amid them.
        let mut events = if principal.shown != shown || list_changes {
            self.state_for_all(principal)
        } else {
            Vec::new()
        };
        // An older value may not have been told because of what is taken back.
        let values = properties
            .iter()
            .map(|name| self.property_event(principal, name));
        events.extend(values.filter(|event| !event.watchers.is_empty()));
        drop(shard);
        self.changed();
        // Handed to who tells what nobody waits for.
        drop(Effects::new(Commit::nothing(), events, self.untold.clone()));
    }

    /// The state of a principal as each of its watchers may see it.
    pub(super) fn state_for_all(&self, principal: &Principal) -> Vec<super::Event> {
        let sees = |watch: &Watch| self.may(principal, &watch.subscriber, Rights::PRESENCE);
        let shown = PropertyOut::State(principal.shown.clone());
        let seen = self.event(principal, shown, sees);
        let hidden = PropertyOut::State(State::Offline);
        let blind = self.event(principal, hidden, |watch| !sees(watch));
        [seen, blind]
            .into_iter()
            .filter(|event| !event.watchers.is_empty())
            .collect()
    }
}

impl Principal {
    fn undo(&mut self, step: Before) {
        match step {
            Before::NoLogin(id) => self.logins.retain(|l| l.id != id),
            // Meanwhile an administrator signed it off.
            Before::Login(login) if login.id.get() < self.leaving_below => {}
            Before::Login(login) => {
                // They stand in the order of their numbers, oldest first.
                let place = self
                    .logins
                    .partition_point(|l| l.since <= login.since && l.id < login.id);
                self.logins.insert(place, *login);
            }
            Before::NoWatch(id) => self.watches.retain(|w| w.id != id),
            Before::Watch(watch) => self.watches.push(*watch),
            Before::Lease(id, expires) => {
                if let Some(login) = self.logins.iter_mut().find(|l| l.id == id) {
                    match &mut login.unreachable {
                        Some(unreachable) => {
                            unreachable.uncut = expires;
                            login.expires = login.expires.min(expires);
                        }
                        None => login.expires = expires,
                    }
                } else if let Some(watch) = self.watches.iter_mut().find(|w| w.id == id) {
                    watch.expires = expires;
                }
            }
            Before::NoView(id) => self.views.retain(|v| v.id != id),
            Before::View(view) => match self.views.iter_mut().find(|v| v.id == view.id) {
                Some(known) => *known = *view,
                None => self.views.push(*view),
            },
            Before::Property(name, Some(value)) => _ = self.properties.insert(name, value),
            Before::Property(name, None) => _ = self.properties.remove(&name),
            Before::Acl(acl) => self.acl = acl,
            Before::LastSignOn(at) => self.account.last_sign_on = at,
        }
    }
}

impl Keeper<Previous> for Weak<Nodes> {
    fn take_back(&self, node: &Alias, befores: &mut dyn FnMut() -> Vec<Previous>) {
        match self.upgrade() {
            Some(nodes) => nodes.take_back_of(node, befores),
            // Memory is gone: there is nothing to be made what it was.
            None => drop(befores()),
        }
    }

    fn health_changed(&self) {
        if let Some(nodes) = self.upgrade() {
            nodes.changed();
        }
    }
}
