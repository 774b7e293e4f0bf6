//! Which places are held by whom, and which of those who wait may have one.

use super::line::{Line, Waiter};
use super::overdue::Overdue;
use super::{Ask, Class, GoesOn, Held, Kind, OnGrant, Party, Ticket, Urgency};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

/// Messages in a row before presence that waits has its turn.
const MESSAGES_IN_A_ROW: u32 = 8;

/// Overdue messages of one party that may keep their places for want of others.
const SPARED: usize = 4;

/// Shares of another domain's server, as it stands for many users, are so many times as large.
const PEER: usize = 2;

/// How many may be held: in all, for presence, by one party, at one address.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    all: usize,
    presence: usize,
    party: usize,
    address: usize,
}

/// How many are held.
#[derive(Debug, Default)]
struct Counts {
    all: usize,
    presence: usize,
    parties: HashMap<Party, usize>,
    addresses: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Pool {
    bounds: Bounds,
    held: Counts,
    messages: Line,
    presence: Line,
    /// Messages that went in a row while presence waited.
    in_a_row: u32,
    /// Places whose holders are overdue.
    spared: usize,
    /// A place was given back since places were last given out.
    freed: bool,
}

#[derive(Debug)]
pub(super) struct Table {
    pools: [Pool; 3],
    overdue: Overdue,
    next: u64,
    /// Somebody is giving places out.
    pub(super) granting: bool,
}

impl Counts {
    fn fits(
        &self,
        bounds: &Bounds,
        party: &Party,
        address: Option<IpAddr>,
        urgency: Urgency,
    ) -> bool {
        self.has_any(bounds, urgency)
            && self.has_share(bounds, party)
            && self.has_room_at(bounds, address)
    }

    fn has_any(&self, bounds: &Bounds, urgency: Urgency) -> bool {
        self.all < bounds.all && (urgency == Urgency::Message || self.presence < bounds.presence)
    }

    fn has_share(&self, bounds: &Bounds, party: &Party) -> bool {
        let share = match party {
            Party::User(_) => bounds.party,
            Party::Peer(_) => bounds.party * PEER,
        };
        self.of(party) < share
    }

    fn has_room_at(&self, bounds: &Bounds, address: Option<IpAddr>) -> bool {
        let at = |address| self.addresses.get(&address).copied().unwrap_or(0);
        address.is_none_or(|address| at(address) < bounds.address)
    }

    fn of(&self, party: &Party) -> usize {
        self.parties.get(party).copied().unwrap_or(0)
    }

    fn add(&mut self, held: &Held) {
        self.all += 1;
        self.presence += usize::from(held.urgency == Urgency::Presence);
        *self.parties.entry(held.party.clone()).or_default() += 1;
        if let Some(address) = held.address {
            *self.addresses.entry(address).or_default() += 1;
        }
    }

    fn remove(&mut self, held: &Held) {
        self.all -= 1;
        self.presence -= usize::from(held.urgency == Urgency::Presence);
        one_less(&mut self.parties, &held.party);
        if let Some(address) = held.address {
            one_less(&mut self.addresses, &address);
        }
    }
}

fn one_less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl Pool {
    fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            held: Counts::default(),
            messages: Line::default(),
            presence: Line::default(),
            in_a_row: 0,
            spared: 0,
            freed: false,
        }
    }

    fn line(&mut self, urgency: Urgency) -> &mut Line {
        match urgency {
            Urgency::Message => &mut self.messages,
            Urgency::Presence => &mut self.presence,
        }
    }

    fn give_back(&mut self, held: &Held) {
        self.held.remove(held);
        self.freed = true;
    }

    /// The next who may have a place.
    fn next(&mut self) -> Option<(Party, Urgency, Waiter)> {
        let presence_first = self.in_a_row >= MESSAGES_IN_A_ROW;
        let order = if presence_first {
            [Urgency::Presence, Urgency::Message]
        } else {
            [Urgency::Message, Urgency::Presence]
        };
        for urgency in order {
            let (held, bounds) = (&self.held, &self.bounds);
            if !held.has_any(bounds, urgency) {
                continue;
            }
            let may_go = |party: &Party| held.has_share(bounds, party);
            let has_room = |address| held.has_room_at(bounds, address);
            let line = match urgency {
                Urgency::Message => &mut self.messages,
                Urgency::Presence => &mut self.presence,
            };
            if let Some((party, waiter)) = line.take(may_go, has_room) {
                self.in_a_row = match urgency {
                    Urgency::Message if !self.presence.is_empty() => self.in_a_row + 1,
                    Urgency::Message | Urgency::Presence => 0,
                };
                return Some((party, urgency, waiter));
            }
        }
        None
    }
}

impl Table {
    pub(super) fn new(connections: usize) -> Self {
        // Sixths: two for those that answer, one each for unknown and failing ones, two for the
        // overdue.
        let part = (connections / 6).max(1);
        let bounds = |all: usize, presence: usize, party: usize, address: usize| Bounds {
            all,
            presence: presence.max(1),
            party: party.max(1),
            address: address.max(1),
        };
        let proven = bounds(2 * part, 2 * part - part / 4, part / 4, usize::MAX);
        let fresh = bounds(part, part - part / 8, part / 8, part - part / 4);
        let suspect = bounds(part, part - part / 4, part / 16, part - part / 4);
        Self {
            pools: [proven, fresh, suspect].map(Pool::new),
            overdue: Overdue::new(2 * part, part, (part / 8).max(1)),
            next: 0,
            granting: false,
        }
    }

    fn pool(&mut self, class: Class) -> &mut Pool {
        &mut self.pools[match class {
            Class::Proven => 0,
            Class::Fresh => 1,
            Class::Suspect => 2,
        }]
    }

    /// A place at once. Whoever waits while there is one may not have it.
    pub(super) fn admit(&mut self, ask: &Ask) -> Option<Held> {
        let pool = self.pool(ask.class);
        let fits = pool
            .held
            .fits(&pool.bounds, &ask.party, ask.address, ask.urgency);
        fits.then(|| {
            let held = Held {
                party: ask.party.clone(),
                address: ask.address,
                urgency: ask.urgency,
                kind: Kind::Of(ask.class),
            };
            pool.held.add(&held);
            held
        })
    }

    pub(super) fn wait(&mut self, ask: Ask, on_grant: OnGrant) -> Ticket {
        self.next += 1;
        let number = self.next;
        let waiter = Waiter {
            number,
            address: ask.address,
            on_grant,
        };
        let Ask {
            party,
            class,
            urgency,
            ..
        } = ask;
        self.pool(class).line(urgency).add(party.clone(), waiter);
        Ticket {
            class,
            urgency,
            party,
            number,
        }
    }

    pub(super) fn leave(&mut self, ticket: &Ticket) -> Option<Waiter> {
        self.pool(ticket.class)
            .line(ticket.urgency)
            .remove(&ticket.party, ticket.number)
    }

    /// Gives places to all who may have one now.
    pub(super) fn grant(&mut self) -> Vec<(Held, OnGrant)> {
        let mut granted = Vec::new();
        for class in [Class::Proven, Class::Fresh, Class::Suspect] {
            let pool = self.pool(class);
            if !std::mem::take(&mut pool.freed) {
                continue;
            }
            while let Some((party, urgency, waiter)) = pool.next() {
                let held = Held {
                    party,
                    address: waiter.address,
                    urgency,
                    kind: Kind::Of(class),
                };
                pool.held.add(&held);
                granted.push((held, waiter.on_grant));
            }
        }
        granted
    }

    /// Moves a place to those for the overdue, or spares it; says whether who has it may go on.
    pub(super) fn overdue(&mut self, held: &mut Held) -> GoesOn {
        let class = match held.kind {
            Kind::Of(class @ (Class::Proven | Class::Fresh)) => class,
            // Those places are for who takes long.
            Kind::Of(Class::Suspect) | Kind::Spared(_) | Kind::Overdue(_) => return GoesOn::Yes,
        };
        if let Some((number, leave)) = self.overdue.admit(held) {
            self.pool(class).give_back(held);
            held.kind = Kind::Overdue(number);
            return GoesOn::Until(leave);
        }
        // One slow client of somebody who has no others is not who fills the house.
        let pool = self.pool(class);
        let spare = held.urgency == Urgency::Message
            && pool.held.of(&held.party) <= SPARED
            && pool.spared < pool.bounds.all / 2;
        if !spare {
            return GoesOn::No;
        }
        pool.spared += 1;
        held.kind = Kind::Spared(class);
        GoesOn::Yes
    }

    pub(super) fn give_back(&mut self, held: &Held) {
        match held.kind {
            Kind::Of(class) => self.pool(class).give_back(held),
            Kind::Spared(class) => {
                let pool = self.pool(class);
                pool.spared -= 1;
                pool.give_back(held);
            }
            Kind::Overdue(number) => self.overdue.end(&held.party, number),
        }
    }

    #[cfg(test)]
    pub(super) fn overdue_count(&self) -> usize {
        self.overdue.len()
    }

    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.pools.iter().map(|pool| pool.held.all).sum::<usize>() + self.overdue.len()
    }
}
