//! `gpt.ini`: with it a folder with `Machine` and `User` is a local Group
//! Policy object, to be copied to `%SystemRoot%\System32\GroupPolicy`.

use std::fmt::Write as _;

use super::{Draft, text};
use crate::Hive;

/// The extension that applies `Registry.pol` (MS-GPREG 1.9), and the two tools
/// that edit it: Administrative Templates of the machine and of the user.
const REGISTRY: &str = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}";
const MACHINE_TOOL: &str = "{0F6B957D-509E-11D1-A7CC-0000F87571E3}";
const USER_TOOL: &str = "{0F6B957E-509E-11D1-A7CC-0000F87571E3}";

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    // Windows applies an object when a half of the version has changed: the
    // lower half counts the machine's changes, the upper the user's.
    let half = (file.context.revision & 0xffff).max(1);
    let mut version = 0;
    let mut ini = String::new();
    for line in file.header() {
        // Writing to a String cannot fail.
        let _ = writeln!(ini, "; {line}");
    }
    ini.push_str("; Copy this folder's content to %SystemRoot%\\System32\\GroupPolicy, then run: gpupdate /force\n");
    ini.push_str(
        "; (Windows 2000: secedit /refreshpolicy machine_policy and user_policy)\n[General]\n",
    );
    let has = |hive| file.values.iter().any(|value| value.hive == hive);
    if has(Hive::LocalMachine) {
        let _ = writeln!(ini, "gPCMachineExtensionNames=[{REGISTRY}{MACHINE_TOOL}]");
        version |= half;
    }
    if has(Hive::CurrentUser) {
        let _ = writeln!(ini, "gPCUserExtensionNames=[{REGISTRY}{USER_TOOL}]");
        version |= half << 16;
    }
    let _ = writeln!(ini, "Version={version}");
    text::ansi(&text::crlf(&ini))
}
