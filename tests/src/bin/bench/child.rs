//! A server as a child process that says where it listens.

use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tests::Failure;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child as Process, Command};
use tokio::time::{Instant, timeout};

/// How long a server may take to say where it listens.
const START: Duration = Duration::from_secs(60);

/// A running child process; killed when dropped.
#[derive(Debug)]
pub(crate) struct Child {
    process: Process,
    id: u32,
    /// Its line `listening …`.
    pub(crate) announcement: String,
    /// From before it was started until the line was read.
    pub(crate) start_took: Duration,
}

impl Child {
    /// Starts a process and waits for its line `listening …`.
    pub(crate) async fn start(command: &mut Command) -> Result<Self, Failure> {
        let began = Instant::now();
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Failure::io("starting a server"))?;
        let gone = || Failure::Unexpected("a server ended instead of listening".to_owned());
        let id = process.id().ok_or_else(gone)?;
        let output = process.stdout.take().ok_or_else(gone)?;
        let mut lines = BufReader::new(output).lines();
        let announcement = async {
            while let Some(line) = lines.next_line().await.ok().flatten() {
                if line.starts_with("listening ") {
                    return Some(line);
                }
            }
            None
        };
        let announcement = timeout(START, announcement)
            .await
            .map_err(|_| Failure::TimedOut {
                what: "a server's line `listening …`".to_owned(),
                waited: START,
                seen: String::new(),
            })?
            .ok_or_else(gone)?;
        let start_took = began.elapsed();
        // A full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            process,
            id,
            announcement,
            start_took,
        })
    }

    /// Its process id.
    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    /// The address after `key` in its line.
    pub(crate) fn address(&self, key: &str) -> Result<SocketAddr, Failure> {
        self.announcement
            .split_whitespace()
            .find_map(|word| word.strip_prefix(key)?.strip_prefix("http://"))
            .and_then(|address| address.trim_end_matches('/').parse().ok())
            .ok_or_else(|| {
                Failure::Unexpected(format!(
                    "a server does not say where {key} is: {}",
                    self.announcement
                ))
            })
    }

    /// Ends it as a power cut would.
    pub(crate) async fn kill9(mut self) -> Result<ExitStatus, Failure> {
        self.process
            .start_kill()
            .map_err(Failure::io("killing a server"))?;
        self.process
            .wait()
            .await
            .map_err(Failure::io("waiting for a killed server"))
    }
}
