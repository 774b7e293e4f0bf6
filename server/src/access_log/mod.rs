//! The access log: W3C extended format, the fields that administrators know from IIS, a file
//! a day. It never makes a request wait: where the disk does not follow, lines are lost, and
//! the file says how many.

mod file;
mod line;

use crate::clock::{Clock, UnixMs};
use file::DailyFile;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;

/// How many lines may wait for the disk.
const WAITING: usize = 4096;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When it was answered.
    pub at_ms: UnixMs,
    /// Address of the client.
    pub client: std::net::IpAddr,
    /// Who it was; empty for nobody that was proved.
    pub user: String,
    /// Method.
    pub method: String,
    /// What was asked for, without the query.
    pub target: String,
    /// Status of the answer.
    pub status: u16,
    /// Bytes of the answer's body.
    pub sent: u64,
    /// Bytes of the request's body.
    pub received: u64,
    /// Milliseconds from the request's head to its answer.
    pub took_ms: i64,
    /// What the client calls itself; empty if it does not say.
    pub agent: String,
}

/// Where requests are noted. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct AccessLog(Option<Open>);

#[derive(Clone, Debug)]
struct Open {
    lines: Sender<Access>,
    lost: Arc<AtomicU64>,
}

impl AccessLog {
    /// Writes to `directory`, which is made if it is missing. The task ends, with all written,
    /// when the last clone of the log is gone.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn start(directory: &Path, clock: Clock) -> std::io::Result<(Self, JoinHandle<()>)> {
        let file = DailyFile::new(directory)?;
        let (lines, receiver) = mpsc::channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(write(receiver, file, lost.clone(), clock));
        Ok((Self(Some(Open { lines, lost })), task))
    }

    /// A log that notes nothing.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// Whether requests are noted at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Notes a request. Never waits.
    pub fn note(&self, access: Access) {
        if let Some(open) = &self.0
            && open.lines.try_send(access).is_err()
        {
            open.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn write(
    mut lines: Receiver<Access>,
    mut file: DailyFile,
    lost: Arc<AtomicU64>,
    clock: Clock,
) {
    let mut broken = false;
    let mut batch = Vec::with_capacity(64);
    while lines.recv_many(&mut batch, 64).await > 0 {
        let missing = lost.swap(0, Ordering::Relaxed);
        let now = clock.wall_ms();
        let noted = std::mem::take(&mut batch);
        // The disk may be slow; the runtime's threads answer requests.
        let written = tokio::task::spawn_blocking(move || {
            let result = file.append(&noted, missing, now);
            (file, result)
        });
        let Ok((back, result)) = written.await else {
            return;
        };
        file = back;
        if let Err(error) = &result
            && !broken
        {
            tracing::warn!(%error, "the access log cannot be written; see that the disk has room and that this user may write to the directory logs");
        }
        broken = result.is_err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use line::tests::access;

    #[tokio::test]
    async fn what_is_noted_is_in_the_file_once_the_log_is_closed() {
        let place = tempfile::tempdir().unwrap();
        let (log, task) =
            AccessLog::start(&place.path().join("logs"), Clock::manual(access().at_ms)).unwrap();
        for _ in 0..200 {
            log.note(access());
        }
        drop(log);
        task.await.unwrap();
        let text = std::fs::read_to_string(place.path().join("logs/ex021122.log")).unwrap();
        assert_eq!(
            text.lines().filter(|line| !line.starts_with('#')).count(),
            200
        );
    }

    #[test]
    fn a_full_channel_loses_lines_and_counts_them() {
        let (lines, _receiver) = mpsc::channel(2);
        let lost = Arc::new(AtomicU64::new(0));
        let log = AccessLog(Some(Open {
            lines,
            lost: lost.clone(),
        }));
        for _ in 0..5 {
            log.note(access());
        }
        assert_eq!(lost.load(Ordering::Relaxed), 3);
    }
}
