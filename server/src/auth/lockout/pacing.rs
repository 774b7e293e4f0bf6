//! How far apart attempts have to be: not at all while few fail, and further with each failure.
//!
//! The failures drain with time, so that a classroom with one forgotten password is never slowed
//! down. One number stands for them: the time at which none will be left.

/// How failures turn into distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// So many failures cost nothing.
    pub(super) free: i64,
    /// After so many milliseconds one failure is forgotten.
    pub(super) drain_ms: i64,
    /// More than so many are not counted, so that an attack is forgotten in its time.
    pub(super) most: i64,
    /// The first distance.
    pub(super) first_ms: i64,
    /// It doubles with so many failures more,
    pub(super) doubles_every: i64,
    /// up to this.
    pub(super) longest_ms: i64,
}

/// The failures of one name or one address.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pacing {
    empty_at: i64,
    next: i64,
}

impl Pacing {
    pub(super) const NONE: Self = Self {
        empty_at: 0,
        next: 0,
    };

    /// How many failures are not yet forgotten.
    pub(super) fn level(&self, rule: &Rule, now: i64) -> i64 {
        let left = (self.empty_at - now).clamp(0, rule.most * rule.drain_ms);
        (left + rule.drain_ms - 1) / rule.drain_ms
    }

    /// Milliseconds until the next attempt may be looked at.
    pub(super) fn wait(&self, rule: &Rule, now: i64) -> i64 {
        if self.level(rule, now) < rule.free {
            return 0;
        }
        // Of a clock that was set back only what this rule can have set.
        (self.next - now).clamp(0, 16 * rule.longest_ms)
    }

    /// Counts an attempt before it is looked at; [`Self::give_back`] takes that back.
    pub(super) fn take(&mut self, rule: &Rule, now: i64) {
        let level = self.level(rule, now);
        if level >= rule.free {
            self.next = now + self.wait(rule, now) + distance(rule, level);
        }
        let full = now + rule.most * rule.drain_ms;
        self.empty_at = (self.empty_at.max(now) + rule.drain_ms).min(full);
    }

    /// The attempt was none that counts.
    pub(super) fn give_back(&mut self, rule: &Rule) {
        self.empty_at -= rule.drain_ms;
    }

    /// Whether attempts are slowed down.
    pub(super) fn slowed(&self, rule: &Rule, now: i64) -> bool {
        self.level(rule, now) >= rule.free
    }
}

fn distance(rule: &Rule, level: i64) -> i64 {
    let doublings = ((level - rule.free) / rule.doubles_every).min(30);
    (rule.first_ms << doublings).min(rule.longest_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000_000_000;
    const RULE: Rule = Rule {
        free: 3,
        drain_ms: 10_000,
        most: 10,
        first_ms: 1000,
        doubles_every: 2,
        longest_ms: 4000,
    };

    fn after(times: u32) -> Pacing {
        let mut pacing = Pacing::default();
        for _ in 0..times {
            pacing.take(&RULE, NOW);
        }
        pacing
    }

    #[test]
    fn the_distance_grows_to_its_bound() {
        let mut pacing = after(3);
        let mut now = NOW;
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = pacing.wait(&RULE, now);
            waits.push(wait);
            now += wait;
            pacing.take(&RULE, now);
        }
        assert_eq!(waits[..2], [0, 1000]);
        assert!(waits.is_sorted(), "{waits:?}");
        assert_eq!(waits[7], 4000, "{waits:?}");
    }

    #[test]
    fn what_was_given_back_never_was() {
        let mut pacing = after(3);
        pacing.give_back(&RULE);
        assert!(!pacing.slowed(&RULE, NOW));
        assert_eq!(pacing.wait(&RULE, NOW), 0);
    }

    #[test]
    fn failures_drain_whatever_their_number() {
        let pacing = after(1000);
        assert_eq!(pacing.level(&RULE, NOW), 10);
        assert_eq!(pacing.level(&RULE, NOW + 75_000), 3);
        assert!(!pacing.slowed(&RULE, NOW + 85_000));
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_waiting_for_long() {
        let pacing = after(5);
        assert!(pacing.wait(&RULE, NOW - 3_600_000) <= 16 * 4000);
    }
}
