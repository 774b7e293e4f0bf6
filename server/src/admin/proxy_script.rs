//! The proxy script that the RVP listener hands out: of which policy it comes.

use super::policies::{capitalised, read};
use super::{Admin, internal, require};
use crate::proxy_script::{ProxyScript, Script};
use crate::store::{PolicyRow, Snapshot};
use api::Actor;
use api::{Role, ScriptState};
use policies::{ExportContext, Format};
use time::OffsetDateTime;
use web::off_thread;

impl Admin {
    /// Hands out the proxy settings of this policy as a script from now on; of none: switches the
    /// script off.
    pub async fn serve_proxy_script(
        &self,
        actor: &Actor,
        policy: Option<&str>,
    ) -> Result<(), api::Error> {
        require(actor, Role::Administrator)?;
        let mut change = self.begin(actor).await?;
        let before = change.rows.proxy_script_of().await.map_err(internal)?;
        let of = match policy {
            Some(name) => Some(change.policy_named(name).await?.name),
            None => None,
        };
        change
            .rows
            .set_proxy_script(of.as_deref())
            .await
            .map_err(internal)?;
        match (of, before) {
            (Some(name), _) => change.audit("policy.proxy-script", &name, "handed out"),
            (None, before) => {
                let before = before.unwrap_or_default();
                change.audit("policy.proxy-script", &before, "switched off");
            }
        }
        change.commit_followed(|_| ()).await.map(drop)
    }

    /// Whether there is a script, and of which policy.
    pub(super) async fn script_state(&self) -> Result<ScriptState, api::Error> {
        let of = self.store.proxy_script_of().await.map_err(internal)?;
        let now = match &self.live {
            Some(live) => live.proxy_script.now(),
            None => {
                let rows = self.store.snapshot().await.map_err(internal)?;
                let domain = self.realm.domain.clone();
                off_thread(move || script(&rows, &domain)).await
            }
        };
        let problem = match now {
            Script::Missing(why) => Some(why),
            Script::Off | Script::Ready(_) => None,
        };
        let authority = self.live.as_ref().map(|live| live.settings.authority());
        let authority = authority.unwrap_or_else(|| self.realm.domain.to_string());
        Ok(ScriptState {
            url: format!("http://{authority}{}", ProxyScript::PATH),
            policy: of,
            problem,
        })
    }
}

/// What there is to hand out by these rows, for a server of this domain.
pub(super) fn script(rows: &Snapshot, domain: &str) -> Script {
    let Some(name) = &rows.proxy_script_of else {
        return Script::Off;
    };
    let is_it = |row: &&PolicyRow| row.name.eq_ignore_ascii_case(name);
    let Some(row) = rows.policies.iter().map(AsRef::as_ref).find(is_it) else {
        return Script::Missing(format!(
            "The policy {name}, whose proxy settings stood here, was deleted"
        ));
    };
    made(row, domain).unwrap_or_else(|why| {
        Script::Missing(format!(
            "The policy {name} makes no proxy script: {}",
            capitalised(&why)
        ))
    })
}

fn made(row: &PolicyRow, domain: &str) -> Result<Script, String> {
    let saved = OffsetDateTime::from_unix_timestamp(row.saved_ms / 1000);
    let context = ExportContext {
        revision: u32::try_from(row.revision).unwrap_or(u32::MAX),
        date: saved.map_err(|e| e.to_string())?.date().to_string(),
        server: Some(domain.to_owned()),
    };
    let policy = read(row).map_err(|e| e.to_string())?;
    let file = policies::export(&policy, Format::Pac, &context).map_err(|e| e.to_string())?;
    Ok(Script::Ready(file.bytes.into()))
}
