//! Rebuilding the node database from what was saved, before the listeners open.

use super::Who;
use super::nodes::Nodes;
use super::principal::{Account, Block, PropertyValue};
use super::room::Direct;
use super::subscription::{Login, Watch};
use super::view::View;
use crate::auth::Scheme;
use crate::clock::UnixMs;
use crate::groups::GroupsNow;
use crate::store::writer::Write;
use crate::store::{
    PropertyRow, SavedPresence, SubscriptionKind, SubscriptionRow, UserRow, ViewRow,
};
use rvp::{Alias, LogicalUrl, PropertyName, State, SubscriptionId, ViewId};

impl Nodes {
    /// Takes in accounts, groups and presence as they were saved. What ended while the server was down
    /// is taken in, too: the expiry ends it at once, in the usual way.
    ///
    /// A lease that ends later than any could be granted now was granted by a clock that was wrong:
    /// it is cut to what can be granted.
    pub fn restore(
        &self,
        users: Vec<UserRow>,
        groups: &GroupsNow,
        mut saved: SavedPresence,
        now: UnixMs,
    ) {
        let latest = now + i64::from(self.limits.ceiling) * 1000;
        let leases = saved.subscriptions.iter_mut().map(|it| &mut it.expires_ms);
        let leases = leases.chain(saved.views.iter_mut().map(|it| &mut it.expires_ms));
        let properties = saved.properties.iter_mut();
        for end in leases.chain(properties.filter_map(|it| it.expires_ms.as_mut())) {
            *end = (*end).min(latest);
        }
        for user in users {
            if self.restore_user(&user).is_none() {
                tracing::error!(
                    alias = user.alias,
                    "an account was passed over: its alias cannot be read"
                );
            }
        }
        self.show_groups(groups);
        let mut orphans = Vec::new();
        for row in saved.subscriptions {
            let kept_out =
                row.kind == SubscriptionKind::Login.code() && self.is_kept_out(&row.target, now);
            if !self.has_node(&row.target) || !self.may_ask(&row.subscriber) || kept_out {
                orphans.push(Write::EndSubscription(row.id));
            } else if self.restore_subscription(&row).is_none() {
                tracing::warn!(
                    id = row.id,
                    "a saved subscription was passed over: it cannot be read"
                );
            }
        }
        for row in saved.views {
            // Presence needs a sign-on.
            if !self.has_sign_on(&row) {
                orphans.push(Write::EndView(row.id));
            } else if self.restore_view(&row).is_none() {
                tracing::warn!(
                    id = row.id,
                    "a saved view was passed over: it cannot be read"
                );
            }
        }
        for row in saved.properties {
            let key = (row.alias.clone(), row.namespace.clone(), row.name.clone());
            if self.restore_property(row).is_none() {
                orphans.push(Write::EndProperty(Box::new(key)));
            }
        }
        // Of accounts that are no more: it must not fall to a later one of the same alias.
        drop(self.writer.note(orphans));
        for mut shard in self.shards() {
            for principal in shard.values_mut() {
                principal.shown = principal.merged_state().shown();
                self.count(0, principal);
                self.watch_deadline(principal);
            }
        }
        self.changed();
    }

    fn has_node(&self, name: &str) -> bool {
        Alias::new(name).is_ok_and(|alias| self.shard(&alias).contains_key(&alias))
    }

    /// Whether a user may not be signed on: whoever was is signed off.
    fn is_kept_out(&self, name: &str, now: UnixMs) -> bool {
        let account = Alias::new(name).ok().and_then(|it| self.account(&it));
        account.is_some_and(|it| !it.enabled || Self::live_block(&it, now).is_some())
    }

    fn has_sign_on(&self, row: &ViewRow) -> bool {
        let login = SubscriptionId::new(row.login);
        let alias = Alias::new(&row.alias).ok();
        alias
            .zip(login)
            .is_some_and(|(alias, login)| self.has_login(&alias, login))
    }

    /// Whether this is somebody elsewhere, or a user who has an account.
    fn may_ask(&self, subscriber: &str) -> bool {
        match Who::read(subscriber) {
            Some(Who::Here(alias)) => self.account(&alias).is_some(),
            Some(Who::Elsewhere(_)) | None => true,
        }
    }

    fn restore_user(&self, user: &UserRow) -> Option<()> {
        let alias = Alias::new(&user.alias).ok()?;
        self.put_account(&alias, account(user));
        if let Some(bytes) = &user.acl {
            match rvp::read_acl(bytes) {
                Ok(acl) => self
                    .restore_acl(&alias, self.names.kept_before(&acl))
                    .ok()?,
                Err(error) => {
                    tracing::error!(%alias, %error, "the ACL cannot be read: the default one holds");
                }
            }
        }
        Some(())
    }

    fn restore_subscription(&self, row: &SubscriptionRow) -> Option<()> {
        let id = SubscriptionId::new(row.id)?;
        let node = Alias::new(&row.target).ok()?;
        let subscriber = Who::read(&row.subscriber)?;
        let url = LogicalUrl::parse(&row.href).ok()?;
        let client = self.intern(&row.client);
        let authority = self.intern(url.authority());
        let mut shard = self.shard(&node);
        let principal = shard.get_mut(&node)?;
        if row.kind == SubscriptionKind::Login.code() {
            principal.logins.push(Login {
                id,
                call_back: row.call_back.parse().ok()?,
                peer: row.peer.parse().ok()?,
                client,
                scheme: Scheme::from_name(&row.scheme),
                since: row.since_ms,
                expires: row.expires_ms,
                unreachable: None,
                url,
            });
        } else {
            let spelled = if url.spelled_alias() == node.as_str() {
                principal.alias.shared()
            } else {
                self.intern(url.spelled_alias())
            };
            // Those that were granted stay, even if fewer are allowed by now.
            let share = self.quotas.take(&subscriber, u32::MAX)?;
            let direct = match row.call_back.parse() {
                Ok(address) => Some(Box::new(Direct {
                    address,
                    share: self.address_quotas.take(&subscriber, u32::MAX)?,
                })),
                Err(_) => None,
            };
            principal.watches.push(Watch {
                id,
                expires: row.expires_ms,
                subscriber,
                authority,
                spelled,
                sink: row.kind == SubscriptionKind::Sink.code(),
                direct,
                share,
                told: 0,
            });
        }
        Some(())
    }

    fn restore_view(&self, row: &ViewRow) -> Option<()> {
        let id = ViewId::new(row.id)?;
        let login = SubscriptionId::new(row.login)?;
        let alias = Alias::new(&row.alias).ok()?;
        let order = self.next_sequence();
        let mut shard = self.shard(&alias);
        let principal = shard.get_mut(&alias)?;
        principal.views.push(View {
            id,
            login,
            value: State::from_name(&row.value),
            default: State::from_name(&row.default_value),
            set: row.set_ms,
            order,
            expires: row.expires_ms,
        });
        Some(())
    }

    fn restore_property(&self, row: PropertyRow) -> Option<()> {
        let alias = Alias::new(&row.alias).ok()?;
        let mut shard = self.shard(&alias);
        let properties = &mut shard.get_mut(&alias)?.properties;
        let value = PropertyValue {
            is_xml: row.is_xml,
            value: row.value.into(),
            default: row.default_value.into(),
            expires: row.expires_ms,
        };
        properties.insert(PropertyName::new(&row.namespace, &row.name), value);
        Some(())
    }
}

/// The live side of an account.
#[must_use]
pub(super) fn account(user: &UserRow) -> Account {
    let block = user.blocked_until_ms.map(|until| Block {
        until,
        reason: user.blocked_reason.as_deref().unwrap_or_default().into(),
    });
    Account {
        spelled: user.spelled.as_str().into(),
        display_name: user.display_name.as_str().into(),
        email: user.email.as_str().into(),
        enabled: user.enabled,
        verifiers: user.verifiers.as_slice().into(),
        created: user.created_ms,
        last_sign_on: user.last_sign_on_ms,
        block,
        generation: user.generation,
    }
}
