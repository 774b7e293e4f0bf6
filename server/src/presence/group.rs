//! Groups as nodes: a place that messages go to, which passes them on to its members (RVP
//! document 5.1.3). Who is in a group is the administrator's; what a member may add is a
//! subscription with a call-back of its own.

use super::Who;
use super::nodes::Nodes;
use super::principal::{Account, Principal};
use super::sign_on::CallBackRef;
use crate::groups::{Group, GroupsNow};
use crate::store::writer::Write;
use rvp::{Alias, LogicalUrl, Rights, State};
use std::sync::Arc;

/// What members may do with their group. Nobody else may do anything.
pub(super) const MEMBERS: [Rights; 5] = [
    Rights::LIST,
    Rights::READ,
    Rights::SEND_TO,
    Rights::PRESENCE,
    Rights::SUBSCRIPTIONS,
];

impl Nodes {
    /// Makes the nodes of groups what this picture shows. Subscriptions of who is no member any
    /// more end.
    pub fn show_groups(&self, groups: &GroupsNow) {
        let mut writes = Vec::new();
        for mut shard in self.shards() {
            shard.retain(|name, principal| {
                let Some(members) = &mut principal.members else {
                    return true;
                };
                let now = groups.get(name).map(|group| group.members.clone());
                let stays = now.is_some();
                *members = now.unwrap_or_default();
                principal.watches.retain(|watch| {
                    let is_member = matches!(&watch.subscriber, Who::Here(who) if members.binary_search(who).is_ok());
                    if !is_member {
                        writes.push(Write::EndSubscription(watch.id.get()));
                    }
                    is_member
                });
                stays
            });
        }
        for (name, group) in groups.iter() {
            let mut shard = self.shard(name);
            let principal = shard
                .entry(name.clone())
                .or_insert_with(|| node(name, group));
            if principal.members.is_some() {
                principal.account.display_name = display_name(group);
            }
        }
        // Nobody waits for these rows: what they end is ended by the picture at the next start.
        drop(self.writer.note(writes));
    }

    /// The members of a group; `None`: this is no group.
    #[must_use]
    pub fn members(&self, node: &Alias) -> Option<Arc<[Alias]>> {
        self.shard(node).get(node)?.members.clone()
    }

    /// Where members of a group are told besides where they are signed on.
    #[must_use]
    pub fn sinks(&self, group: &Alias) -> Vec<CallBackRef> {
        let shard = self.shard(group);
        let watches = shard.get(group).map_or(&[][..], |p| &p.watches);
        let sinks = watches.iter().filter(|watch| watch.sink);
        sinks
            .filter_map(|watch| {
                let Who::Here(member) = &watch.subscriber else {
                    return None;
                };
                Some(CallBackRef {
                    login: watch.id,
                    alias: member.clone(),
                    url: LogicalUrl::compose(&watch.authority, &member.encoded()),
                    address: watch.told_at()?,
                })
            })
            .collect()
    }
}

/// A group is always there to be written to; that is all it says of its state.
fn node(name: &Alias, group: &Group) -> Principal {
    let account = Account {
        spelled: group.spelled.clone(),
        display_name: display_name(group),
        email: Arc::default(),
        enabled: false,
        verifiers: Arc::default(),
        created: 0,
        last_sign_on: None,
        block: None,
        generation: 0,
    };
    Principal {
        members: Some(group.members.clone()),
        shown: State::Online,
        ..Principal::new(name.clone(), account)
    }
}

fn display_name(group: &Group) -> Arc<str> {
    if group.description.is_empty() {
        group.spelled.clone()
    } else {
        group.description.clone()
    }
}
