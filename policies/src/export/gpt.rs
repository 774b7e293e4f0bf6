//! `gpt.ini`: with it a folder with `Machine` and `User` is a local Group
//! Policy object, to be copied to `%SystemRoot%\System32\GroupPolicy`.

use std::fmt::Write as _;

use super::{Draft, Purpose, text};

/// The extension that applies `Registry.pol` (MS-GPREG 1.9), and the two tools
/// that edit it: Administrative Templates of the machine and of the user.
const REGISTRY: &str = "{35378EAC-683F-11D2-A89A-00C04FBBCFA2}";
const MACHINE_TOOL: &str = "{0F6B957D-509E-11D1-A7CC-0000F87571E3}";
const USER_TOOL: &str = "{0F6B957E-509E-11D1-A7CC-0000F87571E3}";

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    let mut ini = String::new();
    for line in file.header() {
        // Writing to a String cannot fail.
        let _ = writeln!(ini, "; {line}");
    }
    ini.push_str("; Copy this folder's content to %SystemRoot%\\System32\\GroupPolicy, then run: gpupdate /force\n");
    ini.push_str(
        "; (Windows 2000: secedit /refreshpolicy machine_policy and user_policy)\n[General]\n",
    );
    // Both halves always: a half that an earlier revision had and this one leaves out would
    // stay as it was.
    let half = half(file.context.revision, file.purpose);
    let _ = writeln!(ini, "gPCMachineExtensionNames=[{REGISTRY}{MACHINE_TOOL}]");
    let _ = writeln!(ini, "gPCUserExtensionNames=[{REGISTRY}{USER_TOOL}]");
    let _ = writeln!(ini, "Version={}", half | half << 16);
    text::ansi(&text::crlf(&ini))
}

/// One half of the version: Windows applies an object whose version has changed, and the lower
/// half counts the machine's changes, the upper the user's. What takes a revision back comes
/// after it and before the next revision.
fn half(revision: u32, purpose: Purpose) -> u32 {
    let undo = u32::from(purpose == Purpose::Undo);
    // Sixteen bits, and never nought, which stands for an object that was never changed.
    (revision.wrapping_mul(2).wrapping_add(undo)) % 0xfffe + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_revision_back_is_newer_than_it_and_older_than_the_next() {
        for revision in [1, 2, 3, 1000, 32_765] {
            let (apply, undo) = (
                half(revision, Purpose::Apply),
                half(revision, Purpose::Undo),
            );
            let next = half(revision + 1, Purpose::Apply);
            assert!(
                apply < undo && undo < next,
                "{revision}: {apply} {undo} {next}"
            );
        }
        for revision in [32_766, 32_767, 40_000, u32::MAX] {
            let half = half(revision, Purpose::Undo);
            assert!((2..=0xffff).contains(&half), "{revision}: {half}");
        }
    }
}
