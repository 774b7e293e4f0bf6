//! What stands between clients and the server that runs.

use super::{Admin, internal};
use crate::doctor::{diagnose, newest_stamp};
use web::backend::BackendError;
use web::model::Deployment;

impl Admin {
    /// Looks at names, DNS, listener, clock and files; takes 10 s at the most. `mail_domain` is
    /// what stands after the `@` of the users' addresses, guessed if it is left out.
    pub async fn deployment(&self, mail_domain: Option<&str>) -> Result<Deployment, BackendError> {
        let settings = self.running()?.settings.clone();
        let now = self.clock.wall_ms();
        let newest = newest_stamp(&self.store, now).await.map_err(internal)?;
        Ok(diagnose(&settings, mail_domain, now, newest, self.clock.offset()).await)
    }
}
