//! What a change caused: rows to wait for, and people to tell.

use super::Who;
use crate::store::writer::Commit;
use rvp::{Alias, PropertyOut, SubscriptionId};
use std::net::SocketAddr;
use std::sync::Arc;

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

/// What to do about a change once it is made: wait for the rows, then tell people.
#[must_use = "a change that is not committed must not be acknowledged"]
#[derive(Debug)]
pub struct Effects {
    /// The rows.
    pub commit: Commit,
    /// Whom to tell what.
    pub events: Vec<Event>,
}
