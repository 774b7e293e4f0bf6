//! Giving an order: to the server that runs on the data directory, or else to the database.

use super::DataArgs;
use crate::admin::Admin;
use crate::clock::{Clock, Random};
use crate::config::{Config, Overrides};
use crate::control::{ControlError, Order, Reply, send};
use crate::data_dir::{DirectoryError, Purpose};
use crate::opening::{self, Opened, OpeningError};
use anyhow::{Context as _, bail};
use std::io::Read as _;
use std::time::Duration;
use tokio::time::Instant;
use web::backend::Actor;
use web::model::Role;

/// How long a server that starts or ends is waited for, and how often it is tried.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(200);

impl DataArgs {
    pub(super) fn config(self) -> anyhow::Result<Config> {
        let overrides = Overrides {
            config: self.place.config,
            data_dir: self.place.data_dir,
            domain: self.place.domain,
            control_timeout_s: self.timeout,
            ..Overrides::default()
        };
        Ok(Config::load(overrides)?)
    }

    /// Gives an order to the server; without one, to the database.
    pub(super) async fn order(self, order: Order) -> anyhow::Result<Reply> {
        let config = self.config()?;
        let until = Instant::now() + PATIENCE;
        let (clock, random) = (Clock::system(), Random::system());
        let opened = loop {
            match send(&config.data_dir(), &order, config.control.timeout()).await {
                Err(ControlError::NotRunning) => {}
                Err(error) => return Err(error.into()),
                Ok(reply) => return Ok(reply?),
            }
            match opening::open(&config, Purpose::Command, &clock, random).await {
                // It has only just started, and does not listen yet; or it ends.
                Err(OpeningError::Directory(DirectoryError::Held { .. }))
                    if Instant::now() < until =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                opened => break opened?,
            }
        };
        let name = std::env::var("USER").unwrap_or_else(|_| "?".to_owned());
        let actor = Actor {
            name,
            role: Role::Administrator,
            from: "command line".to_owned(),
        };
        let Opened {
            directory: _held,
            store,
            key,
            realm,
        } = opened;
        let orders = Admin::new(store.clone(), key, realm, clock, random, None);
        let reply = orders.carry_out(&actor, order).await;
        store.close().await;
        Ok(reply?)
    }

    /// Gives an order that only a running server can carry out.
    pub(super) async fn order_live(self, order: Order) -> anyhow::Result<Reply> {
        let config = self.config()?;
        Ok(send(&config.data_dir(), &order, config.control.timeout()).await??)
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
