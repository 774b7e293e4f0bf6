//! Whether all is as it must be.

use std::fs;
use std::time::Duration;

use tests::Failure;
use tokio::time::Instant;

use crate::world::{Expected, World};

/// How late the end of a lease may be known to everybody who watches.
const LATE: Duration = Duration::from_secs(1);

/// Memory is compared from the time on when everything has happened once.
const WARM_UP: usize = 3;

/// What the memory of a server may grow by that keeps nothing: a tenth, and what the allocator
/// does with pages.
const GROWTH: f64 = 1.10;
const PAGES: f64 = 4096.0;

/// Faults that are shown; more are only counted.
const SHOWN: usize = 20;

/// What was seen.
#[derive(Debug)]
pub(crate) struct Oracle {
    process: u32,
    pub(crate) faults: usize,
    /// Leases whose end was looked at, with each watcher that was there.
    pub(crate) leases: u64,
    pub(crate) latest: Duration,
    /// States that were compared at quiet points.
    pub(crate) compared: u64,
    pub(crate) messages: usize,
    pub(crate) quiet_points: usize,
    /// KiB, at each quiet point.
    pub(crate) memory: Vec<u64>,
}

impl Oracle {
    /// Looks after the server that is this process.
    pub(crate) fn new(process: u32) -> Self {
        Self {
            process,
            faults: 0,
            leases: 0,
            latest: Duration::ZERO,
            compared: 0,
            messages: 0,
            quiet_points: 0,
            memory: Vec::new(),
        }
    }

    /// Something is not as it must be.
    pub(crate) fn failed(&mut self, what: &str) {
        self.faults += 1;
        if self.faults <= SHOWN {
            println!("FAULT {what}");
        }
    }

    /// Looks at those who vanished and whose lease is over for as long as may be.
    pub(crate) fn look_for_late_leases(&mut self, world: &World) {
        for (place, gone) in world.clients.iter().enumerate() {
            let mut expected = gone.expected();
            let Expected::Vanished { due, checked } = &mut *expected else {
                continue;
            };
            if *checked || due.elapsed() <= LATE {
                continue;
            }
            *checked = true;
            let due = *due;
            // It may come back from now on: what counts is what was heard until now.
            let now = Instant::now();
            drop(expected);
            self.look_at(world, place, due, now);
        }
    }

    fn look_at(&mut self, world: &World, gone: usize, due: Instant, now: Instant) {
        let alias = world.clients[gone].user.alias();
        for (place, watcher) in world.clients.iter().enumerate() {
            if !world.contacts(place).any(|contact| contact == gone) {
                continue;
            }
            // Whoever came only just before may have been told by its own request.
            let there = *watcher.knows();
            if there.is_none_or(|since| since + LATE > due) {
                continue;
            }
            self.leases += 1;
            let heard = watcher.call_back.heard().states.get(alias).cloned();
            let name = watcher.user.alias();
            match heard {
                Some((state, when)) if state == "offline" => {
                    let late = when.saturating_duration_since(due);
                    self.latest = self.latest.max(late);
                    if late > LATE {
                        self.failed(&format!("{name} heard {late:?} late that {alias} is gone"));
                    }
                }
                // It is there again already.
                Some((_, when)) if when > now => {}
                other => self.failed(&format!(
                    "{name} thinks that {alias} is {other:?}, {:?} after its lease",
                    due.elapsed()
                )),
            }
        }
    }

    /// Compares what everybody thinks of their contacts with what these say of themselves; and
    /// takes the server's memory.
    pub(crate) fn compare(&mut self, world: &World) -> Result<(), Failure> {
        self.quiet_points += 1;
        let now = Instant::now();
        for (place, watcher) in world.clients.iter().enumerate() {
            if watcher.knows().is_none_or(|since| since > now) {
                continue;
            }
            let name = watcher.user.alias();
            for contact in world.contacts(place) {
                let contact = &world.clients[contact];
                let wanted = match &*contact.expected() {
                    Expected::Away => "offline",
                    Expected::There(state) => state,
                    Expected::Vanished { due, .. } if now > *due + LATE => "offline",
                    Expected::Vanished { .. } => continue,
                };
                self.compared += 1;
                let alias = contact.user.alias();
                let heard = watcher.call_back.heard().states.get(alias).cloned();
                let state = heard.map(|(state, _)| state).unwrap_or_default();
                if state != wanted {
                    self.failed(&format!(
                        "{name} thinks that {alias} is {state:?}, it is {wanted}"
                    ));
                }
            }
        }
        for client in &world.clients {
            let promised = client.promised();
            self.messages += promised.len();
            let heard = client.call_back.heard();
            let lost: Vec<_> = promised
                .iter()
                .filter(|it| !heard.messages.contains(*it))
                .cloned()
                .collect();
            drop((promised, heard));
            for message in lost {
                self.failed(&format!("{} never got {message}", client.user.alias()));
            }
            // Each is looked at once.
            client.promised().clear();
            client.call_back.heard().messages.clear();
        }
        self.memory.push(resident(self.process)?);
        Ok(())
    }

    /// The memory after the warm-up and in the end, in KiB, each as a mean of a few, and whether
    /// it is flat; `None` if the time was too short to say.
    pub(crate) fn memory_is_flat(&self) -> Option<(f64, f64, bool)> {
        let after = self.memory.get(WARM_UP..).filter(|it| it.len() >= 3)?;
        let few = (after.len() / 3).clamp(1, 5);
        let first = mean(&after[..few]);
        let last = mean(&after[after.len() - few..]);
        Some((first, last, last <= first * GROWTH + PAGES))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "KiB of a process are far below 2^52"
)]
fn mean(values: &[u64]) -> f64 {
    values.iter().sum::<u64>() as f64 / values.len().max(1) as f64
}

/// What a process has in memory, in KiB.
fn resident(process: u32) -> Result<u64, Failure> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path).map_err(Failure::io(format!("reading {path}")))?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok())
        .ok_or_else(|| Failure::Unexpected(format!("{path} has no VmRSS")))
}
