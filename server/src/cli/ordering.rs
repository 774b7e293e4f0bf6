//! Giving an order: to the server that runs on the data directory, or else to the database.

use super::DataArgs;
use crate::auth::Realm;
use crate::clock::{Clock, Random};
use crate::config::{Config, Overrides};
use crate::control::{ControlError, Order, Reply, send};
use crate::keys;
use crate::orders::Orders;
use crate::store::Store;
use anyhow::{Context as _, bail};
use std::io::Read as _;
use web::backend::Actor;
use web::model::Role;

impl DataArgs {
    pub(super) fn config(self) -> anyhow::Result<Config> {
        let overrides = Overrides {
            config: self.config,
            data_dir: self.data_dir,
            domain: self.domain,
            ..Overrides::default()
        };
        Ok(Config::load(overrides)?)
    }

    /// Gives an order to the server; without one, to the database.
    pub(super) async fn order(self, order: Order) -> anyhow::Result<Reply> {
        let config = self.config()?;
        match send(&config.data_dir(), &order).await {
            Err(ControlError::NotRunning) => {}
            Err(error) => return Err(error.into()),
            Ok(reply) => return Ok(reply?),
        }
        let (clock, random) = (Clock::system(), Random::system());
        let realm = Realm::new(&config.domain(), config.nt_domain.as_deref())?;
        let store = Store::open(&config.data_dir()).await?;
        let has_accounts = !store.users().await?.is_empty();
        let key = keys::load(&config.data_dir(), has_accounts, random)?;
        let name = std::env::var("USER").unwrap_or_else(|_| "?".to_owned());
        let actor = Actor {
            name,
            role: Role::Administrator,
            from: "command line".to_owned(),
        };
        let orders = Orders::new(store, key, realm, clock, random, None);
        Ok(orders.carry_out(&actor, order).await?)
    }

    /// Gives an order that only a running server can carry out.
    pub(super) async fn order_live(self, order: Order) -> anyhow::Result<Reply> {
        Ok(send(&self.config()?.data_dir(), &order).await??)
    }
}

/// Reads a password: the first line of standard input.
pub(super) fn password_from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("standard input cannot be read")?;
    let password = text.lines().next().unwrap_or_default().to_owned();
    if password.is_empty() {
        bail!("standard input holds no password; write it there as one line");
    }
    Ok(password)
}
