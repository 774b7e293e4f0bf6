//! Admin over a database of their own, with a live side as a server has it.

mod doors;
mod ending;
mod failing;
#[path = "../../../tests/house/mod.rs"]
mod house;
mod racing;
mod removal;
mod tokens;

use crate::presence::Who;
use crate::store::{AuditEntry, AuditFilter};
use api::{ImportUsers, NewUser};
use house::{DOMAIN, House, NOW, alias, config, deaf, directory, invitation, root, user};
use std::fmt::Write as _;

impl House {
    async fn new() -> Self {
        Self::on(directory(), config()).await
    }

    /// A house with these users.
    async fn of(names: &[&str]) -> Self {
        let house = Self::new().await;
        let users: Vec<_> = names.iter().map(|name| user(name)).collect();
        house.import(&users).await.unwrap();
        house
    }

    /// Makes accounts, all or none.
    async fn import(&self, users: &[NewUser]) -> Result<u32, api::Error> {
        let order = ImportUsers {
            users: users.to_vec(),
            dry_run: false,
        };
        self.admin.call(&root(), order).await
    }

    /// A server that starts on what is on disk now.
    async fn restarted(&self) -> Self {
        Self::on(self.directory.clone(), config()).await
    }

    async fn sign_on(&self, name: &str) {
        self.sign_on_at(name, deaf(), "").await;
    }

    /// How many entries the audit has.
    async fn audited(&self) -> usize {
        let entries = self.store.audit_matching(&AuditFilter::default()).await;
        usize::try_from(entries.unwrap()).unwrap()
    }

    /// The entries of the audit, newest first.
    async fn entries(&self) -> Vec<AuditEntry> {
        let all = AuditFilter {
            limit: i64::MAX,
            ..AuditFilter::default()
        };
        self.store.audit_rows(&all).await.unwrap()
    }

    /// All that memory believes of accounts, groups and policies.
    fn memory(&self) -> String {
        let live = &self.live;
        let all_groups = live.groups.now();
        let mut text = String::new();
        for (alias, account, state) in live.nodes.accounts_with_state() {
            let acl = live.nodes.acl(&alias).unwrap();
            let groups = all_groups.of(&alias);
            let forbidden = live
                .enforcement
                .check(&Who::Here(alias.clone()), &ghost(), &invitation(), NOW)
                .map(|verdict| verdict.policy);
            let sessions = live.nodes.sessions(&alias).len();
            writeln!(
                text,
                "{alias}: {account:?} {state:?} {acl:?} in {groups:?}, {forbidden:?} forbids, {sessions} sessions"
            )
            .unwrap();
        }
        for (name, group) in live.groups.now().iter() {
            let node = live.nodes.members(name);
            writeln!(text, "group {name}: {group:?}, its node {node:?}").unwrap();
        }
        writeln!(text, "{} accounts", live.nodes.accounts()).unwrap();
        writeln!(text, "script: {:?}", live.proxy_script.now()).unwrap();
        text
    }

    /// Memory believes what a server would read from disk.
    async fn assert_memory_is_disk(&self) {
        assert_eq!(self.memory(), self.restarted().await.memory());
    }
}

fn ghost() -> Who {
    Who::Here(alias("nobody-at-all"))
}
