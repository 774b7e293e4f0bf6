//! Watching others, renewing and ending subscriptions of both kinds, listing them.

use super::event::Effects;
use super::nodes::Nodes;
use super::principal::NodeProperties;
use super::room::Room;
use super::subscription::{Granted, ListedSubscription, Watch, seconds_left};
use super::told::Answered;
use super::undo::Before;
use super::{Refused, Who};
use crate::clock::UnixMs;
use crate::store::writer::Write;
use crate::store::{SubscriptionKind, SubscriptionRow};
use rvp::{Alias, LogicalUrl, Rights, SubscriptionId};
use std::mem;
use std::net::SocketAddr;

/// A watch that is asked for.
#[derive(Clone, Debug)]
pub struct Watching {
    /// Who wants to be told; authenticated, or vouched for.
    pub subscriber: Who,
    /// The node's URL as the subscriber spells it.
    pub href: LogicalUrl,
    /// A call-back of its own, checked; `None`: wherever the subscriber is signed on, or through
    /// their own server.
    pub direct: Option<SocketAddr>,
    /// A `pragma/notify` subscription to a group.
    pub sink: bool,
    /// Seconds asked for.
    pub lifetime: Option<u32>,
}

impl Nodes {
    /// Subscribes to a node's changes, and gives its properties as they are.
    pub fn watch(
        &self,
        wish: Watching,
        now: UnixMs,
    ) -> Result<(Granted, NodeProperties, Answered, Effects), Refused> {
        let lifetime = self.limits.grant(wish.lifetime);
        let authority = self.intern(wish.href.authority());
        let node = wish.href.alias();
        let crowded = self.with(&node, |principal| Ok(self.is_crowded(principal)))?;
        let is_mutual = crowded && self.is_watched_by(&wish.subscriber, &node);
        let ((granted, readable, answered), effects) = self.change(&node, |principal, done| {
            if !self.may(principal, &wish.subscriber, Rights::PRESENCE) {
                return Err(Refused::Denied);
            }
            let spelled = wish.href.spelled_alias();
            let spelled = if spelled == node.as_str() {
                // The usual case shares the account's own text.
                principal.alias.shared()
            } else {
                self.intern(spelled)
            };
            let Room { share, direct } =
                self.room(principal, &wish.subscriber, wish.direct, is_mutual, done)?;
            let id = self.subscription_id()?;
            let watch = Watch {
                id,
                expires: now + i64::from(lifetime) * 1000,
                subscriber: wish.subscriber,
                authority,
                spelled,
                sink: wish.sink,
                direct,
                share,
                told: self.next_sequence(),
            };
            let row = Write::PutSubscription(Box::new(SubscriptionRow {
                id: id.get(),
                kind: kind(watch.sink).code(),
                target: node.to_string(),
                subscriber: watch.subscriber.to_string(),
                href: wish.href.as_str().to_owned(),
                call_back: watch
                    .told_at()
                    .map(|address| address.to_string())
                    .unwrap_or_default(),
                peer: String::new(),
                client: String::new(),
                scheme: String::new(),
                since_ms: now,
                expires_ms: watch.expires,
            }));
            let answered = Answered {
                node: node.clone(),
                watch: id,
                sequence: watch.told,
            };
            done.step(row, Before::NoWatch(id));
            principal.watches.push(watch);
            Ok::<_, Refused>((Granted { id, lifetime }, principal.readable(), answered))
        })?;
        Ok((granted, readable, answered, effects))
    }

    /// Renews a subscription of either kind to `node`.
    pub fn renew(
        &self,
        node: &Alias,
        requester: &Who,
        id: SubscriptionId,
        lifetime: Option<u32>,
        now: UnixMs,
    ) -> Result<(Granted, Effects), Refused> {
        let lifetime = self.limits.grant(lifetime);
        let expires = now + i64::from(lifetime) * 1000;
        self.change(node, |principal, done| {
            let before = if let Some(login) = principal.logins.iter_mut().find(|l| l.id == id) {
                if !requester.is(node) {
                    return Err(Refused::NotYours(id));
                }
                // A client that renews is there: the cut is off until it fails again.
                let uncut = login.unreachable.as_mut().map(|it| &mut it.uncut);
                let before = uncut.map_or(login.expires, |uncut| mem::replace(uncut, expires));
                login.expires = expires;
                before
            } else if let Some(watch) = principal.watches.iter_mut().find(|w| w.id == id) {
                if watch.subscriber != *requester {
                    return Err(Refused::NotYours(id));
                }
                mem::replace(&mut watch.expires, expires)
            } else {
                return Err(Refused::NoSuchSubscription(id));
            };
            done.step(
                Write::RenewSubscription(id.get(), expires),
                Before::Lease(id, before),
            );
            Ok(Granted { id, lifetime })
        })
    }

    /// URL of `node` as somebody who watches it spells it, in the newest of their watches.
    #[must_use]
    pub fn watched_as(&self, node: &Alias, by: &Alias) -> Option<LogicalUrl> {
        let shard = self.shard(node);
        let watches = shard.get(node)?.watches.iter();
        let newest = watches
            .filter(|watch| watch.subscriber.is(by))
            .max_by_key(|watch| watch.id)?;
        Some(LogicalUrl::compose(&newest.authority, &newest.spelled))
    }

    /// Whether a watch of `node` is live.
    #[must_use]
    pub fn has_watch(&self, node: &Alias, id: SubscriptionId) -> bool {
        self.shard(node)
            .get(node)
            .is_some_and(|p| p.watches.iter().any(|w| w.id == id))
    }

    /// Ends a subscription to `node`: one's own, or anybody's to one's own node.
    pub fn unsubscribe(
        &self,
        node: &Alias,
        requester: &Who,
        id: SubscriptionId,
    ) -> Result<Effects, Refused> {
        let ((), effects) = self.change(node, |principal, done| {
            if principal.logins.iter().any(|l| l.id == id) {
                if !requester.is(node) {
                    return Err(Refused::NotYours(id));
                }
                self.end_logins(principal, &[id], done);
                return Ok(());
            }
            let Some(place) = principal.watches.iter().position(|w| w.id == id) else {
                return Err(Refused::NoSuchSubscription(id));
            };
            if principal.watches[place].subscriber != *requester && !requester.is(node) {
                return Err(Refused::NotYours(id));
            }
            let watch = principal.watches.swap_remove(place);
            done.step(
                Write::EndSubscription(id.get()),
                Before::Watch(Box::new(watch)),
            );
            Ok(())
        })?;
        Ok(effects)
    }

    /// The subscriptions of one kind to a node.
    pub fn subscriptions(
        &self,
        node: &Alias,
        kind: SubscriptionKind,
        now: UnixMs,
    ) -> Result<Vec<ListedSubscription>, Refused> {
        self.with(node, |principal| {
            let told_of = |sink: bool| principal.watches.iter().filter(move |w| w.sink == sink);
            Ok(match kind {
                SubscriptionKind::Watch => told_of(false).map(|w| listed(w, now)).collect(),
                SubscriptionKind::Login | SubscriptionKind::Sink => {
                    let logins = principal.logins.iter().map(|l| ListedSubscription {
                        id: l.id,
                        call_back: format!("http://{}", l.call_back),
                        principal: l.url.as_str().to_owned(),
                        timeout: seconds_left(now, l.expires),
                    });
                    logins
                        .chain(told_of(true).map(|w| listed(w, now)))
                        .collect()
                }
            })
        })
    }
}

fn kind(sink: bool) -> SubscriptionKind {
    if sink {
        SubscriptionKind::Sink
    } else {
        SubscriptionKind::Watch
    }
}

fn listed(watch: &Watch, now: UnixMs) -> ListedSubscription {
    let principal = match &watch.subscriber {
        Who::Here(alias) => LogicalUrl::compose(&watch.authority, alias.as_str()),
        Who::Elsewhere(url) => LogicalUrl::clone(url),
    };
    ListedSubscription {
        id: watch.id,
        call_back: watch.told_at().map_or_else(
            || principal.as_str().to_owned(),
            |address| format!("http://{address}"),
        ),
        principal: principal.as_str().to_owned(),
        timeout: seconds_left(now, watch.expires),
    }
}
