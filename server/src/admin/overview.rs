//! What is asked for rather than ordered: the lists and figures of the console and the command
//! line.

use super::compliance::lately;
use super::list::{page_of, small};
use super::users::presence_state;
use super::{Admin, Live, internal};
use crate::clock::UnixMs;
use crate::presence::{Nodes, OnlineUser};
use api::{
    ChartPoint, Dashboard, DatabaseTrouble, Millis, NotifyFigures, OnlinePage, OnlineQuery,
    OnlineRow, OnlineSort, SessionCell,
};
use std::cell::Cell;

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What the dashboard says of the server itself.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Where clients sign on.
    pub rvp_url: String,
    /// When the server started.
    pub started: UnixMs,
}

/// Days since 1970-01-01 UTC.
pub(crate) fn day(now: UnixMs) -> i64 {
    now.div_euclid(DAY)
}

impl Admin {
    /// The figures of the dashboard.
    pub async fn dashboard(&self, overview: &Overview) -> Result<Dashboard, api::Error> {
        let live = self.running()?;
        let (now, offset) = (self.clock.wall_ms(), self.clock.offset());
        let counts = live.nodes.counts_since(day(now) * DAY);
        let today = self.daily(day(now)).await?;
        let samples = self
            .store
            .online_samples(now - DAY)
            .await
            .map_err(internal)?;
        let mut chart: Vec<_> = samples
            .into_iter()
            .map(|(at, online)| ChartPoint {
                at: Millis(at),
                online,
            })
            .collect();
        let online_users = live.nodes.signed_on();
        chart.push(ChartPoint {
            at: Millis(now),
            online: online_users,
        });
        Ok(Dashboard {
            domain: self.realm.domain.to_string(),
            rvp_url: overview.rvp_url.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: Millis(overview.started),
            now: Millis(now),
            online_users,
            sessions: counts.sessions,
            unreachable: counts.unreachable,
            unreachable_since: counts.unreachable_since.map(|at| Millis(at + offset)),
            unreachable_ends: counts.unreachable_ends.map(|at| Millis(at + offset)),
            trouble: live.nodes.trouble().map(|it| DatabaseTrouble {
                since: Millis(it.since + offset),
                refusing: it.refusing,
                reason: it.cause.to_string(),
                message: it.message,
                remedy: it.cause.remedy().to_owned(),
            }),
            signed_on_today: counts.signed_on,
            failed_sign_ons_today: today.failed_sign_ons,
            notified_today: NotifyFigures {
                delivered: today.notify.delivered,
                refused: today.notify.refused,
                unreachable: today.notify.unreachable,
                timed_out: today.notify.timed_out,
                broken: today.notify.broken,
            },
            users: live.nodes.accounts(),
            chart,
        })
    }

    /// One page of who is online, from memory.
    pub fn online(&self, query: &OnlineQuery) -> Result<OnlinePage, api::Error> {
        let live = self.running()?;
        let search = query.search.trim().to_lowercase();
        let silent = Cell::new(0);
        let mut users = live.nodes.online(|user| {
            let here = silent_sessions(user);
            silent.set(silent.get() + here);
            (search.is_empty() || matches(user, &search)) && (!query.silent || here > 0)
        });
        sort(&live.nodes, &mut users, query.sort, query.descending);
        let matching = small(users.len());
        let (page, rows) = page_of(&users, query.page);
        let offset = self.clock.offset();
        Ok(OnlinePage {
            rows: rows.iter().map(|u| online_row(live, u, offset)).collect(),
            matching,
            online: live.nodes.signed_on(),
            silent: small(silent.get()),
            page,
            now: Millis(self.clock.now_ms() + offset),
        })
    }

    /// Everybody who is online, by alias.
    pub fn all_online(&self) -> Result<Vec<OnlineRow>, api::Error> {
        let live = self.running()?;
        let mut users = live.nodes.online(|_| true);
        sort(&live.nodes, &mut users, OnlineSort::User, false);
        let offset = self.clock.offset();
        Ok(users.iter().map(|u| online_row(live, u, offset)).collect())
    }

    pub(super) fn running(&self) -> Result<&Live, api::Error> {
        self.live.as_ref().ok_or_else(|| {
            api::Error::Conflict(
                "No server runs on this data directory. Start it with `rollcall serve`.".into(),
            )
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
fn online_row(live: &Live, user: &OnlineUser, offset: i64) -> OnlineRow {
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
