//! Places: connections to call-backs and other servers that may be open at once, and whose turn
//! it is to open the next.
//!
//! A call-back that answers needs a place for milliseconds, one that does not for as long as we
//! are patient. So there are places of their own for those that answered the last time, for those
//! that were never tried, and for those that failed: none waits behind a worse one. Who waits takes
//! turns by party (the subscriber, or the other server), however many call-backs each of them has,
//! and no party and no address has more than its share at once. Messages go before presence.
//!
//! Who turns out to be slow makes room: after a moment it gives its place back for one of those that
//! are kept for the overdue, or is let go of. Among the overdue, who has many makes room for who
//! has few.

mod line;
mod overdue;
mod table;

use super::standing::Class;
use parking_lot::{Mutex, MutexGuard};
use rvp::Alias;
use std::net::IpAddr;
use std::sync::Arc;
use table::Table;
use tokio::sync::oneshot;

/// Connections to call-backs and to other servers, for what is told to users, that are wanted at
/// once: so many file handles are needed beside those of the listeners.
pub const CONNECTIONS: usize = 768;

/// Who is told: shares are by party.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Party {
    /// A user of this server, wherever they are signed on.
    User(Alias),
    /// Another domain, for all of its users.
    Peer(Arc<str>),
}

/// What a connection is wanted for. The greater goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    Presence,
    Message,
}

/// A place that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) party: Party,
    /// The machine that is connected; `None`: that of another domain, which is a party already.
    pub(super) address: Option<IpAddr>,
    pub(super) class: Class,
    pub(super) urgency: Urgency,
}

/// Called with the place when it is there, outside of all locks of this room.
type OnGrant = Box<dyn FnOnce(Place) + Send>;

/// What became of an [`Ask`].
#[derive(Debug)]
pub(super) enum Asked {
    Now(Place),
    Later(Ticket),
}

/// Somebody's place in the line.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) class: Class,
    pub(super) urgency: Urgency,
    party: Party,
    number: u64,
}

/// All places. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Mutex<Table>>);

/// The right to have one connection open. Given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    held: Held,
}

/// What a place counts for.
#[derive(Clone, Debug)]
struct Held {
    party: Party,
    address: Option<IpAddr>,
    urgency: Urgency,
    kind: Kind,
}

/// Which of the places one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Of(Class),
    /// The same, whose holder is overdue, but spared.
    Spared(Class),
    /// One of those for the overdue, by its number.
    Overdue(u64),
}

/// Whether somebody who takes long may go on.
#[derive(Debug)]
pub(super) enum GoesOn {
    Yes,
    /// Until told to make room.
    Until(oneshot::Receiver<()>),
    No,
}

impl Places {
    /// So many places in all.
    pub(super) fn new(connections: usize) -> Self {
        Self(Arc::new(Mutex::new(Table::new(connections))))
    }

    /// Asks for a place. Calls nothing back before it returns.
    pub(super) fn ask(&self, ask: Ask, on_grant: impl FnOnce(Place) + Send + 'static) -> Asked {
        let mut table = self.0.lock();
        match table.admit(&ask) {
            Some(held) => Asked::Now(Place {
                places: self.clone(),
                held,
            }),
            None => Asked::Later(table.wait(ask, Box::new(on_grant))),
        }
    }

    /// Takes somebody out of the line; says whether they were still in it. If not, their place is
    /// on its way to them.
    pub(super) fn cancel(&self, ticket: &Ticket) -> bool {
        let left = self.0.lock().leave(ticket);
        // What it held on to is let go of outside of the lock.
        left.is_some()
    }

    /// Waits for a place.
    pub(super) async fn wait(&self, ask: Ask) -> Option<Place> {
        struct InLine<'a>(&'a Places, Ticket);
        impl Drop for InLine<'_> {
            fn drop(&mut self) {
                self.0.cancel(&self.1);
            }
        }
        let (there, place) = oneshot::channel();
        let asked = self.ask(ask, |place| {
            // Who has given up gives the place back by dropping it.
            let _ = there.send(place);
        });
        match asked {
            Asked::Now(place) => Some(place),
            Asked::Later(ticket) => {
                let _in_line = InLine(self, ticket);
                place.await.ok()
            }
        }
    }

    /// Gives what is free to who waits. One at a time does it: what it calls back may give a place
    /// back at once, and must not come here again from there.
    fn grant<'a>(&'a self, mut table: MutexGuard<'a, Table>) {
        if table.granting {
            return;
        }
        table.granting = true;
        loop {
            let granted = table.grant();
            if granted.is_empty() {
                table.granting = false;
                return;
            }
            drop(table);
            for (held, on_grant) in granted {
                on_grant(Place {
                    places: self.clone(),
                    held,
                });
            }
            table = self.0.lock();
        }
    }
}

impl Place {
    /// Whoever has this place takes long: whether they may go on, with this place or with one of
    /// those for the overdue.
    pub(super) fn overdue(&mut self) -> GoesOn {
        let mut table = self.places.0.lock();
        let goes_on = table.overdue(&mut self.held);
        self.places.grant(table);
        goes_on
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.places.0.lock();
        table.give_back(&self.held);
        self.places.grant(table);
    }
}

#[cfg(test)]
mod tests;
