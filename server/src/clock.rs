//! Time and randomness, injected. Nothing else in the server asks the system for either.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since 1970-01-01 UTC.
pub type UnixMs = i64;

/// Where time comes from. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    #[must_use]
    pub fn manual(start: UnixMs) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start))))
    }

    /// The time now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the injected clock")]
    pub fn now_ms(&self) -> UnixMs {
        match &self.0 {
            Source::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)),
            Source::Manual(ms) => ms.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock on; the system's clock takes no notice.
    pub fn advance(&self, ms: i64) {
        if let Source::Manual(now) = &self.0 {
            now.fetch_add(ms, Ordering::SeqCst);
        }
    }
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
        self.bytes::<16>()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect()
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
