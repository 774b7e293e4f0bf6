//! When this machine itself has too little: file handles, buffers, memory. That is the fault of
//! nobody on the other side, it passes, and trying again at once only makes it worse.

use rustix::io::Errno;
use std::io;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause; each following one is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The least time between two lines of one thing in the log.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Whether an error says that the system has no more to give at this moment.
pub(super) fn is_shortage(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM)
    )
}

/// Pauses between tries.
#[derive(Debug)]
pub(super) struct BackOff {
    next: Duration,
}

impl BackOff {
    pub(super) const fn new() -> Self {
        Self { next: FIRST_PAUSE }
    }

    pub(super) async fn pause(&mut self) {
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST_PAUSE);
        tokio::time::sleep(pause).await;
    }

    /// It worked: the next trouble begins with a short pause again.
    pub(super) fn reset(&mut self) {
        self.next = FIRST_PAUSE;
    }
}

/// Says what happens again and again once a second, and how often it was not said.
#[derive(Debug)]
pub(super) struct Sparse {
    told: Option<Instant>,
    unsaid: u64,
}

impl Sparse {
    pub(super) const fn new() -> Self {
        Self {
            told: None,
            unsaid: 0,
        }
    }

    /// `Some` with the number of those that were not said, if this one is to be said.
    pub(super) fn due(&mut self) -> Option<u64> {
        let now = Instant::now();
        if self.told.is_some_and(|told| now - told < TELL_EVERY) {
            self.unsaid += 1;
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortages_are_told_from_other_errors() {
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM] {
            assert!(is_shortage(&errno.into()), "{errno}");
        }
        for errno in [Errno::CONNREFUSED, Errno::CONNABORTED, Errno::ACCESS] {
            assert!(!is_shortage(&errno.into()), "{errno}");
        }
        assert!(!is_shortage(&io::Error::other("no errno")));
    }

    #[test]
    fn what_happens_often_is_said_once_a_second_with_its_number() {
        let mut sparse = Sparse::new();
        assert_eq!(sparse.due(), Some(0));
        assert_eq!((sparse.due(), sparse.due()), (None, None));
        sparse.told = sparse.told.and_then(|told| told.checked_sub(TELL_EVERY));
        assert_eq!(sparse.due(), Some(2));
        assert_eq!(sparse.due(), None);
    }
}
