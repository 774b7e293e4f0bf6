//! What is remembered of names: bounded, what was not used for longest makes room.

use super::Name;
use super::failures::Failures;
use super::pacing::Pacing;
use hashlink::LruCache;
use std::net::IpAddr;
use std::sync::Arc;

/// How long an address stays known to an account that proved its password there.
const PROVED_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A name at an address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) failures: Failures,
    /// Counts those of an address that is known: they are not the name's.
    pub(super) pacing: Pacing,
    /// Attempts that are being looked at.
    pub(super) pending: u32,
    /// When the password was last proved from here.
    pub(super) proved: Option<i64>,
}

impl Pair {
    const NEW: Self = Self {
        failures: Failures::NONE,
        pacing: Pacing::NONE,
        pending: 0,
        proved: None,
    };

    /// Whether the password was proved from here, and not too long ago.
    pub(super) fn known(&self, now: i64) -> bool {
        self.proved.is_some_and(|at| now - at < PROVED_MS)
    }
}

/// Names, and where each was tried from.
pub(super) struct Book {
    pub(super) names: LruCache<Arc<str>, Pacing>,
    pub(super) pairs: LruCache<(Arc<str>, IpAddr), Pair>,
}

impl Book {
    /// One that remembers so many of each.
    pub(super) fn new(most: usize) -> Self {
        Self {
            names: LruCache::new(most),
            pairs: LruCache::new(most),
        }
    }

    /// A name at an address, from now on remembered.
    pub(super) fn pair(&mut self, name: &Name, from: IpAddr) -> &mut Pair {
        // An entry may bring one more than there is room for; the next one drops it.
        if self.pairs.len() >= self.pairs.capacity() {
            self.pairs.remove_lru();
        }
        let key = (name.text.clone(), from);
        self.pairs.entry(key).or_insert(Pair::NEW)
    }
}
