//! Accounts that are no more: their sign-ons, views, watches and properties end with them, so that
//! nothing of theirs falls to a later account of the same alias.

use super::Event;
use super::nodes::Nodes;
use super::principal::Principal;
use super::sign_on::CallBackRef;
use crate::store::writer::{Commit, Write};
use rvp::Alias;

/// What is left to do about an account that was removed.
#[must_use = "whoever was signed on, or watched, is to be told"]
#[derive(Debug)]
pub struct Removed {
    /// The sign-ons that ended, oldest first.
    pub sessions: Vec<CallBackRef>,
    /// Whom to tell that the user is offline.
    pub events: Vec<Event>,
    /// The rows that end.
    pub commit: Commit,
}

impl Nodes {
    /// Forgets an account with all that hangs on it; `None`: there is none.
    pub fn remove_account(&self, alias: &Alias) -> Option<Removed> {
        let mut principal = self.take_out(alias)?;
        let (sessions, mut writes) = end_all(&mut principal);
        self.count(sessions.len(), &principal);
        let events = self.refresh_state(&mut principal).into_iter().collect();
        self.forget();
        for mut shard in self.shards() {
            for other in shard.values_mut() {
                other.watches.retain(|watch| {
                    let theirs = watch.subscriber.is(alias);
                    if theirs {
                        writes.push(Write::EndSubscription(watch.id.get()));
                    }
                    !theirs
                });
            }
        }
        // Whatever was handed over before and is still to be written ends with these.
        let commit = self.writer.note_in_order(writes);
        self.changed();
        Some(Removed {
            sessions,
            events,
            commit,
        })
    }
}

/// Ends all that a principal has but its watchers, who are still to be told; says which rows end.
fn end_all(principal: &mut Principal) -> (Vec<CallBackRef>, Vec<Write>) {
    let alias = principal.alias.clone();
    let logins = principal.logins.drain(..);
    let sessions: Vec<_> = logins.map(|it| CallBackRef::of(&alias, &it)).collect();
    let subscriptions = sessions.iter().map(|session| session.login);
    let subscriptions = subscriptions.chain(principal.watches.iter().map(|watch| watch.id));
    let mut writes: Vec<_> = subscriptions
        .map(|id| Write::EndSubscription(id.get()))
        .collect();
    let views = principal.views.drain(..);
    writes.extend(views.map(|view| Write::EndView(view.id.get())));
    let properties = principal.properties.drain();
    writes.extend(properties.map(|(name, _)| {
        let key = (
            alias.to_string(),
            name.namespace.to_string(),
            name.local.to_string(),
        );
        Write::EndProperty(Box::new(key))
    }));
    (sessions, writes)
}
