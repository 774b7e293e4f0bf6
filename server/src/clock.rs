//! Time and randomness, injected. Nothing else in the server asks the system for either.

use data_encoding::HEXLOWER;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since 1970-01-01 UTC.
pub type UnixMs = i64;

/// The least by which the system's clock must be off to have been set, in milliseconds.
const SET: i64 = 1000;

/// Where time comes from. Cheap to clone.
///
/// There are two times. [`Clock::now_ms`] counts evenly: leases, blocks, nonces and all other spans
/// are measured by it, and what is kept on the disk of them. [`Clock::wall_ms`] is what the system's
/// clock shows: what people read. They are the same until somebody sets the clock; from then on they
/// differ by [`Clock::offset`], which is kept, so that a restart goes on counting where it was.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
struct Source {
    /// A clock for tests stands where this says; the system's counts.
    manual: Option<AtomicI64>,
    /// Time minus what has passed since the machine started, suspended or not.
    base: AtomicI64,
    /// By how much the system's clock is ahead of time, as last looked.
    offset: AtomicI64,
    /// By how much a clock for tests shows another time than it counts.
    set: AtomicI64,
}

impl Clock {
    fn with(manual: Option<AtomicI64>) -> Self {
        Self(Arc::new(Source {
            manual,
            base: AtomicI64::new(0),
            offset: AtomicI64::new(0),
            set: AtomicI64::new(0),
        }))
    }

    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        let clock = Self::with(None);
        clock
            .0
            .base
            .store(clock.wall_ms() - running_ms(), Ordering::SeqCst);
        clock
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: UnixMs) -> Self {
        Self::with(Some(AtomicI64::new(start)))
    }

    /// The time now. It never jumps, whatever the system's clock does.
    #[must_use]
    pub fn now_ms(&self) -> UnixMs {
        match &self.0.manual {
            None => running_ms() + self.0.base.load(Ordering::SeqCst),
            Some(now) => now.load(Ordering::SeqCst),
        }
    }

    /// What the system's clock shows now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the injected clock")]
    pub fn wall_ms(&self) -> UnixMs {
        match &self.0.manual {
            None => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)),
            Some(now) => now.load(Ordering::SeqCst) + self.0.set.load(Ordering::SeqCst),
        }
    }

    /// By how much the system's clock is ahead of time because it was set: what is added to a time
    /// that people are shown.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.0.offset.load(Ordering::SeqCst)
    }

    /// Looks whether the system's clock was set, and says so in the log.
    pub fn noticed(&self) -> bool {
        let set = self.look();
        if let Some(by) = set {
            let (by_s, offset_s) = (by / 1000, self.offset() / 1000);
            tracing::warn!(
                by_s,
                offset_s,
                "the system's clock was set; leases, blocks and sessions go on counting as before"
            );
        }
        set.is_some()
    }

    /// Looks whether the system's clock was set, and by how much.
    pub fn look(&self) -> Option<i64> {
        let offset = self.wall_ms() - self.now_ms();
        let by = offset - self.offset();
        (by.abs() >= SET).then(|| {
            self.0.offset.store(offset, Ordering::SeqCst);
            by
        })
    }

    /// Goes on counting after a restart: the system's clock was ahead by `offset`, and the time was
    /// `reached` at least, whatever the clock shows now. If the machine has not been started anew,
    /// `kept` says what time it is, even if the clock was set when nobody looked.
    pub fn resume(&self, offset: i64, reached: UnixMs, kept: Option<&str>) {
        let counted = kept.and_then(|kept| self.counted(kept));
        let now = counted.unwrap_or_else(|| self.wall_ms() - offset);
        let now = now.max(reached);
        match &self.0.manual {
            None => self.0.base.store(now - running_ms(), Ordering::SeqCst),
            Some(manual) => manual.store(now, Ordering::SeqCst),
        }
        self.0.offset.store(offset, Ordering::SeqCst);
    }

    /// What a restart is to be told, so that it goes on counting. None of a clock for tests.
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        let base = self.0.base.load(Ordering::SeqCst);
        let boot = self.0.manual.is_none().then(boot).flatten()?;
        Some(format!("{boot} {base}"))
    }

    /// The time that it is by what [`Clock::kept`] said, unless the machine was started since.
    #[must_use]
    pub fn counted(&self, kept: &str) -> Option<UnixMs> {
        let (kept_boot, base) = kept.rsplit_once(' ')?;
        (self.0.manual.is_none() && boot()? == kept_boot)
            .then(|| Some(running_ms() + base.parse::<i64>().ok()?))?
    }

    /// Moves a manual clock on; the system's clock takes no notice.
    pub fn advance(&self, ms: i64) {
        if let Some(now) = &self.0.manual {
            now.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Sets a manual clock by so much, as somebody sets the system's: time goes on as it was.
    pub fn set_wall(&self, by_ms: i64) {
        self.0.set.fetch_add(by_ms, Ordering::SeqCst);
    }
}

/// Milliseconds since the machine started. A machine that sleeps is included: leases of clients
/// elsewhere go on meanwhile.
fn running_ms() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}

/// Which start of the machine this is, and by which of its clocks time is counted: a container may
/// have one of its own.
fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let own = std::fs::read_link("/proc/self/ns/time");
    let own = own.map_or_else(|_| "-".to_owned(), |it| it.display().to_string());
    Some(format!("{}/{own}", id.trim()))
}

/// Fills with bytes of the system's generator.
///
/// # Panics
/// Without one nothing secret can be made, so the program ends.
#[expect(clippy::disallowed_methods, reason = "this is the injected source")]
pub fn fill_from_system(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the system has a random number generator");
}

/// Where randomness comes from.
#[derive(Clone, Copy, Debug)]
pub struct Random(fn(&mut [u8]));

impl Random {
    /// The system's generator.
    #[must_use]
    pub fn system() -> Self {
        Self(fill_from_system)
    }

    /// A source for tests.
    #[must_use]
    pub fn from_fn(fill: fn(&mut [u8])) -> Self {
        Self(fill)
    }

    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }

    /// A random word of 32 hex digits: 128 bits.
    #[must_use]
    pub fn word(self) -> String {
        HEXLOWER.encode(&self.bytes::<16>())
    }

    /// A GUID as clients write it: `{8-4-4-4-12}`, upper case.
    #[must_use]
    pub fn guid(self) -> String {
        let hex = self.word().to_uppercase();
        format!(
            "{{{}-{}-{}-{}-{}}}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1000;

    #[test]
    fn time_goes_on_when_the_clock_is_set() {
        let clock = Clock::manual(5000);
        assert_eq!((clock.wall_ms(), clock.look()), (5000, None));
        for by in [DAY, -2 * DAY, 999, 2] {
            let (before, offset) = (clock.now_ms(), clock.offset());
            clock.set_wall(by);
            clock.advance(10);
            assert_eq!(clock.now_ms(), before + 10);
            let seen = clock.look();
            assert_eq!(clock.look(), None, "once");
            match by {
                // Clocks are not that even; only the sum of the last two was set.
                999 => assert_eq!(seen, None),
                2 => assert_eq!(seen, Some(1001)),
                by => assert_eq!(seen, Some(by)),
            }
            if seen.is_some() {
                assert_eq!(clock.now_ms() + clock.offset(), clock.wall_ms());
            } else {
                assert_eq!(clock.offset(), offset);
            }
        }
    }

    #[test]
    fn a_restart_goes_on_counting() {
        let clock = Clock::manual(5000);
        clock.set_wall(DAY);
        clock.resume(DAY, 3000, None);
        assert_eq!((clock.now_ms(), clock.look()), (5000, None));
        clock.resume(DAY, 6000, None);
        assert_eq!(clock.now_ms(), 6000, "it never goes back");
    }

    #[test]
    fn the_systems_clock_counts_evenly() {
        let clock = Clock::system();
        let (now, wall) = (clock.now_ms(), clock.wall_ms());
        assert!((wall - now).abs() < 1000, "{now} {wall}");
        assert_eq!(clock.look(), None);
        clock.resume(-DAY, now + 2 * DAY, None);
        assert!((clock.now_ms() - now - 2 * DAY).abs() < 10_000);
    }

    #[test]
    fn a_restart_on_the_same_machine_needs_no_clock() {
        let before = Clock::system();
        before.resume(0, before.now_ms() + DAY, None);
        let kept = before.kept().unwrap();
        let after = Clock::system();
        after.resume(5 * DAY, 0, Some(&kept));
        assert!((after.now_ms() - before.now_ms()).abs() < 10_000);
        assert_eq!(after.kept().unwrap(), kept);
        // The machine was started anew.
        let (_, base) = kept.rsplit_once(' ').unwrap();
        let other = format!("00000000-0000-0000-0000-000000000000/- {base}");
        for unknown in [&*other, "", "x", &kept[..kept.len() - base.len()]] {
            assert_eq!(after.counted(unknown), None, "{unknown}");
        }
        assert_eq!(Clock::manual(0).counted(&kept), None);
    }
}
