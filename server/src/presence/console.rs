//! What the console and the command line see of live presence.

use super::nodes::Nodes;
use super::subscription::AuthScheme;
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
    pub scheme: AuthScheme,
    /// When it signed on.
    pub since: UnixMs,
    /// When its sign-on ends if nobody renews it.
    pub expires: UnixMs,
    /// Its call-back stopped answering.
    pub unreachable: bool,
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
                        unreachable: l.unreachable.is_some(),
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

    /// How many others watch a user.
    #[must_use]
    pub fn watchers(&self, alias: &Alias) -> u32 {
        let shard = self.shard(alias);
        let watches = shard.get(alias).map_or(&[][..], |p| &p.watches);
        let others: HashSet<_> = watches
            .iter()
            .map(|w| &w.subscriber)
            .filter(|s| *s != alias)
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

    /// Live sign-ons, those whose call-back stopped answering, and users who signed on since a
    /// moment.
    #[must_use]
    pub fn counts_since(&self, since: UnixMs) -> (u32, u32, u32) {
        let (mut sessions, mut unreachable, mut signed_on) = (0, 0, 0);
        for shard in self.shards() {
            for principal in shard.values() {
                sessions += principal.logins.len();
                unreachable += principal
                    .logins
                    .iter()
                    .filter(|l| l.unreachable.is_some())
                    .count();
                signed_on +=
                    usize::from(principal.account.last_sign_on.is_some_and(|at| at >= since));
            }
        }
        let small = |n| u32::try_from(n).unwrap_or(u32::MAX);
        (small(sessions), small(unreachable), small(signed_on))
    }

    /// The live account rows: alias, account, visible state, by alias.
    #[must_use]
    pub fn accounts_with_state(&self) -> Vec<(Alias, super::Account, State)> {
        let mut accounts: Vec<_> = self
            .shards()
            .flat_map(|shard| {
                shard
                    .values()
                    .map(|p| (p.alias.clone(), p.account.clone(), p.shown.clone()))
                    .collect::<Vec<_>>()
            })
            .collect();
        accounts.sort_by(|a, b| a.0.cmp(&b.0));
        accounts
    }
}
