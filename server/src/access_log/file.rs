//! The file of the day.

use super::{Access, line};
use crate::clock::UnixMs;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Result, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use time::Date;

/// The files of a directory, one a day (UTC), named as IIS does: `ex021122.log`.
#[derive(Debug)]
pub(super) struct DailyFile {
    directory: PathBuf,
    open: Option<(Date, File)>,
}

impl DailyFile {
    /// Files in this directory, which is made, for its owner only, if it is missing.
    pub(super) fn new(directory: &Path) -> Result<Self> {
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
    pub(super) fn append(&mut self, noted: &[Access], lost: u64, now: UnixMs) -> Result<()> {
        if lost > 0 {
            let remark = line::lost(lost);
            self.of(noted.first().map_or(now, |access| access.at_ms), now)?
                .write_all(remark.as_bytes())?;
        }
        let day = |access: &Access| line::moment(access.at_ms).0;
        for same_day in noted.chunk_by(|a, b| day(a) == day(b)) {
            let text: String = same_day.iter().map(line::line).collect();
            let file = self.of(same_day[0].at_ms, now)?;
            if let Err(error) = file.write_all(text.as_bytes()) {
                // The next try opens it anew: the disk may have been exchanged.
                self.open = None;
                return Err(error);
            }
        }
        Ok(())
    }

    /// The file of the day of a moment.
    fn of(&mut self, at: UnixMs, now: UnixMs) -> Result<&mut File> {
        let (day, _) = line::moment(at);
        let file = match self.open.take() {
            Some((open, file)) if open == day => file,
            _ => {
                let mut file = OpenOptions::new()
                    .append(true)
                    .create(true)
                    .mode(0o600)
                    .open(self.directory.join(name(day)))?;
                file.write_all(line::header(now).as_bytes())?;
                file
            }
        };
        Ok(&mut self.open.insert((day, file)).1)
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
