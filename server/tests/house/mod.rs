//! A server without its listeners over a database of its own: for the tests of what may be ordered
//! and for those of the console.

use api::Actor;
use api::{NewUser, Role};
use rollcall::admin::{Admin, Live};
use rollcall::auth::{Realm, Scheme};
use rollcall::clock::{Clock, Random, UnixMs};
use rollcall::config::Config;
use rollcall::engine::{Engine, Foundation};
use rollcall::keys;
use rollcall::presence::{Nodes, SignOn};
use rollcall::store::Store;
use rvp::{Alias, Invitation, LogicalUrl, Payload};
use std::fs::Permissions;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

/// When the clock starts: 2024-11-18 12:26:40 UTC. It stands still unless a test moves it.
pub(crate) const NOW: UnixMs = 1_731_932_800_000;
pub(crate) const DOMAIN: &str = "im.example.com";
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

pub(crate) struct House {
    pub(crate) admin: Admin,
    pub(crate) live: Live,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) directory: Arc<TempDir>,
    /// What works in the background ends with the house.
    _stop: DropGuard,
}

pub(crate) fn root() -> Actor {
    Actor {
        name: "root".to_owned(),
        role: Role::Administrator,
        from: "here".to_owned(),
        only: None,
    }
}

pub(crate) fn alias(name: &str) -> Alias {
    Alias::new(name).unwrap()
}

pub(crate) fn user(name: &str) -> NewUser {
    NewUser {
        alias: name.to_owned(),
        display_name: String::new(),
        email: String::new(),
        password: "correct horse 7".into(),
    }
}

/// A port at which nobody listens.
pub(crate) fn deaf() -> SocketAddr {
    SocketAddr::new(LOOPBACK, 9)
}

/// What a house is configured with.
pub(crate) fn config() -> Config {
    let mut config = Config {
        domain: Some(DOMAIN.to_owned()),
        ..Config::default()
    };
    // The usual port, so that addresses name none.
    config.rvp.listen = SocketAddr::new(LOOPBACK, 80);
    config
}

/// What a client sends to offer a file.
pub(crate) fn invitation() -> Payload {
    let head = "Content-Type: text/x-msmsgsinvite\r\nSession-Id: {1}\r\n\r\n";
    let guid = Invitation::FILE_TRANSFER;
    Payload::parse(&format!(
        "{head}Application-Name: File Transfer\r\nApplication-GUID: {guid}\r\n\
         Invitation-Command: INVITE\r\nInvitation-Cookie: 7\r\n"
    ))
    .unwrap()
}

/// A data directory that only its owner can look into, as a server makes it.
pub(crate) fn directory() -> Arc<TempDir> {
    let owner_only = Permissions::from_mode(0o700);
    let directory = tempfile::Builder::new().permissions(owner_only).tempdir();
    Arc::new(directory.unwrap())
}

impl House {
    /// A server that starts on what is in this directory.
    pub(crate) async fn on(directory: Arc<TempDir>, mut config: Config) -> Self {
        config.data_dir = Some(directory.path().to_owned());
        let clock = Clock::manual(NOW);
        let store = Store::open(directory.path()).await.unwrap();
        let has_accounts = !store.users().await.unwrap().is_empty();
        let key = keys::load(directory.path(), has_accounts, Random::system()).unwrap();
        let engine = Engine::build(Foundation {
            config: &config,
            store: store.clone(),
            key,
            realm: Realm::new(&config.domain(), None).unwrap(),
            clock: clock.clone(),
            random: Random::system(),
            listen: config.rvp.listen,
            call_backs: 8,
            peers: 1,
        });
        let Engine {
            admin,
            live,
            refusals,
            ..
        } = engine.await.unwrap();
        let stop = CancellationToken::new();
        let nodes = live.nodes.clone();
        tokio::spawn(refusals.write(store.clone(), nodes, clock.clone(), stop.clone()));
        Self {
            admin,
            live,
            store,
            clock,
            directory,
            _stop: stop.drop_guard(),
        }
    }

    pub(crate) fn nodes(&self) -> &Nodes {
        &self.live.nodes
    }

    /// Signs a user on from a client that listens there.
    pub(crate) async fn sign_on_at(&self, name: &str, call_back: SocketAddr, client: &str) {
        let now = self.clock.now_ms();
        let wish = SignOn {
            alias: alias(name),
            url: LogicalUrl::compose(DOMAIN, name),
            call_back,
            peer: call_back.ip(),
            client: client.to_owned(),
            scheme: Scheme::Digest,
            lifetime: None,
            at: now,
        };
        let (_, effects) = self.nodes().sign_on(wish, now).unwrap();
        effects.saved().await.unwrap();
    }
}
