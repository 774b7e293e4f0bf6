//! Sessions of the console: who is signed in, and the end of it.

use super::list::{shown, small};
use super::registry::Handle;
use super::{Admin, internal};
use crate::store::{ConsoleSessions, SessionRow as Row};
use api::{
    Actor, Done, EndSession, Error, ListSessions, Millis, Part, Role, SessionPage, SessionRow,
};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

impl Handle<ListSessions> for Admin {
    async fn handle(&self, actor: &Actor, asked: ListSessions) -> Result<SessionPage, Error> {
        let wanted = match (actor.role, asked.account) {
            (Role::Administrator, wanted) => wanted,
            (_, Some(wanted)) if !wanted.eq_ignore_ascii_case(&actor.name) => {
                return Err(Error::Forbidden);
            }
            _ => Some(actor.name.clone()),
        };
        let wanted = wanted.as_deref().map(str::trim).filter(|it| !it.is_empty());
        let mut rows: Vec<_> = self.sessions_of(wanted).await?;
        rows.sort_by_cached_key(place);
        let part = match asked.part {
            Part { limit: 0, after } => Part {
                limit: api::PAGE_SIZE,
                after,
            },
            part => part,
        };
        let shown = shown(&rows, 1, &part, place);
        let session = |row: &Row| SessionRow {
            key: key(&row.id),
            account: row.account.clone(),
            from: row.from.clone(),
            since: row.since_ms.map(Millis),
            used: row.used_ms.map(Millis),
        };
        Ok(SessionPage {
            rows: shown.rows.iter().map(session).collect(),
            matching: small(rows.len()),
            next: shown.next,
        })
    }
}

impl Handle<EndSession> for Admin {
    async fn handle(&self, actor: &Actor, order: EndSession) -> Result<Done, Error> {
        let own = (actor.role != Role::Administrator).then_some(actor.name.as_str());
        let wanted = order.key.trim();
        let sessions = self.sessions_of(own).await?;
        let Some(ended) = sessions.into_iter().find(|it| key(&it.id) == wanted) else {
            return Err(Error::NotFound(
                "There is no such session: it has ended already, or was never one that you may end. Look at the list anew.".into(),
            ));
        };
        let mut change = self.begin(actor).await?;
        let removed = change.rows.end_session(&ended.id).await;
        removed.map_err(internal)?;
        let from = ended.from.as_deref().unwrap_or("an unknown address");
        change.audit(
            "session.end",
            &ended.account,
            format!("signed in from {from}"),
        );
        let sessions = self.sessions.clone();
        let tell = self.tell_sessions();
        let end = move |live: &super::Live| {
            sessions.forget(&ended.id);
            tell(live);
        };
        change.commit(end).await?;
        Ok(Done {})
    }
}

impl Admin {
    /// Where the console's sessions are kept.
    #[must_use]
    pub fn sessions(&self) -> &ConsoleSessions {
        &self.sessions
    }

    /// The sessions that are good: of one account, or of all.
    async fn sessions_of(&self, account: Option<&str>) -> Result<Vec<Row>, Error> {
        let accounts = self.store.admins().await.map_err(internal)?;
        let accounts: HashMap<_, _> = accounts
            .into_iter()
            .filter(|it| it.enabled)
            .map(|it| (it.name.to_ascii_lowercase(), it.generation))
            .collect();
        let mut sessions = self.sessions.all().await.map_err(internal)?;
        sessions.retain(|it| {
            let wanted = account.is_none_or(|name| it.account.eq_ignore_ascii_case(name));
            let known = accounts.get(&it.account.to_ascii_lowercase());
            wanted && known == Some(&it.generation)
        });
        Ok(sessions)
    }
}

/// What others may know of a session: it says nothing of the cookie, which is 128 random bits.
pub(crate) fn key(id: &str) -> String {
    let hash = Sha256::digest(id.as_bytes());
    HEXLOWER.encode(hash.get(..16).unwrap_or(&hash))
}

/// Newest first, and each at one place.
fn place(row: &Row) -> String {
    let since = i64::MAX - row.since_ms.unwrap_or(0).max(0);
    format!("{since:019}-{}", key(&row.id))
}
