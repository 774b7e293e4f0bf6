//! Nonces that cost nothing until they are used: a time stamp and random bytes
//! under a MAC. Only a nonce that a right response used is remembered, until it
//! expires, with the counts it was used with.
//!
//! Must never forget a used nonce that is still acceptable: whatever is dropped
//! moves the floor below which every unknown nonce is stale.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use md5::Md5;
use parking_lot::Mutex;

use super::DigestRefusal;

/// How long a nonce is good: 5 minutes.
pub(super) const NONCE_LIFE_MS: i64 = 5 * 60 * 1000;

/// A clock that was set back may have issued nonces this far ahead of now.
const AHEAD_MS: i64 = 60 * 1000;

/// How many used nonces are remembered (about 6 MB). Past it the oldest are
/// dropped and nonces live shorter.
const REMEMBERED: usize = 100_000;

/// How many counts below the highest seen are told apart.
const WINDOW: u32 = 64;

type Id = (i64, [u8; 8]);

/// Issues nonces, and accepts each nonce and count once.
pub struct Nonces {
    mac: Hmac<Md5>,
    used: Mutex<Used>,
    remembered: usize,
}

struct Used {
    by_age: BTreeMap<Id, Counts>,
    /// Issue time up to which nonces have been forgotten, Unix ms.
    floor: i64,
}

impl Nonces {
    /// Nonces under a key of this run, 32 random bytes. Nonces of another run
    /// are foreign: what that run had seen used is not known.
    pub fn new(key: [u8; 32]) -> Self {
        Self::remembering(key, REMEMBERED)
    }

    fn remembering(key: [u8; 32], remembered: usize) -> Self {
        Self {
            // HMAC over MD5 stands although MD5 collides (RFC 6151 2.3).
            mac: Hmac::new_from_slice(&key).expect("HMAC takes a key of any length"),
            used: Mutex::new(Used {
                by_age: BTreeMap::new(),
                floor: i64::MIN,
            }),
            remembered,
        }
    }

    /// A new nonce: 43 characters of `A–Z a–z 0–9 - _`.
    pub fn issue(&self, random: [u8; 8], now_ms: i64) -> String {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&now_ms.to_be_bytes());
        bytes[8..16].copy_from_slice(&random);
        let mac = self.mac.clone().chain_update(&bytes[..16]).finalize();
        bytes[16..].copy_from_slice(&mac.into_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Uses a nonce with a count, or for its one time without. Call it only
    /// once the response has proven right, so that nobody without a password
    /// can fill the memory or use up another's nonce.
    ///
    /// # Errors
    /// [`DigestRefusal::ForeignNonce`], [`DigestRefusal::Stale`] or
    /// [`DigestRefusal::Replayed`].
    pub fn spend(&self, nonce: &str, nc: Option<u32>, now_ms: i64) -> Result<(), DigestRefusal> {
        let id = self.open(nonce).ok_or(DigestRefusal::ForeignNonce)?;
        let oldest = now_ms.saturating_sub(NONCE_LIFE_MS);
        if id.0 < oldest || id.0 > now_ms.saturating_add(AHEAD_MS) {
            return Err(DigestRefusal::Stale);
        }
        let mut used = self.used.lock();
        used.forget_before(oldest);
        if let Some(counts) = used.by_age.get_mut(&id) {
            return counts.accept(nc);
        }
        if id.0 <= used.floor {
            return Err(DigestRefusal::Stale);
        }
        used.by_age.insert(id, Counts::first(nc));
        if used.by_age.len() > self.remembered {
            used.forget_oldest();
        }
        Ok(())
    }

    /// How many used nonces are remembered now.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.used.lock().by_age.len()
    }

    fn open(&self, nonce: &str) -> Option<Id> {
        // 43 characters are 32 bytes; more is not decoded.
        let bytes: [u8; 32] = (nonce.len() == 43)
            .then(|| URL_SAFE_NO_PAD.decode(nonce).ok())
            .flatten()?
            .try_into()
            .ok()?;
        let (body, mac) = bytes.split_at(16);
        self.mac.clone().chain_update(body).verify_slice(mac).ok()?;
        let (issued, random) = body.split_at(8);
        Some((
            i64::from_be_bytes(issued.try_into().ok()?),
            random.try_into().ok()?,
        ))
    }
}

impl Used {
    fn forget_before(&mut self, oldest: i64) {
        while self
            .by_age
            .first_key_value()
            .is_some_and(|(id, _)| id.0 < oldest)
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((id, _)) = self.by_age.pop_first() {
            self.floor = self.floor.max(id.0);
        }
    }
}

/// Which counts of a nonce were used.
struct Counts {
    highest: u32,
    /// Bit n: `highest - n` was used.
    seen: u64,
    /// Used without a count: good for nothing more.
    spent: bool,
}

impl Counts {
    fn first(nc: Option<u32>) -> Self {
        Self {
            highest: nc.unwrap_or(0),
            seen: 1,
            spent: nc.is_none(),
        }
    }

    /// Counts may come out of order: clients send on several connections at once.
    fn accept(&mut self, nc: Option<u32>) -> Result<(), DigestRefusal> {
        let Some(nc) = nc.filter(|_| !self.spent) else {
            return Err(DigestRefusal::Replayed);
        };
        if let Some(ahead) = nc.checked_sub(self.highest).filter(|ahead| *ahead > 0) {
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = nc;
            return Ok(());
        }
        let behind = self.highest - nc;
        if behind >= WINDOW {
            return Err(DigestRefusal::Stale);
        }
        if self.seen >> behind & 1 == 1 {
            return Err(DigestRefusal::Replayed);
        }
        self.seen |= 1 << behind;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DigestRefusal::{ForeignNonce, Replayed, Stale};
    use proptest::prelude::*;
    use std::collections::HashSet;

    const NOW: i64 = 1_000_000_000_000;

    fn nonces() -> Nonces {
        Nonces::new([3; 32])
    }

    #[test]
    fn a_nonce_is_safe_inside_a_challenge() {
        let nonce = nonces().issue([255; 8], NOW);
        assert_eq!(nonce.len(), 43);
        assert!(
            nonce
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
    }

    #[test]
    fn counts_come_in_any_order_but_once() {
        let nonces = nonces();
        let nonce = nonces.issue([1; 8], NOW);
        for nc in [1, 5, 3, 2, 70] {
            assert_eq!(nonces.spend(&nonce, Some(nc), NOW), Ok(()), "{nc}");
            assert_eq!(nonces.spend(&nonce, Some(nc), NOW), Err(Replayed), "{nc}");
        }
        assert_eq!(nonces.spend(&nonce, Some(3), NOW), Err(Stale));
        assert_eq!(nonces.spend(&nonce, Some(u32::MAX), NOW), Ok(()));
        assert_eq!(nonces.spend(&nonce, Some(u32::MAX), NOW), Err(Replayed));
    }

    #[test]
    fn without_a_count_a_nonce_is_good_once() {
        let nonces = nonces();
        let nonce = nonces.issue([1; 8], NOW);
        assert_eq!(nonces.spend(&nonce, None, NOW), Ok(()));
        assert_eq!(nonces.spend(&nonce, None, NOW), Err(Replayed));
        assert_eq!(nonces.spend(&nonce, Some(2), NOW), Err(Replayed));
        let counted = nonces.issue([2; 8], NOW);
        assert_eq!(nonces.spend(&counted, Some(1), NOW), Ok(()));
        assert_eq!(nonces.spend(&counted, None, NOW), Err(Replayed));
    }

    #[test]
    fn an_old_nonce_is_stale_and_its_memory_is_freed() {
        let nonces = nonces();
        let nonce = nonces.issue([1; 8], NOW);
        let last = NOW + NONCE_LIFE_MS;
        assert_eq!(nonces.spend(&nonce, Some(1), last), Ok(()));
        assert_eq!(nonces.spend(&nonce, Some(2), last + 1), Err(Stale));
        let later = nonces.issue([2; 8], last + 1);
        assert_eq!(nonces.spend(&later, Some(1), last + 1), Ok(()));
        assert_eq!(nonces.remembered(), 1);
    }

    #[test]
    fn a_clock_set_back_revives_no_used_nonce() {
        let nonces = nonces();
        let nonce = nonces.issue([1; 8], NOW);
        nonces.spend(&nonce, Some(1), NOW).unwrap();
        let later = NOW + NONCE_LIFE_MS + 1;
        let next = nonces.issue([2; 8], later);
        nonces.spend(&next, Some(1), later).unwrap();
        assert_eq!(nonces.spend(&nonce, Some(1), NOW), Err(Stale));
        assert_eq!(nonces.spend(&next, Some(2), NOW), Err(Stale));
    }

    #[test]
    fn foreign_nonces_are_told_from_old_ones() {
        let ours = nonces();
        let theirs = Nonces::new([4; 32]).issue([1; 8], NOW);
        assert_eq!(ours.spend(&theirs, Some(1), NOW), Err(ForeignNonce));
        for bad in ["", "x", "é", &"A".repeat(43), &"A".repeat(5000)] {
            assert_eq!(ours.spend(bad, Some(1), NOW), Err(ForeignNonce));
        }
        assert_eq!(ours.remembered(), 0);
    }

    #[test]
    fn memory_is_bounded_and_what_is_dropped_is_never_accepted_again() {
        let nonces = Nonces::remembering([3; 32], 10);
        let issued: Vec<_> = (0..100).map(|n| nonces.issue([1; 8], NOW + n)).collect();
        for nonce in &issued {
            assert_eq!(nonces.spend(nonce, Some(1), NOW + 100), Ok(()));
            assert!(nonces.remembered() <= 10);
        }
        for nonce in &issued {
            assert!(nonces.spend(nonce, Some(1), NOW + 100).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_count_is_ever_accepted_twice(counts in prop::collection::vec(0_u32..200, 0..300)) {
            let nonces = nonces();
            let nonce = nonces.issue([1; 8], NOW);
            let mut accepted = HashSet::new();
            for nc in counts {
                let answer = nonces.spend(&nonce, Some(nc), NOW);
                if accepted.contains(&nc) {
                    prop_assert!(answer.is_err());
                } else if answer.is_ok() {
                    accepted.insert(nc);
                } else {
                    let highest = accepted.iter().max().copied().unwrap_or(0);
                    prop_assert!(highest - nc >= WINDOW, "{nc} of {highest} refused");
                }
            }
        }
    }
}
