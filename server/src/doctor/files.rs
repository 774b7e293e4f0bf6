//! The data directory and the key file: there, and for this user only.

use crate::keys;
use api::{Finding, Level};
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

fn is_public(it: &Metadata) -> bool {
    it.mode() & 0o077 != 0
}

/// The data directory.
pub(super) fn directory(path: &Path) -> Finding {
    const WHY: &str = "It holds the accounts, the presence and the audit; nobody but the \
        server's user has to read it.";
    let finding = |level, found| Finding::new(level, "Data directory", found, WHY);
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(it) if !it.is_dir() => finding(Level::Problem, format!("{shown} is no directory."))
            .remedy("Name another with --data-dir."),
        Ok(it) if is_public(&it) => finding(
            Level::Problem,
            format!(
                "Other users of this machine can look into {shown}; the server will not start."
            ),
        )
        .remedy(format!("Make it private: chmod 700 {shown}")),
        Ok(_) => finding(Level::Ok, format!("{shown} is open to its owner only.")),
        Err(error) => finding(Level::Problem, format!("{shown} cannot be read: {error}."))
            .remedy("Start the server once to make it, or name another with --data-dir."),
    }
}

/// The key that passwords are sealed under.
pub(super) fn key(directory: &Path) -> Finding {
    const WHY: &str = "The verifiers of all passwords are sealed under this key: who reads it \
        can sign on as anybody, and without it nobody can sign on.";
    let finding = |level, found| Finding::new(level, "Key file", found, WHY);
    let path = keys::path(directory);
    let shown = path.display();
    match std::fs::metadata(&path) {
        Ok(it) if is_public(&it) => finding(
            Level::Problem,
            format!("Other users of this machine can read {shown}; the server will not start."),
        )
        .remedy(format!("Make it private: chmod 600 {shown}")),
        Ok(it) if it.len() != 32 => finding(
            Level::Problem,
            format!("{shown} is damaged: it must hold 32 bytes."),
        )
        .remedy("Restore it from a backup."),
        Ok(_) => finding(Level::Ok, format!("{shown} is open to its owner only.")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            finding(Level::Problem, format!("There is no key file {shown}.")).remedy(
                "Restore it from a backup. On a new data directory the first start makes it.",
            )
        }
        Err(error) => finding(Level::Problem, format!("{shown} cannot be read: {error}."))
            .remedy("Run this as the user that the server runs as."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt as _;

    fn mode(path: &Path, mode: u32) {
        set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_others_can_read_is_found() {
        let place = tempfile::tempdir().unwrap();
        mode(place.path(), 0o755);
        assert_eq!(directory(place.path()).level, Level::Problem);
        mode(place.path(), 0o700);
        assert_eq!(directory(place.path()).level, Level::Ok);

        assert!(key(place.path()).found.contains("no key file"));
        let file = keys::path(place.path());
        write(&file, [1; 32]).unwrap();
        mode(&file, 0o640);
        let public = key(place.path());
        assert_eq!(public.level, Level::Problem);
        assert!(public.remedy.contains("chmod 600"));
        mode(&file, 0o600);
        assert_eq!(key(place.path()).level, Level::Ok);
        write(&file, [1; 31]).unwrap();
        assert!(key(place.path()).found.contains("damaged"));
    }

    #[test]
    fn a_directory_that_is_missing_or_none_is_a_problem() {
        let place = tempfile::tempdir().unwrap();
        let missing = place.path().join("missing");
        assert_eq!(directory(&missing).level, Level::Problem);
        write(&missing, []).unwrap();
        assert!(directory(&missing).found.contains("no directory"));
    }
}
