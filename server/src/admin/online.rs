//! Who is online, from memory.

use super::compliance::lately;
use super::list::{shown, small};
use super::registry::Handle;
use super::users::presence_state;
use super::{Admin, Live};
use crate::presence::{Nodes, OnlineUser};
use api::{Actor, Error, ListOnline, Millis, OnlinePage, OnlineRow, OnlineSort, Part, SessionCell};
use std::cell::Cell;

impl Handle<ListOnline> for Admin {
    async fn handle(&self, _: &Actor, asked: ListOnline) -> Result<OnlinePage, Error> {
        let live = self.running()?;
        let query = &asked.query;
        let search = query.search.trim().to_lowercase();
        let silent = Cell::new(0);
        let mut users = live.nodes.online(|user| {
            let here = silent_sessions(user);
            silent.set(silent.get() + here);
            (search.is_empty() || matches(user, &search)) && (!query.silent || here > 0)
        });
        let (by, descending) = match asked.part == Part::default() {
            true => (query.sort, query.descending),
            false => (OnlineSort::User, false),
        };
        sort(&live.nodes, &mut users, by, descending);
        let key = |user: &OnlineUser| user.alias.to_string();
        let shown = shown(&users, query.page, &asked.part, key);
        let by_alias = by == OnlineSort::User && !descending;
        let offset = self.clock.offset();
        let rows = shown.rows.iter();
        Ok(OnlinePage {
            rows: rows.map(|user| row(live, user, offset)).collect(),
            matching: small(users.len()),
            online: live.nodes.signed_on(),
            silent: small(silent.get()),
            page: shown.page,
            now: Millis(self.clock.now_ms() + offset),
            next: shown.next.filter(|_| by_alias),
        })
    }
}

fn matches(user: &OnlineUser, search: &str) -> bool {
    user.alias.as_str().contains(search)
        || user.display_name.to_lowercase().contains(search)
        || user.sessions.iter().any(|s| {
            s.client.to_lowercase().contains(search) || s.call_back.to_string().contains(search)
        })
}

/// How many of the user's clients do not answer.
fn silent_sessions(user: &OnlineUser) -> usize {
    let silent = user.sessions.iter().filter(|s| s.unreachable.is_some());
    silent.count()
}

/// Sorts by a column; equal rows by alias, so that rows do not jump. Watchers are counted where
/// they are asked for: that is the one column that costs something.
fn sort(nodes: &Nodes, users: &mut [OnlineUser], by: OnlineSort, descending: bool) {
    users.sort_unstable_by(|a, b| a.alias.cmp(&b.alias));
    match by {
        OnlineSort::User => {}
        OnlineSort::State => users.sort_by_key(|u| presence_state(&u.state)),
        OnlineSort::Since => users.sort_by_key(|u| u.sessions[0].since),
        OnlineSort::Lease => users.sort_by_key(|u| u.lease_ends),
        OnlineSort::Address => users.sort_by_key(|u| u.sessions[0].call_back),
        OnlineSort::Client => users.sort_by(|a, b| a.sessions[0].client.cmp(&b.sessions[0].client)),
        OnlineSort::Watchers => users.sort_by_cached_key(|u| nodes.watchers(&u.alias)),
    }
    if descending {
        users.reverse();
    }
}

/// `offset` turns time into the time of day.
fn row(live: &Live, user: &OnlineUser, offset: i64) -> OnlineRow {
    let since = user.sessions.iter().map(|s| s.since).min().unwrap_or(0);
    let mark = live.enforcement.record().mark_of(user.alias.as_str());
    OnlineRow {
        alias: user.alias.to_string(),
        display_name: user.display_name.to_string(),
        state: presence_state(&user.state),
        since: Millis(since + offset),
        lease_ends: Millis(user.lease_ends + offset),
        watchers: live.nodes.watchers(&user.alias),
        refused: mark.filter(|mark| mark.at >= since).as_ref().map(lately),
        sessions: user
            .sessions
            .iter()
            .map(|s| SessionCell {
                address: s.call_back.ip().to_string(),
                port: s.call_back.port(),
                client: s.client.to_string(),
                auth: s.scheme.to_string(),
                since: Millis(s.since + offset),
                unreachable: s.unreachable.map(|at| Millis(at + offset)),
                lease_ends: Millis(s.expires + offset),
            })
            .collect(),
    }
}
