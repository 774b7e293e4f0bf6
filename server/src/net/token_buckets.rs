//! How often each of many may ask: a token bucket a key, kept as one number.
//!
//! The number is the time at which the bucket will be full again. Whoever asks while it is
//! empty is given the time at which its request is due, so those who wait keep their order.

use crate::clock::UnixMs;
use crate::config::Rate;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// The longest wait, in microseconds. Twice this (address and user) and the time for a message's
/// delivery are still below the 30 s after which librvp gives up.
const LONGEST_WAIT: i64 = 4_000_000;

/// How many keys are remembered at the most.
const KEYS: usize = 65_536;

/// What to do with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Answer it.
    Now,
    /// Answer it after this time.
    Later(Duration),
    /// It would have to wait too long.
    Never,
}

/// The buckets.
#[derive(Debug)]
pub(crate) struct TokenBuckets<K> {
    /// Microseconds that a request costs; 0: no limit.
    cost: i64,
    /// Microseconds' worth of requests that may come at once.
    burst: i64,
    full_at: Mutex<HashMap<K, i64>>,
}

impl<K: Clone + Eq + Hash> TokenBuckets<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        let cost = match rate.per_second {
            0 => 0,
            rate => (1_000_000 / i64::from(rate)).max(1),
        };
        Self {
            cost,
            burst: cost * i64::from(rate.burst.max(1)),
            full_at: Mutex::default(),
        }
    }

    /// Whether it is the turn of this one.
    pub(crate) fn ask(&self, key: &K, now: UnixMs) -> Decision {
        if self.cost == 0 {
            return Decision::Now;
        }
        let now = now.saturating_mul(1000);
        let mut full_at = self.full_at.lock();
        let known = full_at.get_mut(key);
        let full = known.as_deref().copied().unwrap_or(now).max(now);
        // A clock set back must not keep anybody waiting.
        let full = if full - now > self.burst + LONGEST_WAIT {
            now
        } else {
            full
        };
        let after = full + self.cost;
        let wait = after - now - self.burst;
        if wait > LONGEST_WAIT {
            return Decision::Never;
        }
        if let Some(known) = known {
            *known = after;
        } else {
            if full_at.len() >= KEYS {
                make_room(&mut full_at, now);
            }
            full_at.insert(key.clone(), after);
        }
        match u64::try_from(wait) {
            Ok(wait) if wait > 0 => Decision::Later(Duration::from_micros(wait)),
            _ => Decision::Now,
        }
    }
}

/// Forgets full buckets, which say nothing; if that is not enough, the fullest eighth.
fn make_room<K: Clone + Eq + Hash>(full_at: &mut HashMap<K, i64>, now: i64) {
    full_at.retain(|_, full| *full > now);
    if full_at.len() < KEYS {
        return;
    }
    let mut times: Vec<_> = full_at.values().copied().collect();
    let (_, &mut bound, _) = times.select_nth_unstable(KEYS / 8);
    full_at.retain(|_, full| *full > bound);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = 1_000_000_000_000;

    fn buckets(per_second: u32, burst: u32) -> TokenBuckets<u32> {
        TokenBuckets::new(Rate { per_second, burst })
    }

    fn later(ms: u64) -> Decision {
        Decision::Later(Duration::from_millis(ms))
    }

    #[test]
    fn a_burst_is_free_and_what_follows_comes_at_the_rate() {
        let buckets = buckets(10, 3);
        for _ in 0..3 {
            assert_eq!(buckets.ask(&1, NOW), Decision::Now);
        }
        assert_eq!(buckets.ask(&1, NOW), later(100));
        assert_eq!(buckets.ask(&1, NOW), later(200));
        assert_eq!(
            buckets.ask(&2, NOW),
            Decision::Now,
            "another is not held up"
        );
        // Both that wait are due at 200 ms; the third from then on is at 300.
        assert_eq!(buckets.ask(&1, NOW + 200), later(100));
        assert_eq!(buckets.ask(&1, NOW + 1000), Decision::Now);
    }

    #[test]
    fn who_would_wait_too_long_is_not_put_in_the_line() {
        let buckets = buckets(10, 1);
        let waiting = (0..1000)
            .filter(|_| buckets.ask(&1, NOW) != Decision::Never)
            .count();
        assert_eq!(waiting, 41, "4 s at 10 a second, and the first");
        assert_eq!(buckets.ask(&1, NOW + 100), later(4000));
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit() {
        let buckets = buckets(0, 0);
        assert!((0..100_000).all(|_| buckets.ask(&1, NOW) == Decision::Now));
        assert!(buckets.full_at.lock().is_empty());
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_waiting() {
        let buckets = buckets(10, 1);
        assert_eq!(buckets.ask(&1, NOW), Decision::Now);
        assert_eq!(buckets.ask(&1, NOW - 3_600_000), Decision::Now);
    }

    #[test]
    fn a_flood_of_keys_is_bounded_and_frees_nobody_who_is_over_the_limit() {
        let buckets = buckets(1, 1);
        while buckets.ask(&0, NOW) != Decision::Never {}
        let many = 3 * u32::try_from(KEYS).unwrap();
        for key in 1..many {
            assert_eq!(buckets.ask(&key, NOW), Decision::Now);
        }
        assert!(buckets.full_at.lock().len() <= KEYS);
        assert_eq!(buckets.ask(&0, NOW), Decision::Never);
    }
}
