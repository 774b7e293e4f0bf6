//! How the server is, at a glance.

use super::registry::Handle;
use super::{Admin, internal};
use crate::clock::UnixMs;
use api::{
    Actor, ChartPoint, Dashboard, DatabaseTrouble, Error, GetDashboard, Millis, NotifyFigures,
};

/// Milliseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Days since 1970-01-01 UTC.
pub(crate) fn day(now: UnixMs) -> i64 {
    now.div_euclid(DAY)
}

impl Handle<GetDashboard> for Admin {
    async fn handle(&self, _: &Actor, GetDashboard {}: GetDashboard) -> Result<Dashboard, Error> {
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
            rvp_url: format!("http://{}", live.settings.authority()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: Millis(live.started),
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
}
