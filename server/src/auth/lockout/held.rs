//! Who is held up, and letting in again.

use super::failures::Failures;
use super::ledger::Ledger;
use super::pacing::Pacing;
use std::net::IpAddr;
use std::sync::Arc;

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

impl Ledger {
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
}
