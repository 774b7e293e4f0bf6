//! The proxy script that the RVP listener hands out: of which policy it comes.

use super::policies::{capitalised, read};
use super::registry::Handle;
use super::{Admin, internal};
use crate::proxy_script::{ProxyScript, Script};
use crate::store::{PolicyRow, Snapshot};
use api::{Actor, Done, Error, ScriptState, ServeProxyScript};
use policies::{ExportContext, Format};
use time::OffsetDateTime;
use web::off_thread;

impl Handle<ServeProxyScript> for Admin {
    async fn handle(&self, actor: &Actor, order: ServeProxyScript) -> Result<Done, Error> {
        let mut change = self.begin(actor).await?;
        let before = change.rows.proxy_script_of().await.map_err(internal)?;
        let of = match order.policy {
            Some(name) => Some(change.policy_named(&name).await?.name),
            None => None,
        };
        if of == before {
            return Ok(Done {});
        }
        let set = change.rows.set_proxy_script(of.as_deref()).await;
        set.map_err(internal)?;
        match (of, before) {
            (Some(name), None) => change.audit("policy.proxy-script", &name, "handed out"),
            (Some(name), Some(before)) => {
                let detail = format!("handed out in place of {before}");
                change.audit("policy.proxy-script", &name, detail);
            }
            (None, before) => {
                let before = before.unwrap_or_default();
                change.audit("policy.proxy-script", &before, "switched off");
            }
        }
        change.commit_followed(|_| ()).await?;
        Ok(Done {})
    }
}

impl Admin {
    /// Whether there is a script, and of which policy.
    pub(super) async fn script_state(&self) -> Result<ScriptState, Error> {
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
