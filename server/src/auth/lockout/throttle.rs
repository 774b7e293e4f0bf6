//! Where sign-ins wait for their turn: the ledger, a clock, and bounded waiting.

use super::ledger::{Ledger, Outcome, Verdict};
use super::{Held, LockedOut, Name, Rules};
use crate::clock::Clock;
use crate::network::one;
use parking_lot::Mutex;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// Sign-ins that may wait for their turn, of all names together.
const WAITING: usize = 256;
/// How long one waits for others of the same name and address to be looked at.
const LONGEST_BUSY: Duration = Duration::from_secs(10);

/// The sign-ins of one listener.
pub struct Throttle {
    ledger: Mutex<Ledger>,
    /// Told whenever an attempt is done.
    done: Notify,
    waiting: Semaphore,
    clock: Clock,
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Throttle({} entries)", self.len())
    }
}

impl Throttle {
    /// A throttle at which nobody has failed yet.
    #[must_use]
    pub fn new(rules: Rules, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            ledger: Mutex::new(Ledger::new(rules)),
            done: Notify::new(),
            waiting: Semaphore::new(WAITING),
            clock,
        })
    }

    /// Lets an attempt in, or not; call it before the password is looked at. The attempt counts
    /// as wrong until it says what it was. `proved`: whether this account is at home at this
    /// address for a reason of its own; asked only where it matters.
    ///
    /// # Errors
    /// [`LockedOut`] with the time to wait.
    pub async fn enter(
        self: &Arc<Self>,
        name: Name,
        from: IpAddr,
        proved: impl Fn() -> bool,
    ) -> Result<Attempt, LockedOut> {
        let from = one(from);
        match self.ask(&name, from, &proved) {
            Verdict::Go { after_ms: 0, known } => Ok(self.attempt(name, from, known)),
            Verdict::Closed(locked) => Err(locked),
            verdict => {
                let _place = self
                    .waiting
                    .try_acquire()
                    .map_err(|_| self.refuse(verdict, &name, from))?;
                tokio::time::timeout(LONGEST_BUSY, self.wait(verdict, name, from, &proved))
                    .await
                    .unwrap_or(Err(LockedOut { seconds: 1 }))
            }
        }
    }

    /// Waits for what the verdict says.
    async fn wait(
        self: &Arc<Self>,
        mut verdict: Verdict,
        name: Name,
        from: IpAddr,
        proved: &impl Fn() -> bool,
    ) -> Result<Attempt, LockedOut> {
        loop {
            let mut done = std::pin::pin!(self.done.notified());
            done.as_mut().enable();
            if verdict == Verdict::Busy {
                verdict = self.ask(&name, from, proved);
            }
            match verdict {
                Verdict::Closed(locked) => return Err(locked),
                Verdict::Busy => done.await,
                Verdict::Go { after_ms, known } => {
                    let attempt = self.attempt(name, from, known);
                    let after = Duration::from_millis(after_ms.unsigned_abs());
                    tokio::time::sleep(after).await;
                    let now = self.clock.now_ms();
                    let (name, from) = (&attempt.name, attempt.from);
                    self.ledger.lock().still_open(name, from, now)?;
                    return Ok(attempt);
                }
            }
        }
    }

    fn ask(&self, name: &Name, from: IpAddr, proved: &impl Fn() -> bool) -> Verdict {
        let now = self.clock.now_ms();
        self.ledger.lock().ask(name, from, now, proved)
    }

    fn attempt(self: &Arc<Self>, name: Name, from: IpAddr, known: bool) -> Attempt {
        Attempt {
            throttle: self.clone(),
            name,
            from,
            known,
            outcome: Outcome::NoGuess,
        }
    }

    /// Too many wait already. What the verdict has counted is taken back.
    fn refuse(self: &Arc<Self>, verdict: Verdict, name: &Name, from: IpAddr) -> LockedOut {
        if let Verdict::Go { known, .. } = verdict {
            drop(self.attempt(name.clone(), from, known));
        }
        LockedOut { seconds: 1 }
    }

    /// All that is closed or slowed down now.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        let now = self.clock.now_ms();
        self.ledger.lock().held(now)
    }

    /// How many counts of failures there are of a name, in any spelling, or of an address.
    #[must_use]
    pub fn failures_of(&self, what: &str) -> u32 {
        self.visit(what, false)
    }

    /// Forgets them; gives how many there were.
    pub fn release(&self, what: &str) -> u32 {
        let released = self.visit(what, true);
        self.done.notify_waiters();
        released
    }

    fn visit(&self, what: &str, forget: bool) -> u32 {
        let now = self.clock.now_ms();
        let what = what.trim();
        let address = what.parse().ok().map(one);
        let mut names = vec![what.to_lowercase(), Name::unknown(what).text.to_string()];
        names.extend(super::meant_account(what).map(|alias| alias.to_string()));
        self.ledger.lock().visit(&names, address, now, forget)
    }

    /// How many names and addresses are remembered, for the metrics.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ledger.lock().len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One attempt, counted. Dropped without a word it was no guess.
#[derive(Debug)]
pub struct Attempt {
    throttle: Arc<Throttle>,
    name: Name,
    from: IpAddr,
    known: bool,
    outcome: Outcome,
}

impl Attempt {
    /// The password was right.
    pub fn right(mut self) {
        self.outcome = Outcome::Right;
    }

    /// The password was wrong.
    pub fn wrong(mut self) {
        self.outcome = Outcome::Wrong;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let now = self.throttle.clock.now_ms();
        self.throttle
            .ledger
            .lock()
            .done(&self.name, self.from, self.known, self.outcome, now);
        self.throttle.done.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
