//! What a change caused: rows to wait for, and people to tell.

use super::Who;
use crate::store::StoreError;
use crate::store::writer::Commit;
use rvp::{Alias, PropertyOut, SubscriptionId};
use std::mem;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Somebody to be told of a change.
#[derive(Clone, Debug)]
pub struct Watcher {
    /// The watch.
    pub id: SubscriptionId,
    /// Who: told at each of their live sign-ons, or through their own server.
    pub subscriber: Who,
    /// `host[:port]` in the node's URL as this watcher spells it.
    pub authority: Arc<str>,
    /// The alias in the node's URL as this watcher spells it.
    pub spelled: Arc<str>,
    /// Told at this address instead.
    pub direct: Option<SocketAddr>,
}

/// A node's property has a new value that others may see.
#[derive(Clone, Debug)]
pub struct Event {
    /// The node.
    pub node: Alias,
    /// Grows with every event of the server: of two for the same node, the larger is newer.
    pub sequence: u64,
    /// The new value.
    pub change: PropertyOut,
    /// Whom to tell.
    pub watchers: Vec<Watcher>,
}

/// Changes that nobody waits for any more, and whom to tell of them.
pub(super) type Untold = mpsc::UnboundedSender<(Commit, Vec<Event>)>;

/// What to do about a change once it is made: wait for the rows, then tell people. Who gives up
/// waiting leaves that to the server: watchers hear of what is saved, whether or not the client
/// that caused it is still there.
#[must_use = "a change that is not committed must not be acknowledged"]
#[derive(Debug)]
pub struct Effects {
    commit: Commit,
    events: Vec<Event>,
    untold: Untold,
}

impl Effects {
    pub(super) fn new(commit: Commit, events: Vec<Event>, untold: Untold) -> Self {
        Self {
            commit,
            events,
            untold,
        }
    }

    /// Waits until the change is saved, and says whom to tell. If it is not saved it is taken back,
    /// and nobody is told.
    pub async fn saved(mut self) -> Result<Vec<Event>, StoreError> {
        let result = self.commit.done().await;
        let events = mem::take(&mut self.events);
        result.map(|()| events)
    }
}

impl Drop for Effects {
    fn drop(&mut self) {
        if !self.events.is_empty() {
            let commit = mem::replace(&mut self.commit, Commit::nothing());
            // Nobody listens only when the server has ended.
            let _ = self.untold.send((commit, mem::take(&mut self.events)));
        }
    }
}

/// Tells of changes that nobody waits for, once they are saved.
#[derive(Debug)]
pub struct Forgotten(pub(super) mpsc::UnboundedReceiver<(Commit, Vec<Event>)>);

impl Forgotten {
    /// Hands them to `tell`, for ever.
    pub async fn tell(mut self, tell: impl Fn(Vec<Event>)) {
        while let Some((commit, events)) = self.0.recv().await {
            if commit.wait().await.is_ok() {
                tell(events);
            }
        }
    }
}
