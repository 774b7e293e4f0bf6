//! A console with people: `ada` is its administrator, `olga` an operator, `vera` a viewer.

use crate::house::{House, LOOPBACK, alias, config, directory, root, user};
use api::{DeleteAccount, ImportUsers, NewUser};
use argon2::password_hash::{PasswordHasher as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use axum::Router;
use futures::future::join_all;
use rollcall::config::Config;
use rollcall::console::{ConsoleParts, Health, router};
use rollcall::stop::Stop;
use rollcall::store::AdminRow;
use rvp::{State, StateChange};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

/// Every console account's password.
pub(crate) const PASSWORD: &str = "correct horse";

const CLIENTS: [&str; 4] = ["msmsgs/3.6.0039", "msmsgs/4.7.3000", "msmsgs/2.2.1053", ""];

/// The browser's part, a file by its name.
pub(crate) type Files = fn(&str) -> Option<Cow<'static, [u8]>>;

pub(crate) struct Console {
    house: House,
    pub(crate) router: Router,
}

impl Deref for Console {
    type Target = House;

    fn deref(&self) -> &House {
        &self.house
    }
}

impl Console {
    /// Without any administrator.
    pub(crate) async fn fresh() -> Arc<Self> {
        Self::configured(config(), |_| None).await
    }

    /// With `count` users who are online, `bob` the first of them.
    pub(crate) async fn of(count: usize) -> Arc<Self> {
        Self::with(config(), count).await
    }

    /// The same, configured in this way.
    pub(crate) async fn with(config: Config, count: usize) -> Arc<Self> {
        let console = Self::configured(config, |_| None).await;
        console.people(count).await;
        console
    }

    /// With the browser's part.
    pub(crate) async fn with_files(files: Files) -> Arc<Self> {
        let console = Self::configured(config(), files).await;
        console.people(1).await;
        console
    }

    async fn configured(config: Config, files: Files) -> Arc<Self> {
        let console = config.console.clone();
        let house = House::on(directory(), config).await;
        let router = router(ConsoleParts {
            admin: house.admin.clone(),
            live: house.live.clone(),
            health: Health::new(
                house.live.nodes.clone(),
                house.directory.path().to_owned(),
                house.clock.clone(),
                Stop::default(),
            ),
            files,
            figures: None,
            config: &console,
        });
        Arc::new(Self { house, router })
    }

    async fn people(&self, count: usize) {
        let accounts = [
            ("ada", "administrator"),
            ("olga", "operator"),
            ("vera", "viewer"),
        ];
        for (generation, (name, role)) in (1..).zip(accounts) {
            self.add_admin(name, role, generation).await;
        }
        let users: Vec<_> = (0..count).map(person).collect();
        let import = ImportUsers {
            users: users.clone(),
            dry_run: false,
        };
        self.admin.call(&root(), import).await.unwrap();
        let sign_ons = users.iter().enumerate().map(|(number, user)| {
            let client = CLIENTS[number % CLIENTS.len()];
            self.sign_on_at(&user.alias, address(number), client)
        });
        join_all(sign_ons).await;
        for user in &users {
            self.set_state(&user.alias, State::Online);
        }
    }

    /// Makes a console account without the cost of a real password hash: a hash says itself what
    /// it cost.
    pub(crate) async fn add_admin(&self, name: &str, role: &str, generation: i64) {
        let cheap = Params::new(8, 1, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap);
        let salt = SaltString::encode_b64(&[1; 16]).unwrap();
        let hash = argon2.hash_password(PASSWORD.as_bytes(), &salt).unwrap();
        let row = AdminRow {
            name: name.to_owned(),
            role: role.to_owned(),
            password_hash: hash.to_string(),
            generation,
            enabled: true,
            created_ms: self.clock.wall_ms(),
            signed_in_ms: None,
            signed_in_from: None,
        };
        let mut change = self.store.begin().await.unwrap();
        change.add_admin(&row).await.unwrap();
        change.commit().await.unwrap();
    }

    pub(crate) async fn remove_admin(&self, name: &str) {
        let name = name.to_owned();
        let revision = None;
        let order = DeleteAccount { name, revision };
        self.admin.call(&root(), order).await.unwrap();
    }

    /// Makes another console account, in place of one of this name.
    pub(crate) async fn replace_admin(&self, name: &str, role: &str) {
        self.remove_admin(name).await;
        self.add_admin(name, role, 1000).await;
    }

    /// Changes the state of a user who is online, as their client does.
    pub(crate) fn set_state(&self, name: &str, state: State) {
        let change = StateChange {
            value: state,
            default: None,
            timeout: Some(1200),
            leased: true,
            view_id: None,
        };
        let (alias, now) = (alias(name), self.clock.now_ms());
        // Nobody waits for the disk: there may be no time in which to.
        drop(
            self.nodes()
                .set_state(&alias, change, LOOPBACK, now)
                .unwrap(),
        );
    }

    /// Ends the sign-ons of a user.
    pub(crate) fn sign_off(&self, name: &str) {
        let (alias, nodes) = (alias(name), self.nodes());
        drop(nodes.end_sessions(&alias, &nodes.sessions(&alias)).unwrap());
    }

    /// Those who are online, by alias.
    pub(crate) fn online(&self) -> Vec<String> {
        let mut online: Vec<_> = self.nodes().signed_on_aliases();
        online.sort_unstable();
        online.iter().map(ToString::to_string).collect()
    }

    /// Somebody who is online besides bob.
    pub(crate) fn another(&self) -> String {
        self.online().into_iter().find(|it| it != "bob").unwrap()
    }
}

fn person(number: usize) -> NewUser {
    if number == 0 {
        return NewUser {
            display_name: "Bob".to_owned(),
            ..user("bob")
        };
    }
    let alias = format!("anna.berg{number}");
    NewUser {
        display_name: format!("Anna Berg the {number}th"),
        email: format!("{alias}@example.com"),
        ..user(&alias)
    }
}

/// Where a client listens: nobody does there, on this machine.
fn address(number: usize) -> SocketAddr {
    let last = u8::try_from(number % 200 + 11).unwrap();
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)), 9)
}
