//! The proxy script that the RVP listener hands out: of which policy it comes.

use super::policies::{capitalised, read};
use super::{Orders, internal, require};
use crate::proxy_script::{ProxyScript, Script};
use policies::{ExportContext, Format};
use time::OffsetDateTime;
use web::backend::{Actor, BackendError};
use web::model::{Role, ScriptState};

/// The fact that names the policy.
const FACT: &str = "proxy_script_of";

impl Orders {
    /// Hands out the proxy settings of this policy as a script from now on; of none: switches the
    /// script off.
    pub async fn serve_proxy_script(
        &self,
        actor: &Actor,
        policy: Option<&str>,
    ) -> Result<(), BackendError> {
        require(actor, Role::Administrator)?;
        match policy {
            Some(name) => {
                let name = self.policy(name).await?.summary.name;
                self.store.set_fact(FACT, &name).await.map_err(internal)?;
                self.redraw().await?;
                self.audit(actor, "policy.proxy-script", &name, "handed out")
                    .await
            }
            None => {
                let before = self.store.fact(FACT).await.map_err(internal)?;
                self.store.clear_fact(FACT).await.map_err(internal)?;
                self.redraw().await?;
                let before = before.unwrap_or_default();
                self.audit(actor, "policy.proxy-script", &before, "switched off")
                    .await
            }
        }
    }

    /// What there is to hand out, as it is stored.
    pub(super) async fn proxy_script(&self) -> Result<Script, BackendError> {
        let Some(name) = self.store.fact(FACT).await.map_err(internal)? else {
            return Ok(Script::Off);
        };
        let Some(row) = self.store.policy(&name).await.map_err(internal)? else {
            return Ok(Script::Missing(format!(
                "The policy {name}, whose proxy settings stood here, was deleted"
            )));
        };
        let saved = OffsetDateTime::from_unix_timestamp(row.saved_ms / 1000).map_err(internal)?;
        let context = ExportContext {
            revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
            date: saved.date().to_string(),
            server: Some(self.realm.domain.to_string()),
        };
        Ok(
            match policies::export(&read(&row)?, Format::Pac, &context) {
                Ok(file) => Script::Ready(file.bytes.into()),
                Err(error) => Script::Missing(format!(
                    "The policy {name} makes no proxy script: {}",
                    capitalised(&error.to_string())
                )),
            },
        )
    }

    /// Whether there is a script, and of which policy.
    pub(super) async fn script_state(&self) -> Result<ScriptState, BackendError> {
        let problem = match self.proxy_script().await? {
            Script::Missing(why) => Some(why),
            Script::Off | Script::Ready(_) => None,
        };
        let authority = self.live.as_ref().map(|live| live.settings.authority());
        let authority = authority.unwrap_or_else(|| self.realm.domain.to_string());
        Ok(ScriptState {
            url: format!("http://{authority}{}", ProxyScript::PATH),
            policy: self.store.fact(FACT).await.map_err(internal)?,
            problem,
        })
    }
}
