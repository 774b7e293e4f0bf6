//! Files in one ZIP archive. The same files of the same date give the same
//! bytes, so that two copies of a kit can be compared.

use std::io::{Cursor, Write as _};

use thiserror::Error;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::ExportedFile;

/// Why an archive was not made.
#[derive(Debug, Error)]
#[error("the archive could not be packed: {0}")]
pub struct ArchiveError(String);

impl From<zip::result::ZipError> for ArchiveError {
    fn from(error: zip::result::ZipError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for ArchiveError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Packs files in their order, all dated `date` (`2002-06-01`). What is no
/// date that a ZIP archive can carry becomes its first, 1980-01-01.
///
/// # Errors
///
/// Two files have the same name, or one is too large for the format.
pub fn archive(files: &[ExportedFile], date: &str) -> Result<Vec<u8>, ArchiveError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(moment(date).unwrap_or_default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        zip.start_file(file.file_name.as_str(), options)?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn moment(date: &str) -> Option<DateTime> {
    let mut parts = date.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    DateTime::from_date_and_time(year, month, day, 0, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn file(name: &str, text: &str) -> ExportedFile {
        ExportedFile {
            file_name: name.to_owned(),
            media_type: "text/plain",
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn what_is_packed_comes_out_and_is_always_the_same() {
        let files = [
            file("readme.txt", "read me\r\n"),
            file("GroupPolicy/Machine/Registry.pol", "PReg"),
        ];
        let packed = archive(&files, "2002-06-01").unwrap();
        assert_eq!(packed, archive(&files, "2002-06-01").unwrap());
        let mut zip = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
        for (at, packed) in files.iter().enumerate() {
            let mut entry = zip.by_index(at).unwrap();
            assert_eq!(entry.name().unwrap(), packed.file_name);
            let date = entry.last_modified().unwrap();
            assert_eq!(
                (date.year(), date.month(), date.day(), date.hour()),
                (2002, 6, 1, 0)
            );
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, packed.bytes);
        }
    }

    #[test]
    fn a_date_that_an_archive_cannot_carry_becomes_its_first() {
        for date in ["", "yesterday", "1969-12-31", "2002-13-01"] {
            assert_eq!(moment(date).unwrap_or_default(), DateTime::default());
        }
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        assert!(archive(&[file("a", "1"), file("a", "2")], "2002-06-01").is_err());
    }
}
