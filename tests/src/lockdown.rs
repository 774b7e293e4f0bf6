//! Policies as an administrator brings them: a registry file.

use std::fs;

use crate::Failure;
use crate::server::Server;

/// Key of what Messenger's policies are.
pub const MESSENGER: &str = "HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client";

/// Key of Internet Explorer's proxy settings.
pub const INTERNET_SETTINGS: &str =
    "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";

/// The lines of a registry file: a key, and its values as the file writes them.
#[must_use]
pub fn registry(key: &str, values: &[&str]) -> String {
    format!(
        "Windows Registry Editor Version 5.00\r\n\r\n[{key}]\r\n{}\r\n",
        values.join("\r\n")
    )
}

impl Server {
    /// Makes a policy that counts for everyone, or a new revision of it, of a registry file.
    ///
    /// # Errors
    /// As [`Server::run`].
    pub fn import_policy(&self, name: &str, reg: &str) -> Result<(), Failure> {
        let file = self.scratch().join(format!("{name}.reg"));
        let utf16: Vec<_> = reg.encode_utf16().flat_map(u16::to_le_bytes).collect();
        fs::write(&file, [&[0xff, 0xfe], &utf16[..]].concat())
            .map_err(Failure::io("writing a .reg file"))?;
        let file = file.to_string_lossy().into_owned();
        let import = ["policy", "import", &file, "--name", name];
        let counts = ["--for", "everyone", "--replace"];
        self.run(&[import.as_slice(), &counts].concat(), "")
            .map(drop)
    }

    /// Makes a policy that forbids to transfer files, and counts for everyone.
    ///
    /// # Errors
    /// As [`Server::run`].
    pub fn forbid_files(&self, name: &str) -> Result<(), Failure> {
        let reg = registry(MESSENGER, &["\"DisableFileTransfer\"=dword:00000001"]);
        self.import_policy(name, &reg)
    }
}
