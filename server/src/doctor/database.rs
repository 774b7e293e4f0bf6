//! The database: sound, of this key, and of this domain; and room for it to grow.

use crate::auth::{SealKey, Verifiers};
use crate::data_dir;
use crate::keys;
use crate::opening::{KeyFit, Names, fits};
use crate::store::{Inspection, database_path};
use api::{Finding, Level};
use std::path::Path;

/// Less is soon used up by the write-ahead log alone.
const LITTLE_ROOM: u64 = 64 * 1024 * 1024;
/// From here on there is time to do something about it.
const SOME_ROOM: u64 = 512 * 1024 * 1024;

/// The file itself.
pub(super) fn integrity(directory: &Path, looked: &Inspection) -> Finding {
    const WHY: &str = "It holds the accounts, the presence, the policies and the audit; what is \
        read from a damaged page may be anything.";
    let finding = |level, found| Finding::new(level, "Database", found, WHY);
    let path = database_path(directory);
    let shown = path.display();
    match path.metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if keys::path(directory).exists() {
                return finding(
                    Level::Problem,
                    format!("{shown} is missing, though there is a key file beside it."),
                )
                .remedy(
                    "Restore a backup. To start anew without the accounts, move the key file away.",
                );
            }
            return finding(Level::Problem, format!("There is no database {shown}.")).remedy(
                "Start the server once to make it, or name another directory with --data-dir.",
            );
        }
        Ok(found) if found.len() == 0 => {
            return finding(Level::Problem, format!("{shown} is empty.")).remedy(
                "Restore a backup. To start anew without the accounts, move the key file away.",
            );
        }
        _ => {}
    }
    match looked.faults.as_slice() {
        [] => finding(Level::Ok, format!("{shown} is sound.")),
        faults => finding(
            Level::Problem,
            format!("{shown} is damaged: {}.", faults.join("; ")),
        )
        .remedy(
            "Stop the server, keep a copy of the file, and restore a backup; or save what can be \
             read with: sqlite3 rollcall.db .recover",
        ),
    }
}

/// Whether the key opens what the database holds.
pub(super) fn key(directory: &Path, looked: &Inspection) -> Option<Finding> {
    const WHY: &str = "Passwords are kept sealed under the key file: with another key nobody can \
        sign on.";
    let finding = |level, found: String| Finding::new(level, "Key and database", found, WHY);
    let key = read_key(directory)?;
    if !looked.faults.is_empty() {
        return None;
    }
    let sealed = looked.sealed.iter();
    let sealed = sealed.map(|(alias, bytes)| (alias.as_str(), bytes.as_slice()));
    if fits(&key, looked.fact("key_check"), sealed) == KeyFit::Foreign {
        return Some(
            finding(
                Level::Problem,
                "The key file does not belong to this database; the server will not start."
                    .to_owned(),
            )
            .remedy(
                "Put the verifiers.key back that stood beside this database, or the database that \
                 stood beside this key.",
            ),
        );
    }
    let shut: Vec<_> = looked
        .sealed
        .iter()
        .filter(|(alias, bytes)| key.open(alias, bytes).is_err())
        .map(|(alias, _)| alias.as_str())
        .collect();
    Some(match shut.as_slice() {
        [] => finding(
            Level::Ok,
            "The key file opens the passwords of all accounts.".to_owned(),
        ),
        some => finding(
            Level::Problem,
            format!(
                "The key file does not open the passwords of {} of {} accounts: {}.",
                some.len(),
                looked.sealed.len(),
                named(some)
            ),
        )
        .remedy("Set their passwords again: rollcall user passwd ALIAS --password-stdin"),
    })
}

/// Whether accounts were made while the server had another name.
pub(super) fn names(directory: &Path, domain: &str, looked: &Inspection) -> Option<Finding> {
    const WHY: &str = "A Digest password is kept for the name that the client sends with it. \
        Plain names and those of the former domain go on; a new name has to be set.";
    let finding = |level, found: String| Finding::new(level, "Change of domain", found, WHY);
    let kept: Names = serde_json::from_str(looked.fact("names")?).ok()?;
    let key = read_key(directory)?;
    let realm = kept.realm().ok()?;
    if kept.domain != domain {
        return Some(finding(
            Level::Warning,
            format!(
                "The server ran as {}, and will be {domain} at its next start.",
                kept.domain
            ),
        )
        .remedy(
            "If that is meant, change the DNS records as well. If not, set `domain` (or --domain) \
             to what it was.",
        ));
    }
    let before: Vec<_> = looked
        .sealed
        .iter()
        .filter(|(alias, bytes)| {
            let opened = key.open(alias, bytes).ok();
            let verifiers = opened.and_then(|it| Verifiers::from_bytes(&it).ok());
            verifiers.is_some_and(|it| !it.fits(&realm))
        })
        .map(|(alias, _)| alias.as_str())
        .collect();
    (!before.is_empty()).then(|| {
        finding(
            Level::Warning,
            format!(
                "{} of {} accounts had their password set under another name of the server: {}.",
                before.len(),
                looked.sealed.len(),
                named(&before)
            ),
        )
        .remedy(format!(
            "Those who sign on by Digest as {}\\ALIAS or ALIAS@{} need it set again: rollcall user \
             passwd ALIAS --password-stdin",
            realm.nt_domain, realm.domain
        ))
    })
}

/// Room on the file system.
pub(super) fn room(directory: &Path) -> Option<Finding> {
    const WHY: &str = "What cannot be written is not acknowledged: with a full disk nobody signs \
        on, and nothing can be changed.";
    let finding = |level, found| Finding::new(level, "Room", found, WHY);
    let free = data_dir::free_bytes(directory)?;
    let megabytes = free / 1_000_000;
    let found = format!("{megabytes} MB are free beside the database.");
    let remedy = "Make room on that file system, or move the data directory to another.";
    Some(match free {
        ..LITTLE_ROOM => finding(Level::Problem, found).remedy(remedy),
        LITTLE_ROOM..SOME_ROOM => finding(Level::Warning, found).remedy(remedy),
        _ => finding(Level::Ok, found),
    })
}

fn read_key(directory: &Path) -> Option<SealKey> {
    let bytes = std::fs::read(keys::path(directory)).ok()?;
    SealKey::try_from(bytes.as_slice()).ok()
}

/// The first few of a list.
fn named(aliases: &[&str]) -> String {
    const SHOWN: usize = 5;
    match aliases.split_at_checked(SHOWN) {
        Some((some, rest)) if !rest.is_empty() => {
            format!("{} and {} more", some.join(", "), rest.len())
        }
        _ => aliases.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut() {
        let many: Vec<_> = (0..9).map(|n| format!("u{n}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(named(&many[..2]), "u0, u1");
        assert_eq!(named(&many[..5]), "u0, u1, u2, u3, u4");
        assert_eq!(named(&many), "u0, u1, u2, u3, u4 and 4 more");
    }

    #[test]
    fn a_missing_or_empty_database_is_a_problem() {
        let place = tempfile::tempdir().unwrap();
        let nothing = Inspection::default();
        let found = |word: &str| {
            let finding = integrity(place.path(), &nothing);
            assert_eq!(finding.level, Level::Problem);
            assert!(finding.found.contains(word), "{}", finding.found);
        };
        found("There is no database");
        std::fs::write(keys::path(place.path()), [1; 32]).unwrap();
        found("missing");
        std::fs::write(database_path(place.path()), []).unwrap();
        found("empty");
    }

    #[test]
    fn room_is_looked_at() {
        let place = tempfile::tempdir().unwrap();
        assert!(room(place.path()).unwrap().found.contains("MB"));
        assert!(room(&place.path().join("nowhere")).is_none());
    }
}
