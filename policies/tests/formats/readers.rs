//! Running the readers in `tests/readers`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The system's interpreter: Samba's modules belong to it and to no other.
const PYTHON: &str = "/usr/bin/python3";

/// A folder for the files of one test, gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let name = format!("rollcall-{test}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder for temporary files");
        Self(folder)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).expect("room for a small file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

/// What a reader says of files: its lines, or its complaint.
pub(crate) fn read_by(reader: &str, arguments: &[&Path]) -> Result<Vec<String>, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/readers")
        .join(reader);
    let output = Command::new(PYTHON)
        .arg(script)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{PYTHON} does not run ({error}): apt-get install python3"));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    for (sign, package) in [
        ("No module named 'samba'", "python3-samba"),
        ("No module named 'hivex'", "python3-hivex"),
        (
            "No such file or directory: 'hivexregedit'",
            "libwin-hivex-perl",
        ),
    ] {
        assert!(
            !complaint.contains(sign),
            "a reader is not there: apt-get install {package}"
        );
    }
    if !output.status.success() {
        return Err(complaint);
    }
    let said = String::from_utf8(output.stdout).expect("readers write UTF-8");
    Ok(said.lines().map(str::to_owned).collect())
}
