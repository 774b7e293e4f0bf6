//! Who waits for a place: parties take turns, and each has its own line.

use super::{OnGrant, Party};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::net::IpAddr;

pub(super) struct Waiter {
    pub(super) number: u64,
    pub(super) address: Option<IpAddr>,
    pub(super) on_grant: OnGrant,
}

#[derive(Debug, Default)]
pub(super) struct Line {
    /// Parties with somebody in the line, whose turn it is first.
    turns: VecDeque<Party>,
    waiting: HashMap<Party, VecDeque<Waiter>>,
}

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    pub(super) fn add(&mut self, party: Party, waiter: Waiter) {
        let line = self.waiting.entry(party.clone()).or_default();
        if line.is_empty() {
            self.turns.push_back(party);
        }
        line.push_back(waiter);
    }

    /// Takes the first who may go, of the party whose turn it is.
    pub(super) fn take(
        &mut self,
        may_go: impl Fn(&Party) -> bool,
        has_room: impl Fn(Option<IpAddr>) -> bool,
    ) -> Option<(Party, Waiter)> {
        for _ in 0..self.turns.len() {
            let party = self.turns.pop_front()?;
            if !may_go(&party) {
                self.turns.push_back(party);
                continue;
            }
            let line = self.waiting.get_mut(&party)?;
            let first = line.iter().position(|it| has_room(it.address));
            let taken = first.and_then(|first| line.remove(first));
            if line.is_empty() {
                self.waiting.remove(&party);
            } else {
                self.turns.push_back(party.clone());
            }
            if let Some(taken) = taken {
                self.shrink();
                return Some((party, taken));
            }
        }
        None
    }

    pub(super) fn remove(&mut self, party: &Party, number: u64) -> Option<Waiter> {
        let line = self.waiting.get_mut(party)?;
        let place = line.iter().position(|it| it.number == number)?;
        let left = line.remove(place);
        if line.is_empty() {
            self.waiting.remove(party);
            self.turns.retain(|it| it != party);
        }
        left
    }

    /// What a crowd needed is not kept for ever.
    fn shrink(&mut self) {
        if self.turns.is_empty() && self.turns.capacity() > 1024 {
            self.turns = VecDeque::new();
            self.waiting = HashMap::new();
        }
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiter({})", self.number)
    }
}
