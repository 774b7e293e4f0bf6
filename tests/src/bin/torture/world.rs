//! What everybody shares: who there is, what each knows of itself, and whether it is quiet.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::Output;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tests::Failure;
use tests::people::{PASSWORD, user_at};
use tests::phases::Phases;
use tests::rvp_client::{CallBackListener, User};
use tests::server::{self, Server};

use crate::known::{Known, Outcome};

/// Contacts of each client.
const CONTACTS: usize = 6;

/// What a client knows of itself. Its own thread changes it, and others look while it is quiet.
#[derive(Debug)]
pub(crate) struct Model {
    /// Its state, as others who may see it do.
    pub(crate) state: Known<&'static str>,
    /// By place: whom it has blocked.
    pub(crate) blocks: BTreeMap<usize, Known<bool>>,
    /// The places of the contacts that it watches; `None`: it is not there.
    pub(crate) watches: Option<BTreeSet<usize>>,
}

/// One client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) user: User,
    pub(crate) call_back: CallBackListener,
    model: Mutex<Model>,
    promised: Mutex<Vec<String>>,
}

impl Client {
    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        lock(&self.model)
    }

    /// Messages to it that were acknowledged.
    pub(crate) fn promised(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.promised)
    }
}

/// How often something was done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) done: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) unknown: AtomicU64,
    pub(crate) delivered: AtomicU64,
    pub(crate) orders: AtomicU64,
}

impl Counts {
    pub(crate) fn count(&self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Done => &self.done,
            Outcome::Refused => &self.refused,
            Outcome::Unknown => &self.unknown,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clients: Vec<Client>,
    /// Somebody who only looks.
    pub(crate) witness: User,
    pub(crate) counts: Counts,
    pub(crate) phases: Phases,
    data_dir: PathBuf,
    faults: Mutex<Vec<String>>,
}

/// The group that all administrators change.
pub(crate) const CROWD: &str = "crowd";

impl World {
    /// Makes the accounts; `actors` threads will take part.
    pub(crate) fn new(server: &Server, clients: usize, actors: usize) -> Result<Self, Failure> {
        let accounts: String = (0..clients)
            .map(|place| format!("{}\t{PASSWORD}\n", alias(place)))
            .chain([format!("witness\t{PASSWORD}\n")])
            .collect();
        let file = server.scratch().join("accounts.tsv");
        fs::write(&file, accounts).map_err(Failure::io("writing the accounts"))?;
        server.run(&["user", "import", &file.to_string_lossy()], "")?;
        server.run(&["group", "add", CROWD], "")?;
        let clients = (0..clients)
            .map(|place| Client {
                user: user_at(server.rvp(), &alias(place)),
                call_back: CallBackListener::new(),
                model: Mutex::new(Model {
                    state: Known::new("offline"),
                    blocks: BTreeMap::new(),
                    watches: None,
                }),
                promised: Mutex::default(),
            })
            .collect();
        Ok(Self {
            clients,
            witness: user_at(server.rvp(), "witness"),
            counts: Counts::default(),
            data_dir: server.data_dir(),
            faults: Mutex::default(),
            phases: Phases::new(actors),
        })
    }

    /// Runs a command of the program on the server's data directory.
    pub(crate) fn command(&self, arguments: &[&str], input: &str) -> Result<Output, Failure> {
        server::command(&self.data_dir, arguments, input)
    }

    /// Runs a command that changes something, and says how it ended.
    pub(crate) fn order(&self, arguments: &[&str], input: &str) -> Result<Outcome, Failure> {
        let output = self.command(arguments, input)?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        let outcome = match output.status.code() {
            Some(0) => Outcome::Done,
            // The words with which the command line says that it cannot know.
            Some(1)
                if ["broke off", "may have been carried out"]
                    .iter()
                    .any(|it| complaint.contains(it)) =>
            {
                Outcome::Unknown
            }
            Some(1) => Outcome::Refused,
            _ => {
                self.fault(format!(
                    "{arguments:?} ended with {}: {complaint}",
                    output.status
                ));
                Outcome::Unknown
            }
        };
        self.counts.orders.fetch_add(1, Ordering::Relaxed);
        self.counts.count(outcome);
        Ok(outcome)
    }

    /// Something is not as it must be.
    pub(crate) fn fault(&self, what: String) {
        println!("FAULT {what}");
        lock(&self.faults).push(what);
    }

    pub(crate) fn faults(&self) -> usize {
        lock(&self.faults).len()
    }

    /// The places of a client's contacts.
    pub(crate) fn contacts(&self, place: usize) -> impl Iterator<Item = usize> + use<> {
        let count = self.clients.len();
        (1..=CONTACTS).map(move |step| (place + step) % count)
    }
}

pub(crate) fn alias(place: usize) -> String {
    format!("user{place:03}")
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
