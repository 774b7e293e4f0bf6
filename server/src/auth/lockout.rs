//! Slows down who guesses passwords: five failures within 15 minutes close a
//! key for 30 seconds, each further failure for twice as long, up to 15 minutes.
//!
//! Put the address into the key as well as the name: with the name alone a
//! stranger could lock a user out. Memory is bounded whatever names come.

use std::collections::HashMap;

use parking_lot::Mutex;

const FREE_FAILURES: u32 = 4;
const WINDOW_MS: i64 = 15 * 60 * 1000;
const FIRST_MS: i64 = 30 * 1000;
const LONGEST_MS: i64 = 15 * 60 * 1000;
const KEYS: usize = 10_000;
const LONGEST_KEY: usize = 200;

/// A key is closed for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many failed sign-ons: try again in {seconds} seconds")]
pub struct LockedOut {
    /// How long it stays closed, rounded up; for `Retry-After`.
    pub seconds: u32,
}

/// Failed sign-ons by key.
#[derive(Debug, Default)]
pub struct Lockout {
    failures: Mutex<HashMap<Box<str>, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    since: i64,
    last: i64,
    /// Unix ms; not locked where it is past.
    locked_until: i64,
}

impl Failures {
    fn locked(&self, now_ms: i64) -> bool {
        // A clock set back must not lock a key for hours.
        now_ms < self.locked_until && self.locked_until - now_ms <= LONGEST_MS
    }

    fn forgotten(&self, now_ms: i64) -> bool {
        let quiet_since = self.last.max(self.locked_until);
        let first_window_over = self.count <= FREE_FAILURES && now_ms - self.since > WINDOW_MS;
        first_window_over || now_ms - quiet_since > WINDOW_MS
    }
}

impl Lockout {
    /// Nobody is locked out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether this key may try; ask before a password is looked at.
    ///
    /// # Errors
    /// [`LockedOut`] with the time to wait.
    pub fn check(&self, key: &str, now_ms: i64) -> Result<(), LockedOut> {
        let failures = self.failures.lock();
        match failures.get(&*folded(key)) {
            Some(entry) if entry.locked(now_ms) => Err(LockedOut {
                seconds: u32::try_from((entry.locked_until - now_ms + 999) / 1000)
                    .expect("at most 15 minutes"),
            }),
            _ => Ok(()),
        }
    }

    /// Counts a wrong password. One that was already under way when the key was
    /// closed does not prolong the lock.
    pub fn failed(&self, key: &str, now_ms: i64) {
        let mut failures = self.failures.lock();
        let key = folded(key);
        if failures.len() >= KEYS && !failures.contains_key(&key) {
            make_room(&mut failures, now_ms);
        }
        let fresh = Failures {
            count: 0,
            since: now_ms,
            last: now_ms,
            locked_until: i64::MIN,
        };
        let entry = failures.entry(key).or_insert(fresh);
        if entry.locked(now_ms) {
            return;
        }
        if entry.forgotten(now_ms) {
            *entry = fresh;
        }
        entry.count += 1;
        entry.last = now_ms;
        if let Some(doublings) = entry.count.checked_sub(FREE_FAILURES + 1) {
            let lock = FIRST_MS
                .saturating_mul(1 << doublings.min(16))
                .min(LONGEST_MS);
            entry.locked_until = now_ms + lock;
        }
    }

    /// Forgets the failures of a key that knew its password.
    pub fn succeeded(&self, key: &str) {
        self.failures.lock().remove(&*folded(key));
    }

    /// How many keys are remembered, for the metrics.
    pub fn len(&self) -> usize {
        self.failures.lock().len()
    }

    /// Whether no failure is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Letter case gives no second set of guesses, and a long name no more memory.
fn folded(key: &str) -> Box<str> {
    let end = key.floor_char_boundary(LONGEST_KEY);
    key[..end].to_lowercase().into()
}

/// Drops what is forgotten anyway; if that is not enough an eighth of the rest,
/// those that are not locked first, then the oldest.
fn make_room(failures: &mut HashMap<Box<str>, Failures>, now_ms: i64) {
    failures.retain(|_, entry| !entry.forgotten(now_ms));
    if failures.len() < KEYS {
        return;
    }
    let mut by_worth: Vec<_> = failures
        .iter()
        .map(|(key, entry)| (entry.locked(now_ms), entry.last, key.clone()))
        .collect();
    by_worth.sort_unstable();
    for (_, _, key) in by_worth.into_iter().take(KEYS / 8) {
        failures.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000_000_000;
    const KEY: &str = "alice 10.0.0.1";

    fn fail(lockout: &Lockout, times: usize, now_ms: i64) {
        for _ in 0..times {
            lockout.failed(KEY, now_ms);
        }
    }

    fn wait(lockout: &Lockout, now_ms: i64) -> u32 {
        lockout
            .check(KEY, now_ms)
            .map_or_else(|out| out.seconds, |()| 0)
    }

    #[test]
    fn the_fifth_failure_locks_for_thirty_seconds_to_the_millisecond() {
        let lockout = Lockout::new();
        fail(&lockout, 4, NOW);
        assert_eq!(wait(&lockout, NOW), 0);
        fail(&lockout, 1, NOW);
        assert_eq!(wait(&lockout, NOW), 30);
        assert_eq!(wait(&lockout, NOW + 29_999), 1);
        assert_eq!(wait(&lockout, NOW + 30_000), 0);
        assert_eq!(lockout.check("bob 10.0.0.1", NOW), Ok(()));
    }

    #[test]
    fn each_further_failure_doubles_up_to_fifteen_minutes() {
        let lockout = Lockout::new();
        fail(&lockout, 4, NOW);
        let mut now = NOW;
        for seconds in [30, 60, 120, 240, 480, 900, 900] {
            fail(&lockout, 1, now);
            assert_eq!(wait(&lockout, now), seconds);
            now += i64::from(seconds) * 1000;
        }
    }

    #[test]
    fn failures_during_a_lock_do_not_prolong_it() {
        let lockout = Lockout::new();
        fail(&lockout, 50, NOW);
        assert_eq!(wait(&lockout, NOW), 30);
    }

    #[test]
    fn failures_spread_over_more_than_the_window_do_not_lock() {
        let lockout = Lockout::new();
        for n in 0..20 {
            fail(&lockout, 1, NOW + n * 5 * 60 * 1000);
            assert_eq!(wait(&lockout, NOW + n * 5 * 60 * 1000), 0);
        }
    }

    #[test]
    fn success_and_quiet_both_forget() {
        let lockout = Lockout::new();
        fail(&lockout, 4, NOW);
        lockout.succeeded("ALICE 10.0.0.1");
        fail(&lockout, 4, NOW);
        assert_eq!(wait(&lockout, NOW), 0);
        fail(&lockout, 1, NOW);
        let later = NOW + FIRST_MS + WINDOW_MS + 1;
        fail(&lockout, 1, later);
        assert_eq!(wait(&lockout, later), 0);
    }

    #[test]
    fn letter_case_gives_no_second_set_of_guesses() {
        let lockout = Lockout::new();
        fail(&lockout, 4, NOW);
        lockout.failed("Alice 10.0.0.1", NOW);
        assert!(lockout.check("aLICE 10.0.0.1", NOW).is_err());
    }

    #[test]
    fn a_clock_set_back_does_not_lock_for_hours() {
        let lockout = Lockout::new();
        fail(&lockout, 5, NOW);
        assert_eq!(wait(&lockout, NOW - 3_600_000), 0);
    }

    #[test]
    fn a_flood_of_names_is_bounded_and_frees_no_locked_key() {
        let lockout = Lockout::new();
        fail(&lockout, 5, NOW);
        for n in 0..3 * KEYS {
            lockout.failed(&format!("{n}{}", "x".repeat(1000)), NOW + 1);
        }
        assert!(lockout.len() <= KEYS);
        assert!(wait(&lockout, NOW + 1) > 0);
    }
}
