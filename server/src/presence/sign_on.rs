//! Signing on and off, by the client's wish, an administrator's, or because the client is gone.

use super::Refused;
use super::change::Change;
use super::event::{Effects, Event};
use super::nodes::Nodes;
use super::principal::Principal;
use super::subscription::{Granted, Login, Unreachable};
use super::undo::Before;
use crate::auth::Scheme;
use crate::clock::UnixMs;
use crate::store::writer::{Commit, Write};
use crate::store::{SubscriptionKind, SubscriptionRow};
use rvp::{Alias, LogicalUrl, SubscriptionId};
use std::mem;
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
    pub scheme: Scheme,
    /// Seconds asked for.
    pub lifetime: Option<u32>,
    /// The time of day, as people are told when it was.
    pub at: UnixMs,
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

/// What is left to do about sign-ons that an administrator ended.
#[must_use = "watchers are to be told"]
#[derive(Debug)]
pub struct Left {
    /// Those that were live.
    pub ended: Vec<CallBackRef>,
    /// Whom to tell.
    pub events: Vec<Event>,
    /// The rows that end.
    pub commit: Commit,
}

impl CallBackRef {
    pub(super) fn of(alias: &Alias, login: &Login) -> Self {
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
        self.change(&wish.alias.clone(), |principal, done| {
            if !principal.account.enabled {
                return Err(Refused::Disabled);
            }
            if let Some(block) = Self::live_block(&principal.account, now) {
                return Err(Refused::blocked(block, now));
            }
            let before = principal.logins.len();
            if before >= self.limits.sign_ons {
                let oldest = principal.logins[0].id;
                end_login(principal, oldest, done);
                done.events.extend(self.refresh_state(principal));
            }
            let id = self.subscription_id()?;
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
            let row = Box::new(row(&principal.alias, &login));
            done.step(Write::PutSubscription(row), Before::NoLogin(id));
            done.step(
                Write::SignedOn(principal.alias.to_string(), wish.at),
                Before::LastSignOn(principal.account.last_sign_on),
            );
            principal.account.last_sign_on = Some(wish.at);
            principal.logins.push(login);
            self.count(before, principal);
            Ok(Granted { id, lifetime })
        })
    }

    /// The live sign-ons of a user, oldest first.
    #[must_use]
    pub fn sessions(&self, alias: &Alias) -> Vec<CallBackRef> {
        let shard = self.shard(alias);
        let principal = shard.get(alias);
        let logins = principal.map_or(&[][..], |p| &p.logins);
        let of = |login| CallBackRef::of(alias, login);
        logins.iter().map(of).collect()
    }

    /// The live sign-ons of a user whom an administrator signs off, oldest first. None that was
    /// made before comes back, not even if its end by other ways cannot be saved.
    #[must_use]
    pub fn begin_to_leave(&self, alias: &Alias) -> Vec<CallBackRef> {
        self.with(alias, |principal| {
            principal.leaving_below = self.first_free_number();
            let logins = principal.logins.iter();
            Ok(logins.map(|it| CallBackRef::of(alias, it)).collect())
        })
        .unwrap_or_default()
    }

    /// Ends these sign-ons of a user with their views at once, as it stands on the disk already.
    /// What of them was still on its way there ends later if it cannot now.
    pub fn end_sessions(&self, alias: &Alias, sessions: &[CallBackRef]) -> Option<Left> {
        self.with(alias, |principal| {
            let live = |it: &&CallBackRef| principal.logins.iter().any(|l| l.id == it.login);
            let ended: Vec<_> = sessions.iter().filter(live).cloned().collect();
            let ids: Vec<_> = ended.iter().map(|it| it.login).collect();
            let mut done = Change::default();
            self.end_logins(principal, &ids, &mut done);
            self.watch_deadline(principal);
            Ok(Left {
                ended,
                events: done.events,
                commit: self.writer.note(done.writes),
            })
        })
        .inspect(|_| self.changed())
        .ok()
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

    /// Lets `edit` give a sign-on a new end, in memory alone: after a restart a client has its
    /// whole lease, and is looked after anew.
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
            self.watch_deadline(principal);
            self.changed();
            Ok(true)
        })
        .unwrap_or(false)
    }

    /// Ends these sign-ons with their views; notes whom to tell.
    pub(super) fn end_logins(
        &self,
        principal: &mut Principal,
        ids: &[SubscriptionId],
        done: &mut Change,
    ) {
        let before = principal.logins.len();
        for id in ids {
            end_login(principal, *id, done);
        }
        self.count(before, principal);
        done.events.extend(self.refresh_state(principal));
    }
}

fn end_login(principal: &mut Principal, id: SubscriptionId, done: &mut Change) {
    let Some(place) = principal.logins.iter().position(|l| l.id == id) else {
        return;
    };
    let login = principal.logins.remove(place);
    done.step(
        Write::EndSubscription(id.get()),
        Before::Login(Box::new(login)),
    );
    let signed_off = principal.logins.is_empty();
    let views = mem::take(&mut principal.views);
    for view in views {
        if signed_off || view.login == id {
            done.step(Write::EndView(view.id.get()), Before::View(Box::new(view)));
        } else {
            principal.views.push(view);
        }
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
