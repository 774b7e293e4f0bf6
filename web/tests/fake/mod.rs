//! A server in memory, as the console sees one: for its tests and for the preview.

mod assignments;
mod backend;
mod contacts;
mod deployment;
mod groups;
mod people;
mod policy_files;
mod privacy;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;
use web::backend::Actor;
use web::model::Assignment;
use web::model::{
    AuditRow, LockoutRow, Millis, OnlineRow, PolicyView, PresenceState, Privacy, Role, UserDetail,
};

/// Every account's password.
pub(crate) const PASSWORD: &str = "correct horse";
/// The token of the first run.
pub(crate) const TOKEN: &str = "one-time-word";

pub(crate) struct Fake {
    now: fn() -> Millis,
    inner: Mutex<Inner>,
    version: watch::Sender<u64>,
    admins: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    /// Each with its generation.
    admins: BTreeMap<String, (Role, i64)>,
    lockouts: Vec<LockoutRow>,
    users: BTreeMap<String, UserDetail>,
    online: BTreeMap<String, OnlineRow>,
    assignments: BTreeMap<String, Assignment>,
    script: Option<String>,
    groups: BTreeMap<String, groups::Group>,
    policies: BTreeMap<String, PolicyView>,
    /// Oldest first, each with its comment.
    revisions: BTreeMap<String, Vec<(String, PolicyView)>>,
    lists: BTreeMap<String, Privacy>,
    contacts: BTreeMap<String, contacts::Kept>,
    contacts_served: bool,
    audit: Vec<AuditRow>,
    refused: u32,
}

impl Fake {
    /// Without any administrator.
    pub(crate) fn fresh(now: fn() -> Millis) -> Arc<Self> {
        let (version, _) = watch::channel(0);
        Arc::new(Self {
            now,
            inner: Mutex::default(),
            version,
            admins: watch::Sender::new(0),
        })
    }

    /// With `ada` (administrator), `olga` (operator) and `vera` (viewer), and `count` users who
    /// are online.
    pub(crate) fn peopled(now: fn() -> Millis, count: usize) -> Arc<Self> {
        let fake = Self::fresh(now);
        {
            let mut inner = fake.inner();
            for (name, role) in [
                ("ada", Role::Administrator),
                ("olga", Role::Operator),
                ("vera", Role::Viewer),
            ] {
                inner.admins.insert(name.to_owned(), (role, 1));
            }
            for number in 0..count {
                let (user, row) = people::person(number, now());
                inner.online.insert(user.row.alias.clone(), row);
                inner.users.insert(user.row.alias.clone(), user);
            }
        }
        fake
    }

    /// Takes a console account away.
    #[cfg(test)]
    pub(crate) fn remove_admin(&self, name: &str) {
        self.inner().admins.remove(name);
        self.admins.send_modify(|version| *version += 1);
    }

    /// Makes another console account, in place of one of this name.
    #[cfg(test)]
    pub(crate) fn replace_admin(&self, name: &str, role: Role) {
        let mut inner = self.inner();
        let generation = inner.admins.get(name).map_or(1, |it| it.1 + 1);
        inner.admins.insert(name.to_owned(), (role, generation));
        drop(inner);
        self.admins.send_modify(|version| *version += 1);
    }

    /// Locks somebody out.
    #[cfg(test)]
    pub(crate) fn lock(&self, row: LockoutRow) {
        self.inner().lockouts.push(row);
    }

    /// Changes the state of a user who is online.
    pub(crate) fn set_state(&self, alias: &str, state: PresenceState) {
        if let Some(row) = self.inner().online.get_mut(alias) {
            row.state = state;
            row.lease_ends = Millis((self.now)().0 + 20 * 60_000);
        }
        self.version.send_modify(|version| *version += 1);
    }

    /// Signs a user off or on again.
    pub(crate) fn toggle(&self, number: usize) {
        let (user, row) = people::person(number, (self.now)());
        {
            let mut inner = self.inner();
            if inner.online.remove(&user.row.alias).is_none() {
                inner.online.insert(
                    user.row.alias,
                    OnlineRow {
                        since: (self.now)(),
                        ..row
                    },
                );
            }
        }
        self.version.send_modify(|version| *version += 1);
    }

    /// Aliases of those online.
    pub(crate) fn aliases(&self) -> Vec<String> {
        self.inner().online.keys().cloned().collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .expect("no test panics while it holds the lock")
    }

    fn note(&self, actor: &Actor, action: &str, target: &str, detail: &str) {
        let at = (self.now)();
        let mut inner = self.inner();
        let id = i64::try_from(inner.audit.len()).expect("few entries") + 1;
        inner.audit.push(AuditRow {
            id,
            at,
            actor: actor.name.clone(),
            from: actor.from.clone(),
            action: action.to_owned(),
            target: target.to_owned(),
            detail: detail.to_owned(),
        });
    }
}
