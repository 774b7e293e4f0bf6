//! The system's clock, against what the server wrote before.

use crate::clock::UnixMs;
use crate::store::{AuditFilter, Store, StoreError};
use api::{Finding, Level};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// 2024-01-01: no machine that runs this program is older.
const EARLIEST: UnixMs = 1_704_067_200_000;

/// How far the clock may be behind what was written, in milliseconds.
const SLACK: i64 = 2 * 60 * 1000;

/// What the clock shows, and what it showed.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClockReading {
    /// Now.
    pub now: UnixMs,
    /// The newest time that the server wrote, if any.
    pub newest: Option<UnixMs>,
    /// By how much it was set while the server ran.
    pub offset: i64,
    /// By how much it was set since the server ran; `None`: that cannot be told.
    pub since: Option<i64>,
}

/// The clock has not gone back, was not set, and shows a year that can be.
pub(super) fn clock(reading: &ClockReading) -> Finding {
    let ClockReading {
        now,
        newest,
        offset,
        since,
    } = *reading;
    const WHY: &str = "Leases, blocks and console sessions count evenly, whatever the clock shows; \
        the audit, the figures of a day and all times that people read go by it.";
    const REMEDY: &str = "Let the system keep its time by NTP (timedatectl set-ntp true).";
    let finding = |level, found: String| Finding::new(level, "Clock", found, WHY);
    if now < EARLIEST {
        return finding(
            Level::Problem,
            "The system's clock shows a time before 2024.".to_owned(),
        )
        .remedy(REMEDY);
    }
    let way = |by: i64| if by > 0 { "on" } else { "back" };
    if let Some(since) = since.filter(|it| it.abs() > SLACK) {
        return finding(
            Level::Warning,
            format!(
                "The clock was set {} by {} since the server ran; the server goes on counting as before.",
                way(since),
                span(since.abs())
            ),
        )
        .remedy(REMEDY);
    }
    if offset.abs() > SLACK {
        return finding(
            Level::Warning,
            format!(
                "The clock was set {} by {} while the server ran; it goes on counting as before.",
                way(offset),
                span(offset.abs())
            ),
        )
        .remedy(REMEDY);
    }
    match newest {
        Some(newest) if newest > now + SLACK => finding(
            Level::Problem,
            format!(
                "The database holds a time that is {} in the future: the clock went back.",
                span(newest - now)
            ),
        )
        .remedy(REMEDY),
        Some(_) => finding(
            Level::Ok,
            "The clock is later than everything the server wrote.".to_owned(),
        ),
        None => finding(
            Level::Ok,
            "The clock shows a time that can be; there is nothing yet to compare it with."
                .to_owned(),
        ),
    }
}

fn span(ms: i64) -> String {
    // A jump is seen a moment after it happened: 2 days less a millisecond are 2 days.
    match (ms + 30_000) / 60_000 {
        minutes @ ..120 => format!("{minutes} minutes"),
        minutes @ ..2880 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}

/// The newest time stamp in the database: of the audit, or a sample from the future.
pub async fn newest_stamp(store: &Store, now: UnixMs) -> Result<Option<UnixMs>, StoreError> {
    let newest = AuditFilter {
        limit: 1,
        ..AuditFilter::default()
    };
    let (entries, _) = store.audit(&newest).await?;
    let samples = store.online_samples(now).await?;
    let entry = entries.first().map(|entry| entry.at_ms);
    Ok(entry.max(samples.last().map(|(at, _)| *at)))
}

/// When the database file was last written, for when no server has it open.
#[must_use]
pub fn file_stamp(directory: &Path) -> Option<UnixMs> {
    let written = std::fs::metadata(directory.join("rollcall.db"))
        .and_then(|it| it.modified())
        .ok()?;
    let since = written.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = 1_795_000_000_000;

    #[test]
    fn a_clock_that_went_back_is_found() {
        let clock = |now, newest| {
            clock(&ClockReading {
                now,
                newest,
                ..ClockReading::default()
            })
        };
        let finding = clock(NOW, Some(NOW + 3 * 3_600_000));
        assert_eq!(finding.level, Level::Problem);
        assert!(finding.found.contains("3 hours"), "{}", finding.found);
        assert_eq!(clock(0, None).level, Level::Problem);
        for newest in [None, Some(NOW - 1), Some(NOW + 60_000)] {
            assert_eq!(clock(NOW, newest).level, Level::Ok, "{newest:?}");
        }
    }

    #[test]
    fn a_clock_that_was_set_is_named() {
        let day = 86_400_000;
        for (offset, since, said) in [
            (day, None, "set on by 24 hours while"),
            (-3 * day, Some(1000), "set back by 3 days while"),
            (0, Some(day), "set on by 24 hours since"),
            (day, Some(-day), "set back by 24 hours since"),
        ] {
            let finding = clock(&ClockReading {
                now: NOW,
                newest: None,
                offset,
                since,
            });
            assert_eq!(finding.level, Level::Warning);
            assert!(finding.found.contains(said), "{}", finding.found);
        }
    }

    #[tokio::test]
    async fn the_newest_stamp_is_that_of_the_audit_or_of_the_future() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(file_stamp(directory.path()), None);
        let store = Store::open(directory.path()).await.unwrap();
        assert!(file_stamp(directory.path()).is_some());
        assert_eq!(newest_stamp(&store, NOW).await.unwrap(), None);
        store.add_online_sample(NOW - 5, 1, NOW).await.unwrap();
        assert_eq!(newest_stamp(&store, NOW).await.unwrap(), None);
        store.add_online_sample(NOW + 5, 1, NOW).await.unwrap();
        assert_eq!(newest_stamp(&store, NOW).await.unwrap(), Some(NOW + 5));
    }
}
