//! Policy files, read by programs that are not ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::Failure;
use tests::server::Server;

const REG: &str = "Windows Registry Editor Version 5.00\r\n\r\n\
    [HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n\
    \"DisableFileTransfer\"=dword:00000001\r\n\
    \"DisablePC2PCAudio\"=dword:00000001\r\n";

/// Prints `key;value;type;data` for each entry, with Samba's own parser.
const SAMBA: &str = "import sys\n\
    from samba.dcerpc import preg\n\
    from samba.ndr import ndr_unpack\n\
    for e in ndr_unpack(preg.file, open(sys.argv[1], 'rb').read()).entries:\n\
    \x20   print(e.keyname, e.valuename, e.type, e.data, sep=';')\n";

#[test]
fn samba_reads_the_registry_pol_that_is_written() -> Result<(), Failure> {
    let server = Server::start("")?;
    let reg = server.scratch().join("lockdown.reg");
    let utf16: Vec<_> = REG.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&reg, [&[0xff, 0xfe], &utf16[..]].concat())
        .map_err(Failure::io("writing a .reg file"))?;
    server.run(
        &[
            "policy",
            "import",
            &reg.to_string_lossy(),
            "--name",
            "Lockdown",
        ],
        "",
    )?;
    let out = server.scratch().join("out");
    fs::create_dir(&out).map_err(Failure::io("making a directory"))?;
    server.run(
        &[
            "policy",
            "export",
            "Lockdown",
            "--format",
            "pol",
            "--out",
            &out.to_string_lossy(),
        ],
        "",
    )?;

    let pol = registry_pol_of_the_computer(&out)?;
    // python3-samba belongs to the system's own interpreter, not to another on PATH.
    let output = Command::new("/usr/bin/python3")
        .args(["-c", SAMBA])
        .arg(&pol)
        .output()
        .map_err(Failure::io(
            "running /usr/bin/python3 (apt-get install python3-samba)",
        ))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    if complaint.contains("No module named 'samba'") {
        return Err(Failure::Missing {
            program: "Samba's Python".to_owned(),
            install: "apt-get install python3-samba",
        });
    }
    let read = String::from_utf8_lossy(&output.stdout);
    for value in ["DisableFileTransfer", "DisablePC2PCAudio"] {
        let line = format!("Software\\Policies\\Microsoft\\Messenger\\Client;{value};4;1");
        assert!(
            read.lines().any(|it| it.eq_ignore_ascii_case(&line)),
            "{line} is not in:\n{read}{complaint}"
        );
    }
    assert_eq!(read.lines().count(), 2, "{read}");
    Ok(())
}

/// The file that holds the values of HKLM: that of the folder `Machine`.
fn registry_pol_of_the_computer(directory: &Path) -> Result<PathBuf, Failure> {
    let mut waiting = vec![directory.to_path_buf()];
    let mut found = Vec::new();
    while let Some(next) = waiting.pop() {
        let entries = fs::read_dir(&next).map_err(Failure::io("reading a directory"))?;
        for path in entries.filter_map(Result::ok).map(|it| it.path()) {
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
        .iter()
        .find(|it| {
            it.to_string_lossy()
                .to_lowercase()
                .ends_with("machine/registry.pol")
        })
        .cloned()
        .ok_or_else(|| Failure::Unexpected(format!("no Machine/Registry.pol among {found:?}")))
}
