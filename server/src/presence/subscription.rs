//! Subscriptions: sign-ons and watches.

use super::Who;
use super::quota::Share;
use super::room::Direct;
use crate::auth::Scheme;
use crate::clock::UnixMs;
use rvp::{LogicalUrl, SubscriptionId};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// A sign-on: a `pragma/notify` subscription to one's own node.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) id: SubscriptionId,
    /// The user's URL as this client spells it.
    pub(super) url: LogicalUrl,
    pub(super) call_back: SocketAddr,
    pub(super) peer: IpAddr,
    pub(super) client: Arc<str>,
    pub(super) scheme: Scheme,
    pub(super) since: UnixMs,
    pub(super) expires: UnixMs,
    /// Set while the call-back does not answer.
    pub(super) unreachable: Option<Unreachable>,
}

/// A sign-on whose call-back does not answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unreachable {
    pub(super) since: UnixMs,
    /// The end that the lease had before it was cut.
    pub(super) uncut: UnixMs,
}

/// A watch: somebody's `update/propchange` subscription to this node.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    pub(super) id: SubscriptionId,
    pub(super) expires: UnixMs,
    pub(super) subscriber: Who,
    /// A `pragma/notify` subscription to a group: told what is sent there, not what changes.
    pub(super) sink: bool,
    pub(super) authority: Arc<str>,
    pub(super) spelled: Arc<str>,
    /// A call-back of its own; `None`: wherever the subscriber is signed on, or through their own
    /// server.
    pub(super) direct: Option<Box<Direct>>,
    /// What it counts for its subscriber.
    pub(super) share: Share,
    /// The sequence of the newest state that its subscriber was told, or answered.
    pub(super) told: u64,
}

impl Watch {
    /// The address of its own at which its subscriber is told.
    pub(super) fn told_at(&self) -> Option<SocketAddr> {
        self.direct.as_deref().map(|direct| direct.address)
    }
}

/// What a subscriber got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The subscription's number.
    pub id: SubscriptionId,
    /// Seconds it lives.
    pub lifetime: u32,
}

/// One subscription in the answer to SUBSCRIPTIONS.
#[derive(Clone, Debug)]
pub struct ListedSubscription {
    /// Its number.
    pub id: SubscriptionId,
    /// Where it is told.
    pub call_back: String,
    /// URL of who asked.
    pub principal: String,
    /// Seconds left.
    pub timeout: u32,
}

/// Whole seconds from `now` to `end`, rounded up, never negative.
pub(super) fn seconds_left(now: UnixMs, end: UnixMs) -> u32 {
    u32::try_from((end - now).max(0).saturating_add(999) / 1000).unwrap_or(u32::MAX)
}
