//! How much memory what waits may take: bytes of messages by sender, and values of presence.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of messages that may be on their way, of all senders together.
const ALL: usize = 64 << 20;

/// Those of one sender.
const SENDER: usize = 4 << 20;

/// Those of one sender once half of all is used: the largest message, and what is around it.
const SENDER_WHEN_SHORT: usize = 320 << 10;

/// What a message counts for besides its body.
const OVERHEAD: usize = 1 << 10;

/// Bytes of messages on their way. A message to many counts once, as they share its body.
#[derive(Debug, Default)]
pub(super) struct MessageBytes(Mutex<Used>);

#[derive(Debug, Default)]
struct Used {
    all: usize,
    /// Nobody: this server itself.
    senders: HashMap<Option<Arc<str>>, usize>,
}

/// While it lives, a message counts.
#[derive(Debug)]
pub(super) struct Charge {
    to: Arc<MessageBytes>,
    sender: Option<Arc<str>>,
    bytes: usize,
}

impl MessageBytes {
    /// Counts a message; `None`: its sender has too much on its way already.
    pub(super) fn charge(
        self: &Arc<Self>,
        sender: Option<&Arc<str>>,
        body: usize,
    ) -> Option<Arc<Charge>> {
        let bytes = body + OVERHEAD;
        let sender = sender.cloned();
        let mut used = self.0.lock();
        let share = if used.all > ALL / 2 {
            SENDER_WHEN_SHORT
        } else {
            SENDER
        };
        let of_sender = used.senders.get(&sender).copied().unwrap_or(0);
        let too_much = of_sender + bytes > share || used.all + bytes > ALL;
        // What this server has to say is little, and must be said.
        if too_much && sender.is_some() {
            return None;
        }
        used.all += bytes;
        used.senders.insert(sender.clone(), of_sender + bytes);
        Some(Arc::new(Charge {
            to: self.clone(),
            sender,
            bytes,
        }))
    }
}

impl Charge {
    /// Whether both are of one sender, who is not this server itself.
    pub(super) fn same_sender(&self, other: &Self) -> bool {
        self.sender.is_some() && self.sender == other.sender
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        let mut used = self.to.0.lock();
        used.all -= self.bytes;
        if let Some(of_sender) = used.senders.get_mut(&self.sender) {
            *of_sender -= self.bytes;
            if *of_sender == 0 {
                used.senders.remove(&self.sender);
            }
        }
    }
}

/// One more of something that is counted, as long as it lives.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicUsize>);

impl Counted {
    /// One more, unless there are `most` already.
    pub(super) fn of(counter: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let before = counter.fetch_add(1, Ordering::Relaxed);
        let counted = Self(counter.clone());
        (before < most).then_some(counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_has_a_share_and_gets_it_back() {
        let bytes = Arc::new(MessageBytes::default());
        let (alice, bob) = (Arc::from("alice"), Arc::from("bob"));
        let mut charges = Vec::new();
        while let Some(charge) = bytes.charge(Some(&alice), 255 << 10) {
            charges.push(charge);
        }
        assert_eq!(charges.len(), 16);
        assert!(bytes.charge(Some(&bob), 255 << 10).is_some());
        charges.pop();
        assert!(bytes.charge(Some(&alice), 255 << 10).is_some());
        charges.clear();
        assert_eq!(bytes.0.lock().all, 0);
        assert!(bytes.0.lock().senders.is_empty(), "nobody is remembered");
    }

    #[test]
    fn when_few_have_taken_much_others_still_send() {
        let bytes = Arc::new(MessageBytes::default());
        let mut charges = Vec::new();
        for sender in 0..20 {
            let sender = Arc::from(format!("sender{sender}"));
            while let Some(charge) = bytes.charge(Some(&sender), 63 << 10) {
                charges.push(charge);
            }
        }
        let used = bytes.0.lock().all;
        assert!(used < ALL * 3 / 4, "{used}");
        let alice = Arc::from("alice");
        assert!(bytes.charge(Some(&alice), 256 << 10).is_some());
    }

    #[test]
    fn what_is_counted_is_let_go_of() {
        let counter = Arc::default();
        let held: Vec<_> = (0..5).filter_map(|_| Counted::of(&counter, 3)).collect();
        assert_eq!(held.len(), 3);
        drop(held);
        assert_eq!(counter.load(Ordering::Relaxed), 0);
    }
}
