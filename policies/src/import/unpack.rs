//! What is in a ZIP archive, within bounds: an archive may come from anybody.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{ImportError, SourceFile};

/// Entries that are looked at.
const MOST_ENTRIES: usize = 2_000;
/// The largest entry, unpacked.
const LARGEST_ENTRY: u64 = 8 * 1024 * 1024;
/// All entries together, unpacked.
const LARGEST: u64 = 16 * 1024 * 1024;
/// An honest registry file is not packed more tightly; a short one may be.
const TIGHTEST: u64 = 200;
const ALWAYS: u64 = 1024 * 1024;

/// Unpacks the registry files and the `Registry.pol` files of an archive.
pub(super) fn unpack(archive: &str, bytes: &[u8]) -> Result<Vec<SourceFile>, ImportError> {
    let damaged =
        |error: &ZipError| ImportError::Archive(format!("it cannot be unpacked: {error}"));
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    if zip.len() > MOST_ENTRIES {
        return Err(ImportError::Archive(format!(
            "it has {} entries, and {MOST_ENTRIES} are looked at; take out what does not belong to this policy",
            zip.len()
        )));
    }
    let mut files = Vec::new();
    let mut left = LARGEST;
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).map_err(|error| damaged(&error))?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(|error| damaged(&error))?;
        let name = name.replace('\\', "/");
        if !stays_inside(&name) {
            return Err(ImportError::Archive(format!(
                "its entry {name:?} leads out of the archive; pack the files anew"
            )));
        }
        if !wanted(&name) {
            continue;
        }
        let too_large = || {
            ImportError::Archive(format!(
                "{name} is too large when it is unpacked; import it by itself, without the keys that are not about these clients"
            ))
        };
        let packed = entry.compressed_size();
        let most = left
            .min(LARGEST_ENTRY)
            .min(ALWAYS.max(packed.saturating_mul(TIGHTEST)));
        let mut inside = Vec::new();
        entry
            .by_ref()
            .take(most + 1)
            .read_to_end(&mut inside)
            .map_err(|error| ImportError::Archive(format!("{name} cannot be unpacked: {error}")))?;
        let size = u64::try_from(inside.len()).unwrap_or(u64::MAX);
        if size > most {
            return Err(too_large());
        }
        left -= size;
        files.push(SourceFile {
            name: format!("{archive}/{name}"),
            bytes: inside,
            asked: false,
        });
    }
    if files.is_empty() {
        return Err(ImportError::NothingInIt);
    }
    // The order of an archive is an accident; that of names is the same each time.
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Whether a file of this name may hold values of the registry. Those of Group Policy
/// preferences are not read, and named.
fn wanted(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".reg") || name.ends_with(".pol") || name.ends_with("/registry.xml")
}

/// Whether a name stays below the folder in which the archive would be unpacked.
fn stays_inside(name: &str) -> bool {
    let mut parts = name.split('/');
    !name.starts_with('/') && !name.contains([':', '\0']) && parts.all(|part| part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn why(entries: &[(&str, &[u8])]) -> String {
        unpack("x.zip", &packed(entries)).unwrap_err().to_string()
    }

    #[test]
    fn registry_files_come_out_in_the_order_of_their_names() {
        let zip = packed(&[
            ("b.reg", b"REGEDIT4"),
            ("GPO\\User\\Registry.pol", b"PReg"),
            ("readme.txt", b"no"),
            ("GPO\\Machine\\registry.pol", b"PReg"),
        ]);
        let files = unpack("x.zip", &zip).unwrap();
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "x.zip/GPO/Machine/registry.pol",
                "x.zip/GPO/User/Registry.pol",
                "x.zip/b.reg"
            ]
        );
    }

    #[test]
    fn archives_that_swell_or_lead_outside_are_refused() {
        let bomb = vec![b' '; 17 * 1024 * 1024];
        assert!(why(&[("a.reg", &bomb)]).contains("too large"));
        let bomb = vec![b' '; 4 * 1024 * 1024];
        assert!(why(&[("a.reg", &bomb)]).contains("too large"));
        assert!(why(&[("../a.reg", b"REGEDIT4")]).contains("leads out"));
        assert!(why(&[("/a.reg", b"REGEDIT4")]).contains("leads out"));
        assert!(why(&[("C:\\a.reg", b"REGEDIT4")]).contains("leads out"));
        let names: Vec<String> = (0..=MOST_ENTRIES).map(|n| format!("{n}.reg")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
        assert!(why(&many).contains("2001 entries"));
        assert!(why(&[("a.txt", b"x")]).contains("neither"));
        let cut = packed(&[("a.reg", b"REGEDIT4")]);
        assert!(unpack("x.zip", &cut[..cut.len() / 2]).is_err());
    }
}
