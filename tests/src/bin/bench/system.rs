//! What Linux says of a process: its memory and the processor time it used.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::tests::Failure;
use tokio::time::sleep;

/// Readings that must agree before memory counts as settled.
const AGREEING: usize = 4;
const LOOK_AGAIN: Duration = Duration::from_millis(500);
const PATIENCE: usize = 40;

/// The memory of a process, in KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// All that is resident (`VmRSS`).
    pub(crate) resident: u64,
    /// The part of it that belongs to no file (`RssAnon`).
    pub(crate) anonymous: u64,
}

/// The memory of a process now.
pub(crate) fn memory(process: u32) -> Result<Memory, Failure> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path).map_err(Failure::io(format!("reading {path}")))?;
    let field = |name: &str| {
        kibibytes(&status, name).ok_or_else(|| Failure::Unexpected(format!("{path} has no {name}")))
    };
    Ok(Memory {
        resident: field("VmRSS")?,
        anonymous: field("RssAnon")?,
    })
}

/// The memory of a process once it has stopped changing, or after 20 s.
pub(crate) async fn settled_memory(process: u32) -> Result<Memory, Failure> {
    let mut last = memory(process)?;
    let mut agreed = 0;
    for _ in 0..PATIENCE {
        sleep(LOOK_AGAIN).await;
        let now = memory(process)?;
        agreed = if now.resident.abs_diff(last.resident) < 64 {
            agreed + 1
        } else {
            0
        };
        last = now;
        if agreed >= AGREEING {
            break;
        }
    }
    Ok(last)
}

/// The processor time that a process used so far, in its own code and in the kernel.
pub(crate) fn processor_time(process: u32) -> Result<Duration, Failure> {
    let path = format!("/proc/{process}/task");
    let threads = fs::read_dir(&path).map_err(Failure::io(format!("reading {path}")))?;
    // Nanoseconds; the ticks of `stat` miss threads that run shorter than a tick.
    let used = |thread: fs::DirEntry| {
        let schedstat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        schedstat.split_whitespace().next()?.parse::<u64>().ok()
    };
    let used: u64 = threads.filter_map(|thread| used(thread.ok()?)).sum();
    if used == 0 {
        return Err(Failure::Unexpected(format!(
            "{path} says nothing of processor time: the kernel was built without CONFIG_SCHED_INFO"
        )));
    }
    Ok(Duration::from_nanos(used))
}

/// The time that the processors of this machine had nothing to do so far, all together.
pub(crate) fn idle_time() -> Result<Duration, Failure> {
    let path = "/proc/stat";
    let stat = fs::read_to_string(path).map_err(Failure::io(format!("reading {path}")))?;
    // Linux shows all programs a clock of 100 Hz, whatever its own does.
    idle_ticks(&stat)
        .map(|ticks| Duration::from_millis(ticks * 10))
        .ok_or_else(|| Failure::Unexpected(format!("{path} has no line `cpu`")))
}

/// Milliseconds since 1970, on the clock that the browser reads, too.
pub(crate) fn wall_clock() -> f64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "two processes compare what their clock says"
    )]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
        * 1000.0
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_start_matches(':')
        .trim()
        .strip_suffix(" kB")?
        .parse()
        .ok()
}

/// `idle` and `iowait` of the first line: the fifth and sixth word.
fn idle_ticks(stat: &str) -> Option<u64> {
    let mut words = stat.strip_prefix("cpu ")?.split_whitespace().skip(3);
    let idle: u64 = words.next()?.parse().ok()?;
    let waiting: u64 = words.next()?.parse().ok()?;
    Some(idle + waiting)
}

#[cfg(test)]
mod tests {
    use super::{idle_ticks, kibibytes};

    #[test]
    fn fields_of_proc_are_found() {
        let status = "Name:\tx\nVmRSS:\t   12345 kB\nRssAnon:\t     99 kB\n";
        assert_eq!(kibibytes(status, "VmRSS"), Some(12_345));
        assert_eq!(kibibytes(status, "RssAnon"), Some(99));
        assert_eq!(kibibytes(status, "VmSwap"), None);
        let stat = "cpu  1 2 3 400 20 6 7\ncpu0 1 2 3 4 5 6 7\n";
        assert_eq!(idle_ticks(stat), Some(420));
    }
}
