//! What is known of names and addresses, and what follows from it. No clock, no waiting.
//!
//! Names of accounts and made-up names lie apart, so that making names up drives out nothing that
//! is known of an account. Each place is bounded; what was not used for longest makes room.

use super::book::Book;
use super::failures::Failures;
use super::pacing::Pacing;
use super::rules::Rules;
use super::{LockedOut, Name};
use hashlink::LruCache;
use std::net::IpAddr;

/// Pairs of an account and an address that are remembered, and accounts, and addresses.
const PAIRS: usize = 32_768;
/// The same of made-up names.
const STRANGERS: usize = 8192;
/// Whoever would have to wait longer is refused.
const LONGEST_WAIT_MS: i64 = 4000;

/// What an attempt is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is counted, and may be looked at in so many milliseconds. `known`: its address is.
    Go { after_ms: i64, known: bool },
    /// As many as are allowed are being looked at: ask again when one is done.
    Busy,
    /// Not now.
    Closed(LockedOut),
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The password was right.
    Right,
    /// It was wrong.
    Wrong,
    /// It said nothing about the password.
    NoGuess,
}

pub(super) struct Ledger {
    pub(super) rules: Rules,
    pub(super) accounts: Book,
    pub(super) strangers: Book,
    pub(super) addresses: LruCache<IpAddr, Pacing>,
}

impl Ledger {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            accounts: Book::new(PAIRS),
            strangers: Book::new(STRANGERS),
            addresses: LruCache::new(PAIRS),
        }
    }

    fn book(&mut self, name: &Name) -> &mut Book {
        if name.account {
            &mut self.accounts
        } else {
            &mut self.strangers
        }
    }

    /// Whether an attempt may be looked at. If so it is counted, as if it were wrong, until
    /// [`Self::done`] says what it was: so as many as come at once are not more than come one
    /// after the other. `proved` says whether the address is known for another reason.
    pub(super) fn ask(
        &mut self,
        name: &Name,
        from: IpAddr,
        now: i64,
        proved: impl FnOnce() -> bool,
    ) -> Verdict {
        let rules = self.rules;
        let pair = *self.book(name).pair(name, from);
        if let Some(left) = pair.failures.locked(now) {
            return Verdict::Closed(LockedOut::of(left));
        }
        if pair.pending >= pair.failures.allowance(now) {
            return Verdict::Busy;
        }
        let named = self.book(name).names.get(&name.text).copied();
        let address = self.addresses.get(&from).copied();
        let (named, address) = (named.unwrap_or_default(), address.unwrap_or_default());
        let slowed = named.slowed(&rules.name, now) || address.slowed(&rules.address, now);
        let known = pair.known(now) || (slowed && name.account && proved());
        let wait = if known {
            pair.pacing.wait(&rules.pair, now)
        } else {
            named
                .wait(&rules.name, now)
                .max(address.wait(&rules.address, now))
        };
        if wait > LONGEST_WAIT_MS {
            return Verdict::Closed(LockedOut::of(wait));
        }
        if !known {
            self.name_pacing(name).take(&rules.name, now);
            self.address_pacing(from).take(&rules.address, now);
        }
        let pair = self.book(name).pair(name, from);
        pair.pending += 1;
        if known {
            pair.pacing.take(&rules.pair, now);
        }
        Verdict::Go {
            after_ms: wait,
            known,
        }
    }

    /// Whether an attempt that waited for its turn may still be looked at.
    pub(super) fn still_open(
        &mut self,
        name: &Name,
        from: IpAddr,
        now: i64,
    ) -> Result<(), LockedOut> {
        match self.book(name).pair(name, from).failures.locked(now) {
            Some(left) => Err(LockedOut::of(left)),
            None => Ok(()),
        }
    }

    /// What came of an attempt that [`Self::ask`] let go, and whether it was `known` then.
    pub(super) fn done(
        &mut self,
        name: &Name,
        from: IpAddr,
        known: bool,
        outcome: Outcome,
        now: i64,
    ) {
        let rules = self.rules;
        let wrong = outcome == Outcome::Wrong;
        let pair = self.book(name).pair(name, from);
        pair.pending = pair.pending.saturating_sub(1);
        if known && !wrong {
            pair.pacing.give_back(&rules.pair);
        }
        match outcome {
            Outcome::Wrong => pair.failures.failed(now),
            Outcome::Right => {
                pair.failures = Failures::NONE;
                pair.proved = Some(now);
            }
            Outcome::NoGuess => {}
        }
        let says_nothing = pair.pending == 0
            && pair.failures.count(now) == 0
            && pair.proved.is_none()
            && pair.pacing.level(&rules.pair, now) == 0;
        if says_nothing {
            let key = (name.text.clone(), from);
            self.book(name).pairs.remove(&key);
        }
        if known || wrong {
            return;
        }
        let named = self.name_pacing(name);
        named.give_back(&rules.name);
        if named.level(&rules.name, now) == 0 {
            self.book(name).names.remove(&name.text);
        }
        let address = self.address_pacing(from);
        address.give_back(&rules.address);
        if address.level(&rules.address, now) == 0 {
            self.addresses.remove(&from);
        }
    }

    fn name_pacing(&mut self, name: &Name) -> &mut Pacing {
        let names = &mut self.book(name).names;
        if names.len() >= names.capacity() {
            names.remove_lru();
        }
        names.entry(name.text.clone()).or_insert(Pacing::NONE)
    }

    fn address_pacing(&mut self, from: IpAddr) -> &mut Pacing {
        if self.addresses.len() >= self.addresses.capacity() {
            self.addresses.remove_lru();
        }
        self.addresses.entry(from).or_insert(Pacing::NONE)
    }

    /// How many entries there are, for the metrics.
    pub(super) fn len(&self) -> usize {
        let books = [&self.accounts, &self.strangers];
        let books = books.iter().map(|book| book.names.len() + book.pairs.len());
        self.addresses.len() + books.sum::<usize>()
    }
}

#[cfg(test)]
mod tests;
