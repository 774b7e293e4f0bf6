//! Reads of what users keep to themselves, in the audit: once an hour for each reader and user, as
//! the console reads anew with every look at a page.

use super::Admin;
use crate::clock::UnixMs;
use api::Actor;
use parking_lot::Mutex;
use std::collections::HashMap;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Reads that are remembered at the most; beyond that some are written down once more.
const MOST: usize = 4096;

/// Which reads are written down already.
#[derive(Debug, Default)]
pub(super) struct NotedReads(Mutex<HashMap<Read, UnixMs>>);

/// By whom, from where, what, and whose.
type Read = (String, String, &'static str, String);

impl NotedReads {
    fn is_new(&self, read: Read, now: UnixMs) -> bool {
        let mut noted = self.0.lock();
        let fresh = |at: &UnixMs| (0..HOUR_MS).contains(&(now - at));
        if noted.get(&read).is_some_and(fresh) {
            return false;
        }
        if noted.len() >= MOST {
            noted.retain(|_, at| fresh(at));
        }
        if noted.len() >= MOST {
            noted.clear();
        }
        noted.insert(read, now);
        true
    }

    /// One that could not be written down is new again.
    fn forget(&self, read: &Read) {
        self.0.lock().remove(read);
    }
}

impl Admin {
    /// Writes a read down. What was read is given out all the same if the disk refuses, as whoever
    /// is to make room looks around.
    pub(super) async fn note_read(&self, actor: &Actor, action: &'static str, whose: &str) {
        let read = (
            actor.name.clone(),
            actor.from.clone(),
            action,
            whose.to_owned(),
        );
        if !self.reads.is_new(read.clone(), self.clock.now_ms()) {
            return;
        }
        if let Err(error) = self.act(actor, action, whose, "").await {
            self.reads.forget(&read);
            tracing::warn!(%error, actor = actor.name, action, "a read could not be written down");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_written_down_once_an_hour_and_memory_is_bounded() {
        let reads = NotedReads::default();
        let read = |whose: &str| {
            let (who, from) = ("ada".to_owned(), "a".to_owned());
            (who, from, "user.read-privacy", whose.to_owned())
        };
        assert!(reads.is_new(read("bob"), 0));
        assert!(!reads.is_new(read("bob"), HOUR_MS - 1));
        assert!(reads.is_new(read("bert"), HOUR_MS - 1));
        assert!(reads.is_new(read("bob"), HOUR_MS));
        for number in 0..3 * MOST {
            assert!(reads.is_new(read(&number.to_string()), HOUR_MS));
        }
        assert!(reads.0.lock().len() <= MOST);
    }
}
