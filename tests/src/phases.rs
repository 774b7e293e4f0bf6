//! Threads that work, and come to rest together where somebody wants to compare.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU8, Ordering};

/// What the threads do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    Busy,
    Quiet,
    Over,
}

/// The phases of some threads, and whoever leads them.
#[derive(Debug)]
pub struct Phases {
    phase: AtomicU8,
    gate: Barrier,
}

impl Phases {
    /// Of so many threads, which begin busy.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self {
            phase: AtomicU8::new(Phase::Busy as u8),
            gate: Barrier::new(threads + 1),
        }
    }

    /// For the leader: waits until every thread rests.
    pub fn rest(&self) {
        self.set(Phase::Quiet);
        self.gate.wait();
    }

    /// For the leader: lets them go on.
    pub fn go_on(&self) {
        self.set(Phase::Busy);
        self.gate.wait();
    }

    /// For the leader: lets them end.
    pub fn end(&self) {
        self.set(Phase::Over);
        self.gate.wait();
    }

    /// For a thread, between two of its deeds: rests while the others do. False: it is over.
    pub fn goes_on(&self) -> bool {
        if !self.is(Phase::Busy) {
            self.gate.wait();
            self.gate.wait();
        }
        !self.is(Phase::Over)
    }

    fn set(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::SeqCst);
    }

    fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::SeqCst) == phase as u8
    }
}
