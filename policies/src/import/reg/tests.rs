//! Lines of `.reg` files.

use crate::import::{ImportError, read_reg};

fn values(text: &str) -> Vec<String> {
    let file = read_reg(text.as_bytes()).unwrap();
    file.values
        .iter()
        .map(|v| {
            format!(
                "{}\\{}: {} {}",
                v.path(),
                v.name,
                v.data.type_name(),
                v.data
            )
        })
        .collect()
}

#[test]
fn every_kind_of_line_is_understood() {
    let text = concat!(
        "REGEDIT4\r\n\r\n; a comment \\\r\n[HKEY_CURRENT_USER\\Software\\X]\r\n",
        "@=\"default\"\r\n\"a\\\\b\\\"c\"=\"C:\\\\dir\" ; why\r\n\"n\"=dword:0000000A\r\n",
        "\"bytes\"=hex:01,02,\\\r\n  03\r\n\"path\"=hex(2):25,61,25,00\r\n\"gone\"=-\r\n",
        "[-HKEY_LOCAL_MACHINE\\Software\\Y]\r\n[HKEY_USERS\\.DEFAULT]\r\n\"x\"=\"y\"\r\n",
    );
    insta::assert_snapshot!(values(text).join("\n"));
    assert_eq!(read_reg(text.as_bytes()).unwrap().left_out.len(), 2);
}

#[test]
fn the_last_word_on_a_value_counts() {
    let text = "REGEDIT4\n\n[HKEY_CURRENT_USER\\K]\n\"a\"=dword:1\n[HKEY_CURRENT_USER\\k]\n\"A\"=dword:2\n";
    assert_eq!(values(text), ["HKCU\\k\\A: REG_DWORD 2"]);
}

#[test]
fn a_line_that_is_not_understood_is_named() {
    for (line, bad) in [
        ("\"x\"=dwordx:1", "dwordx"),
        ("\"x\"=dword:123456789", "eight"),
        ("x=\"y\"", "neither"),
        ("\"x\"=\"y", "closing"),
        ("\"x\"=hex:0g", "hexadecimal"),
        ("[HKEY_CURRENT_USER\\X", "]"),
    ] {
        let text = format!("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\K]\r\n{line}\r\n");
        let refused = read_reg(text.as_bytes()).unwrap_err().to_string();
        assert!(
            refused.contains("line 4") && refused.contains(bad),
            "{line}: {refused}"
        );
    }
}

#[test]
fn other_files_are_refused() {
    for bytes in [&b""[..], b"PReg\x01\0\0\0", b"regedit4\r\n", b"\xff\xfeR"] {
        assert!(
            matches!(read_reg(bytes), Err(ImportError::NotSuchAFile { .. })),
            "{bytes:?}"
        );
    }
}
