//! What stands between clients and the server that runs.

use super::registry::Handle;
use super::{Admin, internal};
use crate::doctor::{ClockReading, diagnose, newest_stamp};
use api::{Actor, Deployment, Diagnose, Error};

impl Handle<Diagnose> for Admin {
    /// Looks at names, DNS, listener, clock and files; takes 10 s at the most.
    async fn handle(&self, _: &Actor, asked: Diagnose) -> Result<Deployment, Error> {
        let settings = self.running()?.settings.clone();
        let now = self.clock.wall_ms();
        let newest = newest_stamp(&self.store, now).await.map_err(internal)?;
        let mail_domain = asked.mail_domain.as_deref();
        let reading = ClockReading {
            now,
            newest,
            offset: self.clock.offset(),
            since: None,
        };
        Ok(diagnose(&settings, mail_domain, reading).await)
    }
}
