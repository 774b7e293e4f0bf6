//! Who is locked out or slowed down for failed sign-ins, and letting them in again.

use super::Admin;
use super::registry::Handle;
use crate::auth::{Held, Throttle};
use api::{Actor, Error, ListLockouts, LockedAt, LockoutRow, Unlock};
use std::sync::Arc;

impl Handle<ListLockouts> for Admin {
    async fn handle(
        &self,
        _: &Actor,
        ListLockouts {}: ListLockouts,
    ) -> Result<Vec<LockoutRow>, Error> {
        let rows = self.throttles()?.into_iter().flat_map(|(at, throttle)| {
            let held = throttle.held();
            held.into_iter().map(move |held| row(at, &held))
        });
        Ok(rows.collect())
    }
}

impl Handle<Unlock> for Admin {
    async fn handle(&self, actor: &Actor, order: Unlock) -> Result<u32, Error> {
        let throttles = self.throttles()?;
        let what = order.what.trim();
        if what.is_empty() {
            return Err(Error::invalid(
                "what",
                "Nothing is named. Write a name, or an address.",
            ));
        }
        let failed: u32 = throttles.iter().map(|(_, it)| it.failures_of(what)).sum();
        if failed == 0 {
            return Err(Error::NotFound(format!(
                "No failed sign-in of {what:?} is remembered, by that name or from that address. The list shows who is locked out."
            )));
        }
        let mut change = self.begin(actor).await?;
        change.audit("unlock", what, "");
        let what = what.to_owned();
        let released =
            change.commit(move |_| throttles.iter().map(|(_, it)| it.release(&what)).sum());
        Ok(released.await?.unwrap_or_default())
    }
}

impl Admin {
    fn throttles(&self) -> Result<[(LockedAt, Arc<Throttle>); 2], Error> {
        let live = self.live.as_ref().ok_or_else(|| {
            Error::Conflict(
                "No server runs on this data directory, so nobody is locked out. Start it with `rollcall serve`.".into(),
            )
        })?;
        Ok([
            (LockedAt::Clients, live.sign_ins.clone()),
            (LockedAt::Console, self.throttle.clone()),
        ])
    }
}

fn row(at: LockedAt, held: &Held) -> LockoutRow {
    LockoutRow {
        at,
        name: held.name.as_deref().map(str::to_owned),
        account: held.account,
        address: held.address.map(|address| address.to_string()),
        failures: held.failures,
        seconds: u32::try_from((held.left_ms + 999) / 1000).unwrap_or(u32::MAX),
    }
}
