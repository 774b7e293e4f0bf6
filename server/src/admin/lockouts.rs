//! Who is locked out or slowed down for failed sign-ins, and letting them in again.

use super::{Admin, require};
use crate::auth::{Held, Throttle};
use api::Actor;
use api::{LockedAt, LockoutRow, Role};
use std::sync::Arc;

impl Admin {
    /// Who is locked out or slowed down now, of clients and at the console.
    pub fn lockouts(&self) -> Result<Vec<LockoutRow>, api::Error> {
        let rows = self.throttles()?.into_iter().flat_map(|(at, throttle)| {
            let held = throttle.held();
            held.into_iter().map(move |held| row(at, &held))
        });
        Ok(rows.collect())
    }

    /// Forgets the failures of a name, in any spelling, or of an address. Gives how many counts
    /// there were.
    pub async fn unlock(&self, actor: &Actor, what: &str) -> Result<u32, api::Error> {
        require(actor, Role::Operator)?;
        let throttles = self.throttles()?;
        let what = what.trim();
        let failed: u32 = throttles.iter().map(|(_, it)| it.failures_of(what)).sum();
        if failed == 0 {
            return Err(api::Error::NotFound(format!(
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

    fn throttles(&self) -> Result<[(LockedAt, Arc<Throttle>); 2], api::Error> {
        let live = self.live.as_ref().ok_or_else(|| {
            api::Error::Conflict(
                "No server runs on this data directory, so nobody is locked out.".into(),
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
