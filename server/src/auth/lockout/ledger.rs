//! What is known of names and addresses, and what follows from it. No clock, no waiting.
//!
//! Names of accounts and made-up names lie apart, so that making names up drives out nothing that
//! is known of an account. Each place is bounded; what was not used for longest makes room.

use super::failures::Failures;
use super::pacing::{Pacing, Rule};
use super::{LockedOut, Name};
use hashlink::LruCache;
use std::net::IpAddr;
use std::sync::Arc;

/// Pairs of an account and an address that are remembered, and accounts, and addresses.
const PAIRS: usize = 32_768;
/// The same of made-up names.
const STRANGERS: usize = 8192;
/// How long an address stays known to an account that proved its password there.
const PROVED_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Whoever would have to wait longer is refused.
const LONGEST_WAIT_MS: i64 = 4000;

/// How the attempts of a listener are paced.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub(super) name: Rule,
    pub(super) pair: Rule,
    pub(super) address: Rule,
}

impl Rules {
    /// Of one name from anywhere: 20, then one a second, and at last one a minute.
    const NAME: Rule = Rule {
        free: 20,
        drain_ms: 60_000,
        most: 120,
        first_ms: 1000,
        doubles_every: 10,
        longest_ms: 60_000,
    };

    /// Of one name from an address that it is known at, where right passwords come between the
    /// wrong ones: 20, then six a minute.
    const PAIR: Rule = Rule {
        free: 20,
        drain_ms: 10_000,
        most: 60,
        first_ms: 1000,
        doubles_every: 10,
        longest_ms: 16_000,
    };

    /// For clients. Behind one address there may be a school, with some passwords that are out of
    /// date and tried again every half a minute.
    pub const CLIENTS: Self = Self {
        name: Self::NAME,
        pair: Self::PAIR,
        address: Rule {
            free: 100,
            drain_ms: 1000,
            most: 200,
            first_ms: 100,
            doubles_every: 25,
            longest_ms: 1000,
        },
    };

    /// For the console: behind a proxy that it does not trust everybody is one address, so an
    /// address is slowed down and never closed.
    pub const CONSOLE: Self = Self {
        name: Self::NAME,
        pair: Self::PAIR,
        address: Rule {
            free: 20,
            drain_ms: 10_000,
            most: 60,
            first_ms: 1000,
            doubles_every: 10,
            longest_ms: 4000,
        },
    };
}

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

#[derive(Clone, Copy, Debug)]
struct Pair {
    failures: Failures,
    /// Counts those of an address that is known: they are not the name's.
    pacing: Pacing,
    pending: u32,
    /// When the password was last proved from here.
    proved: Option<i64>,
}

impl Pair {
    const NEW: Self = Self {
        failures: Failures::NONE,
        pacing: Pacing::NONE,
        pending: 0,
        proved: None,
    };

    fn known(&self, now: i64) -> bool {
        self.proved.is_some_and(|at| now - at < PROVED_MS)
    }
}

struct Book {
    names: LruCache<Arc<str>, Pacing>,
    pairs: LruCache<(Arc<str>, IpAddr), Pair>,
}

impl Book {
    fn new(most: usize) -> Self {
        Self {
            names: LruCache::new(most),
            pairs: LruCache::new(most),
        }
    }

    fn pair(&mut self, name: &Name, from: IpAddr) -> &mut Pair {
        // An entry may bring one more than there is room for; the next one drops it.
        if self.pairs.len() >= self.pairs.capacity() {
            self.pairs.remove_lru();
        }
        let key = (name.text.clone(), from);
        self.pairs.entry(key).or_insert(Pair::NEW)
    }
}

/// Something that is closed or slowed down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The name; none: an address, whatever the name.
    pub name: Option<Arc<str>>,
    /// There is an account of that name.
    pub account: bool,
    /// The address; none: from anywhere.
    pub address: Option<IpAddr>,
    /// Failures that are not forgotten.
    pub failures: u32,
    /// Milliseconds until the next attempt is looked at; 0 where they are slowed down only.
    pub left_ms: i64,
}

pub(super) struct Ledger {
    rules: Rules,
    accounts: Book,
    strangers: Book,
    addresses: LruCache<IpAddr, Pacing>,
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

    /// All that is closed or slowed down.
    pub(super) fn held(&self, now: i64) -> Vec<Held> {
        let rules = &self.rules;
        let held = |level: i64, left_ms| Held {
            name: None,
            account: false,
            address: None,
            failures: u32::try_from(level).unwrap_or_default(),
            left_ms,
        };
        let mut all = Vec::new();
        for (book, account) in [(&self.accounts, true), (&self.strangers, false)] {
            for ((name, address), pair) in &book.pairs {
                let left_ms = pair.failures.locked(now).unwrap_or_default();
                let slowed = pair.pacing.slowed(&rules.pair, now);
                if left_ms == 0 && !slowed {
                    continue;
                }
                let level = i64::from(pair.failures.count(now));
                let level = level.max(pair.pacing.level(&rules.pair, now));
                all.push(Held {
                    name: Some(name.clone()),
                    account,
                    address: Some(*address),
                    ..held(level, left_ms.max(pair.pacing.wait(&rules.pair, now)))
                });
            }
            for (name, pacing) in &book.names {
                if pacing.slowed(&rules.name, now) {
                    let level = pacing.level(&rules.name, now);
                    all.push(Held {
                        name: Some(name.clone()),
                        account,
                        ..held(level, pacing.wait(&rules.name, now))
                    });
                }
            }
        }
        for (address, pacing) in &self.addresses {
            if pacing.slowed(&rules.address, now) {
                let level = pacing.level(&rules.address, now);
                all.push(Held {
                    address: Some(*address),
                    ..held(level, pacing.wait(&rules.address, now))
                });
            }
        }
        all.sort_by(|a, b| (&a.name, a.address).cmp(&(&b.name, b.address)));
        all
    }

    /// Counts the entries with failures of these names, or of an address, and forgets those
    /// failures if it is told to. What is being looked at stays counted, and addresses stay known.
    pub(super) fn visit(
        &mut self,
        names: &[String],
        address: Option<IpAddr>,
        now: i64,
        forget: bool,
    ) -> u32 {
        let rules = self.rules;
        let mut found = 0;
        for book in [&mut self.accounts, &mut self.strangers] {
            for ((name, from), pair) in &mut book.pairs {
                if address != Some(*from) && !names.iter().any(|it| **it == **name) {
                    continue;
                }
                let level = pair.pacing.level(&rules.pair, now);
                found += u32::from(pair.failures.count(now) > 0 || level > i64::from(pair.pending));
                if forget {
                    (pair.failures, pair.pacing) = (Failures::NONE, Pacing::NONE);
                }
            }
            for name in names {
                found += u32::from(book.names.peek(name.as_str()).is_some());
                if forget {
                    book.names.remove(name.as_str());
                }
            }
        }
        if let Some(address) = address {
            found += u32::from(self.addresses.peek(&address).is_some());
            if forget {
                self.addresses.remove(&address);
            }
        }
        found
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
