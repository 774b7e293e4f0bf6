//! Every format of three real policies, byte for byte: text as text with its
//! encoding named, the rest as hex.

use std::fmt::Write as _;

use policies::{ExportedFile, Format, Policy, export, undo};

use crate::samples;

/// The file as a snapshot shows it.
fn shown(file: &ExportedFile) -> String {
    let ExportedFile {
        file_name,
        media_type,
        bytes,
    } = file;
    let (encoding, text) = if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        let units: Vec<u16> = rest
            .chunks_exact(2)
            .map(|p| u16::from_le_bytes([p[0], p[1]]))
            .collect();
        (
            "UTF-16LE with a mark",
            String::from_utf16(&units).expect("sound UTF-16"),
        )
    } else if bytes.starts_with(b"PReg") {
        return format!("{file_name} ({media_type}, binary)\n{}", hex(bytes));
    } else if bytes.is_ascii() {
        ("ASCII", String::from_utf8_lossy(bytes).into_owned())
    } else if bytes.starts_with(b"<?xml") {
        (
            "UTF-8",
            String::from_utf8(bytes.clone()).expect("sound UTF-8"),
        )
    } else {
        ("8 bits", bytes.iter().map(|b| char::from(*b)).collect())
    };
    assert!(
        !text.replace("\r\n", "").contains(['\r', '\n']),
        "{file_name}: every line ends with CR LF"
    );
    format!(
        "{file_name} ({media_type}, {encoding}, CR LF)\n{}",
        text.replace("\r\n", "\n")
    )
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::new();
    for row in bytes.chunks(16) {
        let digits: Vec<String> = row.iter().map(|b| format!("{b:02x}")).collect();
        let signs: String = row
            .iter()
            .map(|b| {
                if b.is_ascii_graphic() {
                    char::from(*b)
                } else {
                    '.'
                }
            })
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:<47}  {signs}", digits.join(" "));
    }
    out
}

fn snapshots(policy: &Policy, name: &str) {
    for format in Format::ALL {
        match export(policy, format, &samples::context()) {
            Ok(file) => insta::assert_snapshot!(format!("{name}-{}", format.word()), shown(&file)),
            Err(refused) => {
                insta::assert_snapshot!(format!("{name}-{}", format.word()), refused.to_string());
            }
        }
        match undo(policy, format, &samples::context()) {
            Ok(file) => {
                insta::assert_snapshot!(format!("{name}-{}-undo", format.word()), shown(&file));
            }
            Err(refused) => {
                let known = refused.to_string();
                assert!(
                    known.contains("no undo file") || known.contains("has nothing"),
                    "{known}"
                );
            }
        }
    }
}

#[test]
fn wan_branch() {
    snapshots(&samples::wan_branch(), "wan-branch");
}

#[test]
fn kiosk() {
    snapshots(&samples::kiosk(), "kiosk");
}

#[test]
fn lab() {
    snapshots(&samples::lab(), "lab");
}
