//! What everybody shares: who there is, what each says of itself, and whether it is quiet.

use std::fs;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tests::Failure;
use tests::people::{PASSWORD, user_at};
use tests::phases::Phases;
use tests::rvp_client::{CallBackListener, User};
use tests::server::Server;
use tokio::time::Instant;

/// Contacts of each client.
const CONTACTS: usize = 6;

/// What a client says of itself.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// It never came, or said good-bye.
    Away,
    /// It is there, in this state.
    There(&'static str),
    /// It went without a word; its lease ends then at the latest.
    Vanished {
        due: Instant,
        /// Has been looked at.
        checked: bool,
    },
}

/// One client, as others see it.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) user: User,
    pub(crate) call_back: CallBackListener,
    expected: Mutex<Expected>,
    /// Since when it knows what its contacts do; `None` while it is not there.
    knows: Mutex<Option<Instant>>,
    /// Messages to it that were acknowledged.
    promised: Mutex<Vec<String>>,
}

/// Everybody.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clients: Vec<Client>,
    pub(crate) counts: Counts,
    pub(crate) phases: Phases,
}

/// How often something was done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) sign_ons: AtomicU64,
    pub(crate) changes: AtomicU64,
    pub(crate) renewals: AtomicU64,
    pub(crate) delivered: AtomicU64,
    pub(crate) undelivered: AtomicU64,
    pub(crate) vanished: AtomicU64,
    pub(crate) returned: AtomicU64,
    pub(crate) log_offs: AtomicU64,
    pub(crate) refusals: AtomicU64,
}

impl World {
    /// Makes the accounts.
    pub(crate) fn open(server: &Server, count: usize) -> Result<Self, Failure> {
        let accounts: String = (0..count)
            .map(|place| format!("{}\t{PASSWORD}\n", alias(place)))
            .collect();
        let file = server.scratch().join("accounts.tsv");
        fs::write(&file, accounts).map_err(Failure::io("writing the accounts"))?;
        server.run(&["user", "import", &file.to_string_lossy()], "")?;
        let clients = (0..count)
            .map(|place| Client {
                user: user_at(server.rvp(), &alias(place)),
                call_back: CallBackListener::new(),
                expected: Mutex::new(Expected::Away),
                knows: Mutex::new(None),
                promised: Mutex::default(),
            })
            .collect();
        Ok(Self {
            clients,
            counts: Counts::default(),
            phases: Phases::new(count),
        })
    }

    /// The places of a client's contacts.
    pub(crate) fn contacts(&self, place: usize) -> impl Iterator<Item = usize> {
        let count = self.clients.len();
        (1..=CONTACTS).map(move |step| (place + step * step) % count)
    }
}

impl Client {
    pub(crate) fn expected(&self) -> MutexGuard<'_, Expected> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn knows(&self) -> MutexGuard<'_, Option<Instant>> {
        self.knows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn promised(&self) -> MutexGuard<'_, Vec<String>> {
        self.promised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn alias(place: usize) -> String {
    format!("user{place:03}")
}
