//! Signing on and off, by the client's wish, an administrator's, or because the client is gone.

use super::event::Effects;
use super::nodes::Nodes;
use super::principal::Principal;
use super::subscription::{AuthScheme, Granted, Login, Unreachable};
use super::{Event, Refused};
use crate::clock::UnixMs;
use crate::store::writer::{Commit, Write};
use crate::store::{SubscriptionKind, SubscriptionRow};
use rvp::{Alias, LogicalUrl, SubscriptionId};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// A sign-on that is asked for.
#[derive(Clone, Debug)]
pub struct SignOn {
    /// Who; authenticated.
    pub alias: Alias,
    /// The user's URL as the client spells it.
    pub url: LogicalUrl,
    /// Where the client listens; checked.
    pub call_back: SocketAddr,
    /// Address that authenticated.
    pub peer: IpAddr,
    /// User-Agent, or empty.
    pub client: String,
    /// How it authenticated.
    pub scheme: AuthScheme,
    /// Seconds asked for.
    pub lifetime: Option<u32>,
}

/// Where one live sign-on of a user is told things.
#[derive(Clone, Debug)]
pub struct CallBackRef {
    /// The sign-on.
    pub login: SubscriptionId,
    /// Whose.
    pub alias: Alias,
    /// The user's URL as this client spells it.
    pub url: LogicalUrl,
    /// Where it listens.
    pub address: SocketAddr,
}

impl CallBackRef {
    fn of(alias: &Alias, login: &Login) -> Self {
        Self {
            login: login.id,
            alias: alias.clone(),
            url: login.url.clone(),
            address: login.call_back,
        }
    }
}

impl Nodes {
    /// Signs a user on: makes the subscription that all presence of this client hangs on.
    pub fn sign_on(&self, wish: SignOn, now: UnixMs) -> Result<(Granted, Effects), Refused> {
        let lifetime = self.limits.grant(wish.lifetime);
        let client = self.intern(&wish.client);
        self.with(&wish.alias.clone(), |principal| {
            if !principal.account.enabled {
                return Err(Refused::Disabled);
            }
            if let Some(block) = Self::live_block(&principal.account, now) {
                let minutes = (block.until - now + 59_999) / 60_000;
                return Err(Refused::Blocked {
                    minutes,
                    reason: block.reason.to_string(),
                });
            }
            let before = principal.logins.len();
            let mut writes = Vec::new();
            let mut events = Vec::new();
            if before >= self.limits.sign_ons {
                let oldest = principal.logins[0].id;
                self.end_login(principal, oldest, &mut writes);
                events.extend(self.refresh_state(principal));
            }
            let id = self.subscription_id(&mut writes);
            let login = Login {
                id,
                url: wish.url,
                call_back: wish.call_back,
                peer: wish.peer,
                client,
                scheme: wish.scheme,
                since: now,
                expires: now + i64::from(lifetime) * 1000,
                unreachable: None,
            };
            writes.push(Write::PutSubscription(Box::new(row(
                &principal.alias,
                &login,
            ))));
            writes.push(Write::SignedOn(principal.alias.to_string(), now));
            principal.account.last_sign_on = Some(now);
            principal.logins.push(login);
            self.count(before, principal);
            self.watch_deadline(principal);
            let commit = self.writer.submit(writes);
            self.changed();
            Ok((Granted { id, lifetime }, Effects { commit, events }))
        })
    }

    /// Ends all sign-ons and views of a user at once, and keeps fresh ones out if `block` says
    /// so. Gives the call-backs that were live.
    pub fn end_sessions(&self, alias: &Alias) -> Result<(Vec<CallBackRef>, Effects), Refused> {
        self.with(alias, |principal| {
            let ended = principal
                .logins
                .iter()
                .map(|l| CallBackRef::of(alias, l))
                .collect();
            let ids: Vec<_> = principal.logins.iter().map(|l| l.id).collect();
            Ok((ended, self.end_logins(principal, &ids)))
        })
    }

    /// Ends one sign-on whose client is gone for good.
    pub fn end_session(&self, alias: &Alias, login: SubscriptionId) -> Effects {
        self.with(alias, |principal| Ok(self.end_logins(principal, &[login])))
            .unwrap_or_else(|_| nothing())
    }

    /// Visits the live call-backs of a user, newest first, each address once (clients leave
    /// sign-ons behind).
    pub fn each_call_back(&self, alias: &Alias, mut visit: impl FnMut(CallBackRef)) {
        let shard = self.shard(alias);
        let Some(principal) = shard.get(alias) else {
            return;
        };
        for (place, login) in principal.logins.iter().enumerate().rev() {
            if principal.logins[place + 1..]
                .iter()
                .all(|newer| newer.call_back != login.call_back)
            {
                visit(CallBackRef::of(&principal.alias, login));
            }
        }
    }

    /// The live call-backs of a user, as [`Nodes::each_call_back`] visits them.
    #[must_use]
    pub fn call_backs(&self, alias: &Alias) -> Vec<CallBackRef> {
        let mut call_backs = Vec::new();
        self.each_call_back(alias, |to| call_backs.push(to));
        call_backs
    }

    /// Whether a sign-on is live.
    #[must_use]
    pub fn has_login(&self, alias: &Alias, login: SubscriptionId) -> bool {
        self.shard(alias)
            .get(alias)
            .is_some_and(|p| p.logins.iter().any(|l| l.id == login))
    }

    /// Marks a sign-on whose call-back does not answer; its lease is cut to the grace time.
    /// Says whether it was not marked before.
    pub fn mark_unreachable(&self, alias: &Alias, login: SubscriptionId, now: UnixMs) -> bool {
        let grace = i64::from(self.limits.grace) * 1000;
        self.edit_login(alias, login, |l| {
            if l.unreachable.is_some() {
                return None;
            }
            l.unreachable = Some(Unreachable {
                since: now,
                uncut: l.expires,
            });
            Some(l.expires.min(now + grace))
        })
    }

    /// Takes the mark away: the client answered again. Its lease is as long as it was.
    pub fn mark_reachable(&self, alias: &Alias, login: SubscriptionId) -> bool {
        self.edit_login(alias, login, |l| {
            l.unreachable.take().map(|it| it.uncut.max(l.expires))
        })
    }

    /// Lets `edit` give a sign-on a new end; the row need not be waited for.
    fn edit_login(
        &self,
        alias: &Alias,
        login: SubscriptionId,
        edit: impl FnOnce(&mut Login) -> Option<UnixMs>,
    ) -> bool {
        self.with(alias, |principal| {
            let Some(login) = principal.logins.iter_mut().find(|l| l.id == login) else {
                return Ok(false);
            };
            let Some(expires) = edit(login) else {
                return Ok(false);
            };
            login.expires = expires;
            let writes = vec![Write::RenewSubscription(login.id.get(), expires)];
            drop(self.writer.submit(writes));
            self.watch_deadline(principal);
            self.changed();
            Ok(true)
        })
        .unwrap_or(false)
    }

    /// Ends these sign-ons with their views; says whom to tell.
    pub(super) fn end_logins(&self, principal: &mut Principal, ids: &[SubscriptionId]) -> Effects {
        let before = principal.logins.len();
        let mut writes = Vec::new();
        for id in ids {
            self.end_login(principal, *id, &mut writes);
        }
        self.count(before, principal);
        let events: Vec<Event> = self.refresh_state(principal).into_iter().collect();
        let commit = self.writer.submit(writes);
        self.changed();
        Effects { commit, events }
    }

    fn end_login(&self, principal: &mut Principal, id: SubscriptionId, writes: &mut Vec<Write>) {
        let Some(place) = principal.logins.iter().position(|l| l.id == id) else {
            return;
        };
        principal.logins.remove(place);
        writes.push(Write::EndSubscription(id.get()));
        let signed_off = principal.logins.is_empty();
        principal.views.retain(|view| {
            let ends = signed_off || view.login == id;
            if ends {
                writes.push(Write::EndView(view.id.get()));
            }
            !ends
        });
    }
}

/// Nothing changed.
pub(super) fn nothing() -> Effects {
    Effects {
        commit: Commit::nothing(),
        events: Vec::new(),
    }
}

pub(super) fn row(alias: &Alias, login: &Login) -> SubscriptionRow {
    SubscriptionRow {
        id: login.id.get(),
        kind: SubscriptionKind::Login.code(),
        target: alias.to_string(),
        subscriber: alias.to_string(),
        href: login.url.as_str().to_owned(),
        call_back: login.call_back.to_string(),
        peer: login.peer.to_string(),
        client: Arc::as_ref(&login.client).to_owned(),
        scheme: login.scheme.to_string(),
        since_ms: login.since,
        expires_ms: login.expires,
    }
}
