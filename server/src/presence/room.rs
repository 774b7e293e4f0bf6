//! Who finds room among the watchers of a node: nobody takes it all, and those whom its owner
//! knows are not kept out by strangers.

use super::change::Change;
use super::nodes::Nodes;
use super::principal::Principal;
use super::quota::Share;
use super::subscription::Watch;
use super::undo::Before;
use super::{Refused, Who};
use crate::store::writer::Write;
use rvp::{AcePrincipal, Acl, Alias, Credential, LogicalUrl, PrincipalRef, Rights};
use std::net::SocketAddr;

/// How many a subscriber may have.
const TOO_MANY: &str = "you have too many subscriptions already; end some, or ask your administrator to raise limits.subscriptions_per_user";
const TOO_MANY_ADDRESSES: &str = "you have too many subscriptions already that name an address as Call-Back; end some, or name your own URL instead";
const CROWDED: &str = "too many watch this user already; try again later";

/// A call-back that a watch named for itself.
#[derive(Clone, Debug)]
pub(super) struct Direct {
    pub(super) address: SocketAddr,
    /// What it counts for its subscriber.
    pub(super) share: Share,
}

/// A place among the watchers of a node.
pub(super) struct Room {
    pub(super) share: Share,
    pub(super) direct: Option<Box<Direct>>,
}

impl Nodes {
    /// Whether `subscriber` is somebody whom the user of `node` watches. Not asked while a node is
    /// locked, as the other may be kept beside it.
    pub(super) fn is_watched_by(&self, subscriber: &Who, node: &Alias) -> bool {
        let Who::Here(alias) = subscriber else {
            // Watches of somebody elsewhere are kept there.
            return false;
        };
        self.shard(alias)
            .get(alias)
            .is_some_and(|p| p.watches.iter().any(|w| w.subscriber.is(node)))
    }

    /// Whether there are so many watchers that strangers find no room.
    pub(super) fn is_crowded(&self, principal: &Principal) -> bool {
        principal.watches.len() >= strangers(self.limits.watchers)
    }

    /// Makes room for one more watch of a node, or says why there is none. Clients leave watches
    /// behind whenever they sign off, so the subscriber's own oldest goes first.
    pub(super) fn room(
        &self,
        principal: &mut Principal,
        subscriber: &Who,
        direct: Option<SocketAddr>,
        is_mutual: bool,
        done: &mut Change,
    ) -> Result<Room, Refused> {
        let limits = &self.limits;
        let mut freed = Freed::default();
        if direct.is_some() {
            let most = limits.address_watches_per_node;
            freed.down_to(most, principal, subscriber, done, |w| w.direct.is_some());
        }
        freed.down_to(limits.watches_per_node, principal, subscriber, done, |_| {
            true
        });
        let is_known = is_mutual || self.is_contact(principal, subscriber);
        let most = if subscriber.is(&principal.alias) {
            // Everybody watches themselves.
            usize::MAX
        } else if is_known {
            limits.watchers
        } else {
            strangers(limits.watchers)
        };
        let elsewhere = |w: &&Watch| matches!(w.subscriber, Who::Elsewhere(_));
        // Another domain makes up users as it likes.
        let from_elsewhere = !is_known
            && matches!(subscriber, Who::Elsewhere(_))
            && principal.watches.iter().filter(elsewhere).count() >= limits.watchers.div_ceil(2);
        if principal.watches.len() >= most || from_elsewhere {
            freed.one(principal, subscriber, done, |_| true);
            if freed.share.is_none() {
                return Err(Refused::TooMany(CROWDED));
            }
        }
        let direct = match direct {
            None => None,
            Some(address) => {
                let taken = self.address_quotas.take(subscriber, limits.address_watches);
                if taken.is_none() && freed.address.is_none() {
                    freed.one(principal, subscriber, done, |w| w.direct.is_some());
                }
                let share = taken
                    .or(freed.address.take())
                    .ok_or(Refused::TooMany(TOO_MANY_ADDRESSES))?;
                Some(Box::new(Direct { address, share }))
            }
        };
        let taken = self.quotas.take(subscriber, limits.subscriptions);
        if taken.is_none() && freed.share.is_none() {
            freed.one(principal, subscriber, done, |_| true);
        }
        let share = taken
            .or(freed.share.take())
            .ok_or(Refused::TooMany(TOO_MANY))?;
        Ok(Room { share, direct })
    }

    /// Whether the node's own ACL names somebody, and lets them see its presence.
    fn is_contact(&self, principal: &Principal, who: &Who) -> bool {
        let Some(acl) = &principal.acl else {
            return false;
        };
        let names = |url: &LogicalUrl, with| names(acl, url, with);
        match who {
            Who::Here(alias) => {
                let url = LogicalUrl::compose(self.names.domain(), alias.as_str());
                names(&url, Credential::Digest) || names(&url, Credential::Ntlm)
            }
            Who::Elsewhere(url) => names(&self.names.listed(url), Credential::Assertion),
        }
    }
}

fn names(acl: &Acl, url: &LogicalUrl, with: Credential) -> bool {
    let decision = acl.decide(&PrincipalRef::User(url), with, Rights::PRESENCE);
    let entry = decision.entry.and_then(|place| acl.entries.get(place));
    decision.allowed && entry.is_some_and(|it| matches!(it.who, AcePrincipal::Principal(_)))
}

/// Of so many watchers, how many may be strangers. A quarter is kept for those whom the user
/// knows.
fn strangers(watchers: usize) -> usize {
    watchers - watchers / 4
}

/// What ended to make room.
#[derive(Default)]
struct Freed {
    share: Option<Share>,
    address: Option<Share>,
}

impl Freed {
    /// Ends the subscriber's oldest of such watches until there is room for one more.
    fn down_to(
        &mut self,
        most: usize,
        principal: &mut Principal,
        subscriber: &Who,
        done: &mut Change,
        such: impl Fn(&Watch) -> bool + Copy,
    ) {
        let own = |w: &&Watch| w.subscriber == *subscriber && such(w);
        let count = principal.watches.iter().filter(own).count();
        for _ in most..=count {
            self.one(principal, subscriber, done, such);
        }
    }

    /// Ends the subscriber's oldest of such watches, which is the one that would end first.
    fn one(
        &mut self,
        principal: &mut Principal,
        subscriber: &Who,
        done: &mut Change,
        such: impl Fn(&Watch) -> bool,
    ) {
        let watches = principal.watches.iter().enumerate();
        let own = watches.filter(|(_, w)| w.subscriber == *subscriber && such(w));
        let Some((place, _)) = own.min_by_key(|(_, w)| (w.expires, w.id)) else {
            return;
        };
        let mut oldest = principal.watches.swap_remove(place);
        // It does not count any more, although it is kept until the change is saved.
        self.share = Some(oldest.share.take());
        if let Some(direct) = &mut oldest.direct {
            self.address = Some(direct.share.take());
        }
        done.step(
            Write::EndSubscription(oldest.id.get()),
            Before::Watch(Box::new(oldest)),
        );
    }
}
