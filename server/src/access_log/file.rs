//! The file of the day.

use super::{Access, line};
use crate::clock::UnixMs;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use time::Date;

/// Lines that were not written.
#[derive(Debug)]
pub(super) struct Unwritten {
    /// How many.
    pub(super) lines: u64,
    /// Nor the remark on those that were lost before.
    pub(super) remark: bool,
    /// Why.
    pub(super) error: io::Error,
}

/// The files of a directory, one a day (UTC), named as IIS does: `ex021122.log`.
#[derive(Debug)]
pub(super) struct DailyFile {
    directory: PathBuf,
    open: Option<(Date, File)>,
}

impl DailyFile {
    /// Files in this directory, which is made, for its owner only, if it is missing.
    pub(super) fn new(directory: &Path) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
            open: None,
        })
    }

    /// Writes the requests, each into the file of its day, after a remark if some were lost.
    pub(super) fn append(
        &mut self,
        noted: &[Access],
        lost: u64,
        now: UnixMs,
    ) -> Result<(), Unwritten> {
        let unwritten = |lines: usize, remark| {
            move |error| Unwritten {
                lines: lines as u64,
                remark,
                error,
            }
        };
        if lost > 0 {
            let at = noted.first().map_or(now, |access| access.at_ms);
            self.write(at, now, &line::lost(lost))
                .map_err(unwritten(noted.len(), true))?;
        }
        let day = |access: &Access| line::moment(access.at_ms).0;
        let mut left = noted.len();
        for same_day in noted.chunk_by(|a, b| day(a) == day(b)) {
            let text: String = same_day.iter().map(line::line).collect();
            self.write(same_day[0].at_ms, now, &text)
                .map_err(unwritten(left, false))?;
            left -= same_day.len();
        }
        Ok(())
    }

    /// Writes whole lines into the file of a moment's day: all of them, or none.
    fn write(&mut self, at: UnixMs, now: UnixMs, text: &str) -> io::Result<()> {
        let (day, _) = line::moment(at);
        let (file, header) = match self.open.take() {
            Some((open, file)) if open == day => (file, String::new()),
            _ => {
                let file = OpenOptions::new()
                    .append(true)
                    .create(true)
                    .mode(0o600)
                    .open(self.directory.join(name(day)))?;
                (file, line::header(now))
            }
        };
        let before = file.metadata()?.len();
        match (&file).write_all(format!("{header}{text}").as_bytes()) {
            Ok(()) => {
                self.open = Some((day, file));
                Ok(())
            }
            // The next try opens it anew: the disk may have been exchanged.
            Err(error) => {
                let _ = file.set_len(before);
                Err(error)
            }
        }
    }
}

fn name(day: Date) -> String {
    format!(
        "ex{:02}{:02}{:02}.log",
        day.year().rem_euclid(100),
        u8::from(day.month()),
        day.day()
    )
}

#[cfg(test)]
mod tests {
    use super::super::line::tests::access;
    use super::*;

    fn at(at_ms: UnixMs) -> Access {
        Access { at_ms, ..access() }
    }

    #[test]
    fn midnight_starts_a_new_file_and_a_restart_adds_to_the_old_one() {
        let place = tempfile::tempdir().unwrap();
        let read = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
        // 2002-11-22 23:59:59.999.
        let late = 1_038_009_599_999;
        let mut file = DailyFile::new(place.path()).unwrap();
        file.append(&[at(late), at(late + 1), at(late + 2)], 0, late)
            .unwrap();
        let first = read("ex021122.log");
        let second = read("ex021123.log");
        assert_eq!((first.lines().count(), second.lines().count()), (5, 6));
        assert!(second.contains("\n2002-11-23 00:00:00 "));

        drop(file);
        let mut file = DailyFile::new(place.path()).unwrap();
        file.append(&[at(late + 3)], 7, late + 3).unwrap();
        let longer = read("ex021123.log");
        assert!(longer.starts_with(&second));
        assert!(longer.contains("#Remark: 7 lines were lost"));
        assert_eq!(longer.lines().count(), 6 + 4 + 1 + 1);
    }
}
