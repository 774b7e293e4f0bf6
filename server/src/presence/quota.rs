//! How many watches somebody has, on all nodes together: counted by what each holds on to.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::Arc;

/// The fewest subscribers at which those without a watch are looked for.
const SWEEP_AT: usize = 1024;

/// Part of a watch: while it lives, the watch counts.
#[derive(Clone, Debug)]
pub(super) struct Share {
    _of: Arc<()>,
}

impl Share {
    /// What this counts for, which from now on counts for nothing.
    pub(super) fn take(&mut self) -> Self {
        mem::replace(
            self,
            Self {
                _of: Arc::default(),
            },
        )
    }
}

/// Who has how many shares.
#[derive(Debug)]
pub(super) struct Quotas<K>(Mutex<Table<K>>);

#[derive(Debug)]
struct Table<K> {
    of: HashMap<K, Arc<()>>,
    sweep_at: usize,
}

impl<K> Default for Quotas<K> {
    fn default() -> Self {
        Self(Mutex::new(Table {
            of: HashMap::new(),
            sweep_at: SWEEP_AT,
        }))
    }
}

impl<K: Clone + Eq + Hash> Quotas<K> {
    /// One share more, unless there are as many as there may be.
    pub(super) fn take(&self, who: &K, most: u32) -> Option<Share> {
        let mut table = self.0.lock();
        if let Some(of) = table.of.get(who) {
            let taken = Arc::strong_count(of) - 1;
            return (taken < usize::try_from(most).unwrap_or(usize::MAX))
                .then(|| Share { _of: of.clone() });
        }
        if most == 0 {
            return None;
        }
        if table.of.len() >= table.sweep_at {
            table.of.retain(|_, of| Arc::strong_count(of) > 1);
            table.sweep_at = SWEEP_AT.max(2 * table.of.len());
        }
        let of = Arc::new(());
        table.of.insert(who.clone(), of.clone());
        Some(Share { _of: of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_counts_no_longer() {
        let quotas = Quotas::default();
        let first = quotas.take(&"alice", 2).unwrap();
        let second = quotas.take(&"alice", 2).unwrap();
        assert!(quotas.take(&"alice", 2).is_none());
        assert!(quotas.take(&"bob", 2).is_some());
        drop(first);
        let third = quotas.take(&"alice", 2);
        assert!(third.is_some());
        drop((second, third));
        assert!(quotas.take(&"alice", 1).is_some());
    }

    #[test]
    fn who_watches_nobody_is_forgotten() {
        let quotas = Quotas::default();
        for who in 0..10 * SWEEP_AT {
            quotas.take(&who, 1).unwrap();
        }
        assert!(quotas.0.lock().of.len() <= SWEEP_AT);
    }
}
