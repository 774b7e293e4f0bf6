//! Wrong passwords in a row, for one name from one address: five within 15 minutes close it for
//! 30 seconds, each further one for twice as long, up to 15 minutes.

const FREE: u32 = 4;
const WINDOW_MS: i64 = 15 * 60 * 1000;
const FIRST_MS: i64 = 30 * 1000;
const LONGEST_MS: i64 = 15 * 60 * 1000;

/// The failures since the last right password.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failures {
    count: u32,
    since: i64,
    last: i64,
    /// Unix ms; not locked where it is past.
    locked_until: i64,
}

impl Failures {
    pub(super) const NONE: Self = Self {
        count: 0,
        since: 0,
        last: 0,
        locked_until: i64::MIN,
    };

    /// How many there were lately.
    pub(super) fn count(&self, now: i64) -> u32 {
        if self.forgotten(now) { 0 } else { self.count }
    }

    /// Milliseconds for which it is still closed.
    pub(super) fn locked(&self, now: i64) -> Option<i64> {
        let left = self.locked_until.saturating_sub(now);
        // A clock set back must not lock anybody for hours.
        (1..=LONGEST_MS).contains(&left).then_some(left)
    }

    /// How many attempts may be looked at now: as many as are free, and after a lock one.
    pub(super) fn allowance(&self, now: i64) -> u32 {
        if self.locked(now).is_some() {
            return 0;
        }
        (FREE + 1).saturating_sub(self.count(now)).max(1)
    }

    /// Counts a wrong password. One that was already under way when this was closed does not
    /// prolong the lock.
    pub(super) fn failed(&mut self, now: i64) {
        if self.locked(now).is_some() {
            return;
        }
        if self.forgotten(now) {
            *self = Self {
                since: now,
                ..Self::NONE
            };
        }
        self.count += 1;
        self.last = now;
        if let Some(doublings) = self.count.checked_sub(FREE + 1) {
            let lock = FIRST_MS
                .saturating_mul(1 << doublings.min(16))
                .min(LONGEST_MS);
            self.locked_until = now + lock;
        }
    }

    fn forgotten(&self, now: i64) -> bool {
        let quiet_since = self.last.max(self.locked_until);
        let first_window_over = self.count <= FREE && now - self.since > WINDOW_MS;
        first_window_over || now - quiet_since > WINDOW_MS || now < self.since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000_000_000;

    fn after(times: u32) -> Failures {
        let mut failures = Failures::NONE;
        for _ in 0..times {
            failures.failed(NOW);
        }
        failures
    }

    #[test]
    fn the_fifth_failure_locks_for_thirty_seconds_to_the_millisecond() {
        assert_eq!(after(4).locked(NOW), None);
        let fifth = after(5);
        assert_eq!(fifth.locked(NOW), Some(30_000));
        assert_eq!(fifth.locked(NOW + 29_999), Some(1));
        assert_eq!(fifth.locked(NOW + 30_000), None);
    }

    #[test]
    fn each_further_failure_doubles_up_to_fifteen_minutes() {
        let mut failures = after(4);
        let mut now = NOW;
        for seconds in [30, 60, 120, 240, 480, 900, 900] {
            failures.failed(now);
            assert_eq!(failures.locked(now), Some(seconds * 1000));
            now += seconds * 1000;
        }
    }

    #[test]
    fn failures_during_a_lock_do_not_prolong_it() {
        assert_eq!(after(50).locked(NOW), Some(30_000));
    }

    #[test]
    fn failures_spread_over_more_than_the_window_do_not_lock() {
        let mut failures = Failures::NONE;
        for n in 0..20 {
            let now = NOW + n * 5 * 60 * 1000;
            failures.failed(now);
            assert_eq!(failures.locked(now), None);
        }
    }

    #[test]
    fn quiet_forgets() {
        let mut failures = after(5);
        let later = NOW + FIRST_MS + WINDOW_MS + 1;
        failures.failed(later);
        assert_eq!(failures.locked(later), None);
        assert_eq!(failures.count(later), 1);
    }

    #[test]
    fn a_clock_set_back_does_not_lock_for_hours() {
        let failures = after(5);
        assert_eq!(failures.locked(NOW - 3_600_000), None);
        assert_eq!(failures.allowance(NOW - 3_600_000), 5);
    }

    #[test]
    fn so_many_are_looked_at_at_once_and_after_a_lock_one() {
        assert_eq!(Failures::NONE.allowance(NOW), 5);
        assert_eq!(after(3).allowance(NOW), 2);
        assert_eq!(after(5).allowance(NOW), 0);
        assert_eq!(after(5).allowance(NOW + 30_000), 1);
    }
}
