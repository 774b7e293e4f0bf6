//! How many live pages each session has open: each is a stream without an end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tower_sessions::session::Id;

/// Counts the live pages of each session.
#[derive(Clone, Debug)]
pub(crate) struct LivePages {
    most: usize,
    open: Arc<Mutex<HashMap<Id, usize>>>,
}

/// A live page that was let in; dropped when it is closed.
#[derive(Debug)]
pub(crate) struct LivePage {
    of: LivePages,
    session: Id,
}

impl LivePages {
    /// So many for each session.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// Lets one more in, if the session does not have too many.
    pub(crate) fn open(&self, session: Id) -> Option<LivePage> {
        let mut open = self.lock();
        let count = open.entry(session).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        drop(open);
        Some(LivePage {
            of: self.clone(),
            session,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, usize>> {
        // A number is whole whoever panicked.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LivePage {
    fn drop(&mut self) {
        let mut open = self.of.lock();
        if let Some(count) = open.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_so_many_and_gets_them_back() {
        let pages = LivePages::new(2);
        let mut open: Vec<_> = (0..2).map(|_| pages.open(Id(1)).unwrap()).collect();
        assert!(pages.open(Id(1)).is_none());
        let other = pages.open(Id(2));
        assert!(other.is_some(), "another session has its own");
        open.pop();
        assert!(pages.open(Id(1)).is_some());
        drop((open, other));
        assert!(pages.lock().is_empty(), "nobody is remembered");
    }
}
