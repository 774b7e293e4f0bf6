//! The audit and failed sign-ons for syslog. Nobody waits for it: messages wait here, bounded, and
//! those that find no room are counted and told of.

mod link;
mod message;
mod waiting;

#[cfg(test)]
mod tests;

use crate::clock::Clock;
use crate::config::{SyslogTarget, host_name};
use crate::events::EventLog;
use link::Link;
use message::Origin;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use waiting::Waiting;

/// The pause after the first failure, and the longest one.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How often the log says at the most that syslog is out of reach.
const TOLD_EVERY: Duration = Duration::from_secs(300);

/// How long the end of the server waits for what is left.
const LAST: Duration = Duration::from_millis(500);

/// What sends messages.
#[derive(Debug)]
pub struct Syslog {
    target: SyslogTarget,
    events: EventLog,
    /// The number of the last event that was looked at.
    seen: u64,
    origin: Origin,
    clock: Clock,
    pause: Duration,
}

impl Syslog {
    /// Sends what happens from now on.
    #[must_use]
    pub fn new(target: SyslogTarget, events: EventLog, clock: Clock) -> Self {
        Self {
            target,
            seen: events.newest(),
            events,
            origin: Origin::new(host_name().as_deref(), std::process::id()),
            clock,
            pause: PAUSE,
        }
    }

    /// Sends until `stop`, and then what is left, if it is taken at once.
    pub async fn run(mut self, stop: CancellationToken) {
        let waiting = Waiting::new(self.origin.clone(), self.clock.clone());
        let link = Link::new(self.target.clone());
        let sending = send(link, &waiting, self.pause);
        tokio::pin!(sending);
        tokio::select! {
            () = self.gather(&waiting, &stop) => {}
            () = sending.as_mut() => {}
        }
        if timeout(LAST, sending).await.is_err() {
            let lost = waiting.len();
            tracing::warn!(lost, "syslog did not take the last messages");
        }
    }

    async fn gather(&mut self, waiting: &Waiting, stop: &CancellationToken) {
        let mut changes = self.events.changes();
        loop {
            changes.mark_unchanged();
            let after = self.events.after(self.seen);
            if after.lost {
                // How many of them were for syslog nobody knows any more.
                let first = after.events.first().map_or(self.seen, |it| it.id);
                waiting.missed(first.saturating_sub(self.seen + 1).max(1));
            }
            for event in after.events {
                self.seen = event.id;
                if let Some(message) = self.origin.message(&event) {
                    waiting.push(message);
                }
            }
            if stop.is_cancelled() {
                break;
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { break },
                () = stop.cancelled() => {}
            }
        }
        waiting.close();
    }
}

/// Sends what waits, until it is closed and empty.
async fn send(mut link: Link, waiting: &Waiting, first_pause: Duration) {
    let mut pause = first_pause;
    let mut told: Option<Instant> = None;
    while let Some(message) = waiting.next().await {
        match link.send(message.as_bytes()).await {
            Ok(()) => {
                waiting.sent();
                pause = first_pause;
            }
            Err(error) => {
                let now = Instant::now();
                if told.is_none_or(|at| now - at >= TOLD_EVERY) {
                    told = Some(now);
                    tracing::warn!(%error, "syslog takes no messages; they wait, and are tried again");
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
