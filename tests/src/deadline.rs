//! Waiting with an end. Tests wait for events; only where the outside gives
//! none (another program's answer has to be asked for again) do they look
//! repeatedly, here and nowhere else.

use std::time::Duration;

use tokio::time::Instant;

use crate::Failure;

/// How often something without events of its own is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// A moment after which waiting is given up.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    end: Instant,
    whole: Duration,
}

impl Deadline {
    /// The moment `wait` from now.
    #[must_use]
    pub fn within(wait: Duration) -> Self {
        Self {
            end: Instant::now() + wait,
            whole: wait,
        }
    }

    /// What is left of it; zero once it has passed.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// The wait it started with.
    #[must_use]
    pub const fn whole(&self) -> Duration {
        self.whole
    }

    /// How long ago it was set.
    #[must_use]
    pub fn spent(&self) -> Duration {
        self.whole.saturating_sub(self.left())
    }
}

/// Asks `look` until it gives something.
///
/// # Errors
/// What `look` fails with, or [`Failure::TimedOut`] naming `what`.
pub fn eventually<T>(
    wait: Duration,
    what: &str,
    mut look: impl FnMut() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let deadline = Deadline::within(wait);
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if deadline.left().is_zero() {
            return Err(Failure::TimedOut {
                what: what.to_owned(),
                waited: wait,
                seen: String::new(),
            });
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}
