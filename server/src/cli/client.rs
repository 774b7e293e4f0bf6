//! The command line's end of the one door: the server that runs on the data directory, or one at the
//! other end of the network; without a server the same operations on the database itself.

use super::DataArgs;
use super::network::Network;
use super::request::{answer_of, request_of};
use crate::admin::Admin;
use crate::admin_socket::{ControlError, ask, follow};
use crate::clock::{Clock, Random};
use crate::config::{Config, Overrides};
use crate::data_dir::{DataDirectory, DirectoryError, Purpose};
use crate::opening::{self, Opened, OpeningError};
use anyhow::{Context as _, anyhow, bail};
use api::{Actor, Door, Operation, Role};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// How long a server that starts or ends is waited for, and how often it is tried.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(200);

/// Whoever carries operations out.
pub(super) struct Client {
    place: Place,
    /// How long an answer is waited for.
    within: Duration,
}

enum Place {
    /// The server that runs on this directory, if one does.
    Directory(Box<Config>, PathBuf),
    /// A server at the other end of the network.
    Network(Network),
    /// The database, while no server runs.
    Database(Box<Database>),
}

struct Database {
    admin: Admin,
    actor: Actor,
    _held: DataDirectory,
}

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

    /// Whoever carries operations out.
    pub(super) fn client(self) -> anyhow::Result<Client> {
        let network = self.network.open()?;
        let config = self.config()?;
        let within = config.control.timeout();
        let place = match network {
            Some(network) => Place::Network(network),
            None => {
                let directory = config.data_dir();
                Place::Directory(Box::new(config), directory)
            }
        };
        Ok(Client { place, within })
    }

    /// Carries one operation out.
    pub(super) async fn call<O: Operation>(self, operation: O) -> anyhow::Result<O::Output> {
        let mut client = self.client()?;
        let output = client.call(operation).await;
        client.close().await;
        output
    }

    /// Carries out an operation that only a server that runs can.
    pub(super) async fn call_live<O: Operation>(self, operation: O) -> anyhow::Result<O::Output> {
        let done = self.client()?.call_live(&operation).await?;
        Ok(done.ok_or(ControlError::NotRunning)?)
    }
}

impl Client {
    /// Carries an operation out.
    pub(super) async fn call<O: Operation>(&mut self, operation: O) -> anyhow::Result<O::Output> {
        if !matches!(self.place, Place::Database(_)) {
            if let Some(answer) = self.ask(request_of(&operation)?).await? {
                return answer_of::<O>(&answer);
            }
            if let Some(answer) = self.open(request_of(&operation)?).await? {
                return answer_of::<O>(&answer);
            }
        }
        let Place::Database(database) = &self.place else {
            bail!(ControlError::NotRunning)
        };
        let door: &dyn Door = &database.admin;
        Ok(door.call(&database.actor, operation).await?)
    }

    /// Carries out an operation that only a server can; none: no server runs.
    pub(super) async fn call_live<O: Operation>(
        &self,
        operation: &O,
    ) -> anyhow::Result<Option<O::Output>> {
        let answer = self.ask(request_of(operation)?).await?;
        answer.as_ref().map(answer_of::<O>).transpose()
    }

    /// All rows of a list: `part` asks for what comes after, and gives the rows and where to go on.
    pub(super) async fn all<O: Operation, R>(
        &mut self,
        ask: impl Fn(api::Part) -> O,
        rows: impl Fn(O::Output) -> (Vec<R>, Option<String>),
    ) -> anyhow::Result<Vec<R>> {
        let mut all = Vec::new();
        let mut part = api::Part::after("");
        loop {
            let (more, next) = rows(self.call(ask(part)).await?);
            all.extend(more);
            let Some(next) = next else { return Ok(all) };
            part = api::Part::after(next);
        }
    }

    /// As [`Client::all`], of a list that only a server has; none: no server runs.
    pub(super) async fn all_live<O: Operation, R>(
        &self,
        ask: impl Fn(api::Part) -> O,
        rows: impl Fn(O::Output) -> (Vec<R>, Option<String>),
    ) -> anyhow::Result<Option<Vec<R>>> {
        let mut all = Vec::new();
        let mut part = api::Part::after("");
        loop {
            let Some(page) = self.call_live(&ask(part)).await? else {
                return Ok(None);
            };
            let (more, next) = rows(page);
            all.extend(more);
            let Some(next) = next else {
                return Ok(Some(all));
            };
            part = api::Part::after(next);
        }
    }

    /// Follows an answer that goes on; none: no server runs.
    pub(super) async fn follow(
        &self,
        request: Request<Full<Bytes>>,
    ) -> anyhow::Result<Option<Response<Incoming>>> {
        match &self.place {
            Place::Network(network) => network.follow(request, self.within).await.map(Some),
            Place::Directory(_, directory) => match follow(directory, request, self.within).await {
                Err(ControlError::NotRunning) => Ok(None),
                answer => Ok(Some(answer?)),
            },
            Place::Database(_) => Ok(None),
        }
    }

    /// Asks the server; none: no server runs.
    async fn ask(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Option<Response<Bytes>>> {
        match &self.place {
            Place::Network(network) => network.ask(request, self.within).await.map(Some),
            Place::Directory(_, directory) => match ask(directory, request, self.within).await {
                Err(ControlError::NotRunning) => Ok(None),
                answer => Ok(Some(answer?)),
            },
            Place::Database(_) => Ok(None),
        }
    }

    /// Opens the database, as no server runs. One that starts or ends meanwhile is waited for, and
    /// asked if it does.
    async fn open(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> anyhow::Result<Option<Response<Bytes>>> {
        let until = Instant::now() + PATIENCE;
        let (clock, random) = (Clock::system(), Random::system());
        let opened = loop {
            let Place::Directory(config, _) = &self.place else {
                return Ok(None);
            };
            match opening::open(config, Purpose::Command, &clock, random).await {
                // It has only just started, and does not listen yet; or it ends.
                Err(OpeningError::Directory(DirectoryError::Held { .. }))
                    if Instant::now() < until =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                opened => break opened?,
            }
            if let Some(answer) = self.ask(request.clone()).await? {
                return Ok(Some(answer));
            }
        };
        let Opened {
            directory,
            store,
            key,
            realm,
        } = opened;
        let actor = Actor {
            name: std::env::var("USER").unwrap_or_else(|_| "?".to_owned()),
            role: Role::Administrator,
            from: "command line".to_owned(),
            only: None,
        };
        self.place = Place::Database(Box::new(Database {
            admin: Admin::new(store, key, realm, clock, random, None),
            actor,
            _held: directory,
        }));
        Ok(None)
    }

    /// Closes the database, if it was opened.
    pub(super) async fn close(self) {
        if let Place::Database(database) = self.place {
            database.admin.store.close().await;
        }
    }
}

/// Reads a password: the first line of standard input.
pub(super) fn password_from_stdin() -> anyhow::Result<String> {
    let [password] = passwords_from_stdin()?;
    Ok(password)
}

/// Reads passwords: the first lines of standard input.
pub(super) fn passwords_from_stdin<const N: usize>() -> anyhow::Result<[String; N]> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .context("standard input cannot be read")?;
    let lines = text.lines().take_while(|line| !line.is_empty());
    let passwords: Vec<_> = lines.take(N).map(str::to_owned).collect();
    passwords.try_into().map_err(|_| match N {
        1 => anyhow!("standard input holds no password; write it there as one line"),
        _ => anyhow!("standard input holds fewer than {N} passwords; write each as one line"),
    })
}
