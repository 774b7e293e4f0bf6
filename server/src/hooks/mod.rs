//! Hooks: servers that the configuration names are told what happens, by POST. What they are to be
//! told is in a table, so that a restart goes on; each has a task and a connection of its own, so
//! that none waits for another.

mod collect;
mod request;
mod worker;

#[cfg(test)]
mod tests;

use crate::clock::Clock;
use crate::config::{HookConfig, HookUrl};
use crate::events::EventLog;
use crate::store::Store;
use api::Secret;
use collect::Collector;
use futures::future::{join, join_all};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use worker::Worker;

/// Why there are no hooks.
#[derive(Debug, thiserror::Error)]
pub enum HooksError {
    /// A secret cannot be read.
    #[error("the secret of the hook {url} cannot be read from {}: {source}; correct hooks.secret_file, or let this user read it", path.display())]
    Secret {
        /// Whose.
        url: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of a secret has none.
    #[error("{} holds no secret for the hook {url}; write one there, as the first line", path.display())]
    Empty {
        /// Whose.
        url: String,
        /// The file.
        path: PathBuf,
    },
}

/// How patient deliveries are.
#[derive(Clone, Debug)]
struct Patience {
    /// Until a hook is found and connected.
    connect: Duration,
    /// From then until it has answered.
    answer: Duration,
    /// The pause after each attempt that failed; after the last of them it is given up.
    again: Vec<Duration>,
    /// How long events are gathered before they are written.
    gather: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
            again: [5, 30, 120, 600, 3600].map(Duration::from_secs).to_vec(),
            gather: Duration::from_millis(250),
        }
    }
}

/// One hook.
#[derive(Debug)]
pub struct Hook {
    /// Where it is.
    pub url: HookUrl,
    /// The kinds that it wants; none: all.
    pub kinds: Vec<String>,
    secret: Option<Secret>,
    /// There is something new for it.
    woken: Notify,
}

impl Hook {
    fn new(config: &HookConfig) -> Result<Self, HooksError> {
        let url = config.url.text();
        let secret = match &config.secret_file {
            None => config.secret.clone(),
            Some(path) => {
                let path = path.clone();
                let text = match std::fs::read_to_string(&path) {
                    Ok(text) => text,
                    Err(source) => return Err(HooksError::Secret { url, path, source }),
                };
                let word = text.lines().next().unwrap_or_default().trim();
                if word.is_empty() {
                    return Err(HooksError::Empty { url, path });
                }
                Some(word.into())
            }
        };
        Ok(Self {
            url: config.url.clone(),
            kinds: config.events.clone(),
            secret,
            woken: Notify::new(),
        })
    }

    /// Whether deliveries are signed.
    #[must_use]
    pub fn signed(&self) -> bool {
        self.secret.is_some()
    }

    /// Whether it is told of events of this kind. That some were lost concerns all.
    fn wants(&self, kind: &str) -> bool {
        self.kinds.is_empty() || kind == "lost" || self.kinds.iter().any(|it| it == kind)
    }
}

/// The hooks of the configuration. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hooks(Arc<[Hook]>);

impl Hooks {
    /// Hooks, and what tells them what happens from now on.
    ///
    /// # Errors
    /// A secret cannot be read.
    pub fn new(
        configs: &[HookConfig],
        events: EventLog,
        store: Store,
        clock: Clock,
    ) -> Result<(Self, Telling), HooksError> {
        let hooks: Result<Vec<_>, _> = configs.iter().map(Hook::new).collect();
        let hooks = Self(hooks?.into());
        let telling = Telling {
            hooks: hooks.clone(),
            seen: events.newest(),
            events,
            store,
            clock,
            patience: Patience::default(),
        };
        Ok((hooks, telling))
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Hook> {
        self.0.iter()
    }
}

/// What tells hooks what happens.
#[derive(Debug)]
pub struct Telling {
    hooks: Hooks,
    events: EventLog,
    /// The number of the last event that was looked at.
    seen: u64,
    store: Store,
    clock: Clock,
    patience: Patience,
}

impl Telling {
    /// Tells them until `stop`. What is not delivered then is after the next start.
    pub async fn run(self, stop: CancellationToken) {
        let urls: Vec<_> = self.hooks.iter().map(|hook| hook.url.text()).collect();
        if let Err(error) = self.store.abandon_deliveries(&urls).await {
            tracing::warn!(%error, "deliveries to former hooks could not be given up");
        }
        if urls.is_empty() {
            stop.cancelled().await;
            return;
        }
        let workers = self.hooks.iter().map(|hook| {
            let worker = Worker {
                hook,
                name: hook.url.text(),
                store: &self.store,
                clock: &self.clock,
                patience: &self.patience,
            };
            worker.run(&stop)
        });
        let collector = Collector {
            hooks: &self.hooks,
            events: &self.events,
            seen: self.seen,
            rows: Vec::new(),
            store: &self.store,
            clock: &self.clock,
            gather: self.patience.gather,
        };
        join(collector.run(&stop), join_all(workers)).await;
    }
}
