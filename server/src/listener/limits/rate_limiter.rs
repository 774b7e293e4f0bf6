//! Whose request is answered when.

use crate::clock::{Clock, UnixMs};
use crate::config::Rate;
use crate::net::{Decision, TokenBuckets};
use crate::network::one;
use crate::presence::Who;
use parking_lot::Mutex;
use std::fmt;
use std::net::IpAddr;
use tokio::sync::Semaphore;

/// Requests that may wait for their turn, of all clients together.
const WAITING: usize = 4096;

/// Milliseconds between two lines in the log about clients that are too fast.
const TELL_EVERY: i64 = 10_000;

/// Somebody sent so much that waiting is no answer any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests: wait a moment before the next")]
pub(in crate::listener) struct RateLimited;

/// Keeps clients to the rate that is configured.
#[derive(Debug)]
pub struct RateLimiter {
    addresses: TokenBuckets<IpAddr>,
    users: TokenBuckets<Who>,
    waiting: Semaphore,
    clock: Clock,
    told: Mutex<UnixMs>,
}

impl RateLimiter {
    /// These rates for each address and for each user.
    #[must_use]
    pub fn new(address: Rate, user: Rate, clock: Clock) -> Self {
        Self {
            addresses: TokenBuckets::new(address),
            users: TokenBuckets::new(user),
            waiting: Semaphore::new(WAITING),
            clock,
            told: Mutex::new(0),
        }
    }

    /// Waits for the turn of a request from this address.
    pub(in crate::listener) async fn address(&self, address: IpAddr) -> Result<(), RateLimited> {
        let turn = self.addresses.ask(&one(address), self.clock.now_ms());
        self.take(turn, "address", &address).await
    }

    /// Waits for the turn of a request of this user.
    pub(in crate::listener) async fn user(&self, user: &Who) -> Result<(), RateLimited> {
        let turn = self.users.ask(user, self.clock.now_ms());
        self.take(turn, "user", user).await
    }

    async fn take(
        &self,
        turn: Decision,
        kind: &'static str,
        who: &impl fmt::Display,
    ) -> Result<(), RateLimited> {
        let wait = match turn {
            Decision::Now => return Ok(()),
            Decision::Later(wait) => self.waiting.try_acquire().ok().map(|place| (wait, place)),
            Decision::Never => None,
        };
        let outcome = if wait.is_some() { "delayed" } else { "dropped" };
        metrics::counter!("rollcall_requests_too_fast_total", "by" => kind, "outcome" => outcome)
            .increment(1);
        self.tell(kind, who, outcome);
        let (wait, _place) = wait.ok_or(RateLimited)?;
        tokio::time::sleep(wait).await;
        Ok(())
    }

    /// Says it in the log, but not each time: it happens often, by its nature.
    fn tell(&self, kind: &'static str, who: &impl fmt::Display, outcome: &'static str) {
        let now = self.clock.now_ms();
        let mut told = self.told.lock();
        if (now - *told).abs() >= TELL_EVERY {
            *told = now;
            tracing::warn!(
                %who,
                outcome,
                "too many requests: see limits.requests_per_{kind} in the configuration"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::Instant;

    fn limiter(rate: Rate) -> RateLimiter {
        let free = Rate {
            per_second: 0,
            burst: 0,
        };
        RateLimiter::new(free, rate, Clock::manual(1_000_000_000_000))
    }

    #[tokio::test]
    async fn who_is_too_fast_is_answered_later() {
        let limiter = limiter(Rate {
            per_second: 20,
            burst: 1,
        });
        let alice = Who::read("alice").unwrap();
        let begun = Instant::now();
        assert_eq!(limiter.user(&alice).await, Ok(()));
        assert_eq!(limiter.user(&alice).await, Ok(()));
        let waited = begun.elapsed();
        assert!(waited >= Duration::from_millis(50), "{waited:?}");
        while limiter.users.ask(&alice, limiter.clock.now_ms()) != Decision::Never {}
        assert_eq!(limiter.user(&alice).await, Err(RateLimited));
    }

    #[tokio::test]
    async fn so_many_wait_and_no_more() {
        let limiter = limiter(Rate {
            per_second: 10_000,
            burst: 1,
        });
        let alice = Who::read("alice").unwrap();
        let more = 100;
        let all = (0..1 + WAITING + more).map(|_| limiter.user(&alice));
        let answers = futures::future::join_all(all).await;
        let dropped = answers.iter().filter(|it| it.is_err()).count();
        assert_eq!(dropped, more);
        assert_eq!(limiter.waiting.available_permits(), WAITING);
    }
}
