//! What the console and the command line see of live presence.

use super::nodes::Nodes;
use crate::auth::Scheme;
use crate::clock::UnixMs;
use rvp::{Alias, State};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// One live sign-on.
#[derive(Clone, Debug)]
pub struct OnlineSession {
    /// Where the client listens.
    pub call_back: SocketAddr,
    /// What it calls itself; may be empty.
    pub client: Arc<str>,
    /// How it authenticated.
    pub scheme: Scheme,
    /// When it signed on.
    pub since: UnixMs,
    /// When its sign-on ends if nobody renews it.
    pub expires: UnixMs,
    /// When its call-back stopped answering.
    pub unreachable: Option<UnixMs>,
}

/// One user with a live sign-on.
#[derive(Clone, Debug)]
pub struct OnlineUser {
    /// Alias.
    pub alias: Alias,
    /// Name to show; may be empty.
    pub display_name: Arc<str>,
    /// State as it was set.
    pub state: State,
    /// When the state's lease runs out; the sign-on's, if no state is set.
    pub lease_ends: UnixMs,
    /// Sign-ons, oldest first; never empty.
    pub sessions: Vec<OnlineSession>,
}

/// Figures of all sign-ons.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Live sign-ons.
    pub sessions: u32,
    /// Those whose call-back stopped answering.
    pub unreachable: u32,
    /// Since when the first of these does not answer.
    pub unreachable_since: Option<UnixMs>,
    /// When the next of these ends.
    pub unreachable_ends: Option<UnixMs>,
    /// Users who signed on since the moment asked for.
    pub signed_on: u32,
}

impl Nodes {
    /// Everybody who is signed on and passes `wanted`, in no order.
    #[must_use]
    pub fn online(&self, wanted: impl Fn(&OnlineUser) -> bool) -> Vec<OnlineUser> {
        let mut online = Vec::with_capacity(self.signed_on() as usize);
        for shard in self.shards() {
            for principal in shard.values().filter(|p| !p.logins.is_empty()) {
                let sessions: Vec<_> = principal
                    .logins
                    .iter()
                    .map(|l| OnlineSession {
                        call_back: l.call_back,
                        client: l.client.clone(),
                        scheme: l.scheme,
                        since: l.since,
                        expires: l.expires,
                        unreachable: l.unreachable.map(|it| it.since),
                    })
                    .collect();
                let lease_ends = principal
                    .views
                    .iter()
                    .map(|v| v.expires)
                    .max()
                    .or_else(|| sessions.iter().map(|s| s.expires).max())
                    .unwrap_or(0);
                let user = OnlineUser {
                    alias: principal.alias.clone(),
                    display_name: principal.account.display_name.clone(),
                    state: principal.merged_state(),
                    lease_ends,
                    sessions,
                };
                if wanted(&user) {
                    online.push(user);
                }
            }
        }
        online
    }

    /// Whether one of a user's clients has said how they are.
    #[must_use]
    pub fn has_state(&self, alias: &Alias) -> bool {
        self.shard(alias)
            .get(alias)
            .is_some_and(|p| !p.views.is_empty())
    }

    /// How many others watch a user.
    #[must_use]
    pub fn watchers(&self, alias: &Alias) -> u32 {
        let shard = self.shard(alias);
        let watches = shard.get(alias).map_or(&[][..], |p| &p.watches);
        let others: HashSet<_> = watches
            .iter()
            .map(|w| &w.subscriber)
            .filter(|s| !s.is(alias))
            .collect();
        u32::try_from(others.len()).unwrap_or(u32::MAX)
    }

    /// Aliases of everybody who is signed on.
    #[must_use]
    pub fn signed_on_aliases(&self) -> Vec<Alias> {
        self.shards()
            .flat_map(|shard| {
                shard
                    .values()
                    .filter(|p| !p.logins.is_empty())
                    .map(|p| p.alias.clone())
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Figures of all sign-ons, and of the users who signed on since a moment.
    #[must_use]
    pub fn counts_since(&self, since: UnixMs) -> Counts {
        let (mut sessions, mut signed_on) = (0, 0);
        let mut unreachable = Vec::new();
        for shard in self.shards() {
            for principal in shard.values() {
                sessions += principal.logins.len();
                let silent = principal.logins.iter();
                unreachable.extend(silent.filter_map(|l| Some((l.unreachable?.since, l.expires))));
                signed_on +=
                    usize::from(principal.account.last_sign_on.is_some_and(|at| at >= since));
            }
        }
        let small = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Counts {
            sessions: small(sessions),
            unreachable: small(unreachable.len()),
            unreachable_since: unreachable.iter().map(|(since, _)| *since).min(),
            unreachable_ends: unreachable.iter().map(|(_, ends)| *ends).min(),
            signed_on: small(signed_on),
        }
    }

    /// The live account rows: alias, account, visible state, by alias.
    #[must_use]
    pub fn accounts_with_state(&self) -> Vec<(Alias, super::Account, State)> {
        let mut accounts: Vec<_> = self
            .shards()
            .flat_map(|shard| {
                shard
                    .values()
                    .filter(|p| p.members.is_none())
                    .map(|p| (p.alias.clone(), p.account.clone(), p.shown.clone()))
                    .collect::<Vec<_>>()
            })
            .collect();
        accounts.sort_by(|a, b| a.0.cmp(&b.0));
        accounts
    }
}
