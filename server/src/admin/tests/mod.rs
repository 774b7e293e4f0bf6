//! Admin over a database of their own, with a live side as a server has it.

mod failing;
mod racing;
mod removal;

use super::{Admin, Live};
use crate::auth::{Realm, Rules, Scheme, SealKey, Throttle};
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::delivery::Delivery;
use crate::dns::Dns;
use crate::doctor::Settings;
use crate::enforcement::{Enforcement, Record};
use crate::federation::Federation;
use crate::groups::{Groups, GroupsNow};
use crate::names::LocalNames;
use crate::presence::{LeaseLimits, Nodes, SignOn, Who};
use crate::proxy_script::ProxyScript;
use crate::store::writer::Writer;
use crate::store::{AuditFilter, Store};
use crate::timeouts::Timeouts;
use rvp::{Alias, Invitation, LogicalUrl, Payload};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use web::backend::Actor;
use web::model::{NewUser, Role};

const NOW: i64 = 1_700_000_000_000;
const DOMAIN: &str = "im.example.com";
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A server without its listeners.
struct House {
    admin: Admin,
    directory: Arc<TempDir>,
}

fn root() -> Actor {
    Actor {
        name: "root".to_owned(),
        role: Role::Administrator,
        from: "here".to_owned(),
    }
}

fn alias(name: &str) -> Alias {
    Alias::new(name).unwrap()
}

fn user(name: &str) -> NewUser {
    NewUser {
        alias: name.to_owned(),
        display_name: String::new(),
        email: String::new(),
        password: "correct horse 7".to_owned(),
    }
}

/// A port at which nobody listens.
fn deaf() -> SocketAddr {
    SocketAddr::new(LOOPBACK, 9)
}

async fn live(store: &Store, directory: &Path, clock: &Clock) -> Live {
    let config = Config {
        data_dir: Some(directory.to_owned()),
        domain: Some(DOMAIN.to_owned()),
        ..Config::default()
    };
    let (writer, task) = Writer::open(store, clock.clone()).await.unwrap();
    let limits = LeaseLimits::new(&config.presence, &config.limits);
    let first = store.first_free_id().await.unwrap();
    let names = LocalNames::of_domain(DOMAIN);
    let nodes = Arc::new(Nodes::new(names.clone(), limits, writer, first));
    nodes.save_with(task);
    nodes.reserve_ids().await.unwrap();
    let rows = store.snapshot().await.unwrap();
    nodes.restore(
        store.users().await.unwrap(),
        &GroupsNow::of_rows(&rows.groups, &rows.members),
        store.saved_presence().await.unwrap(),
        clock.now_ms(),
    );
    let timeouts = Timeouts {
        connect: Duration::from_millis(200),
        answer: Duration::from_millis(200),
    };
    let federation = Federation::new(
        Vec::new(),
        DOMAIN,
        names.clone(),
        Dns::default(),
        clock.clone(),
        timeouts,
        1,
    );
    Live {
        sign_ins: Throttle::new(Rules::CLIENTS, clock.clone()),
        delivery: Delivery::new(nodes.clone(), clock.clone(), timeouts, 8, federation),
        nodes,
        groups: Arc::new(Groups::default()),
        enforcement: Arc::new(Enforcement::new(Record::new().0)),
        proxy_script: Arc::new(ProxyScript::default()),
        settings: Arc::new(Settings::new(&config, SocketAddr::new(LOOPBACK, 8080))),
        names,
    }
}

impl House {
    async fn new() -> Self {
        Self::on(Arc::new(tempfile::tempdir().unwrap())).await
    }

    /// A house with these users.
    async fn of(names: &[&str]) -> Self {
        let house = Self::new().await;
        let users: Vec<_> = names.iter().map(|name| user(name)).collect();
        house.admin.create_users(&root(), &users).await.unwrap();
        house
    }

    /// A server that starts on what is on disk now.
    async fn restarted(&self) -> Self {
        Self::on(self.directory.clone()).await
    }

    async fn on(directory: Arc<TempDir>) -> Self {
        let store = Store::open(directory.path()).await.unwrap();
        let clock = Clock::manual(NOW);
        let live = live(&store, directory.path(), &clock).await;
        let admin = Self::admin(store, clock, Some(live));
        admin.redraw().await.unwrap();
        Self { admin, directory }
    }

    fn admin(store: Store, clock: Clock, live: Option<Live>) -> Admin {
        Admin::new(
            store,
            SealKey::from_bytes([7; 32]),
            Realm::new(DOMAIN, None).unwrap(),
            clock,
            Random::system(),
            live,
        )
    }

    fn live(&self) -> &Live {
        self.admin.live.as_ref().unwrap()
    }

    fn nodes(&self) -> &Nodes {
        &self.live().nodes
    }

    async fn sign_on(&self, name: &str) {
        let wish = SignOn {
            alias: alias(name),
            url: LogicalUrl::compose(DOMAIN, name),
            call_back: deaf(),
            peer: LOOPBACK,
            client: String::new(),
            scheme: Scheme::Digest,
            lifetime: None,
            at: NOW,
        };
        let (_, effects) = self.nodes().sign_on(wish, NOW).unwrap();
        effects.saved().await.unwrap();
    }

    /// How many entries the audit has.
    async fn audited(&self) -> usize {
        let (_, entries) = self
            .admin
            .store
            .audit(&AuditFilter::default())
            .await
            .unwrap();
        usize::try_from(entries).unwrap()
    }

    /// All that memory believes of accounts, groups and policies.
    fn memory(&self) -> String {
        let live = self.live();
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

fn invitation() -> Payload {
    let head = "Content-Type: text/x-msmsgsinvite\r\nSession-Id: {1}\r\n\r\n";
    let guid = Invitation::FILE_TRANSFER;
    Payload::parse(&format!(
        "{head}Application-Name: File Transfer\r\nApplication-GUID: {guid}\r\n\
         Invitation-Command: INVITE\r\nInvitation-Cookie: 7\r\n"
    ))
    .unwrap()
}
