//! What a file is, by its beginning, and what to do where it is none that can be read.

use super::{encoding, pol};

/// So much of a text is looked at.
const LOOKED_AT: usize = 16 * 1024;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Reg,
    Pol,
    Zip,
    /// It has no bytes, or blank ones alone.
    Empty,
    /// What it is, and what to do.
    Other(&'static str, &'static str),
    Unknown,
}

const EXPORT: &str = "import the Registry.pol that Group Policy wrote, or a registry file (.reg)";
const UNPACK: &str = "unpack it first, and import what is in it";

/// First bytes of files, what they are, and what to do.
const BEGINNINGS: [(&[u8], &str, &str); 16] = [
    (
        b"regf",
        "a Windows NT registry hive, such as an NT 4 system policy (NTCONFIG.POL)",
        "open a system policy in poledit of Windows NT 4 and choose its settings here by hand; load a hive with regedit, export its keys, and import that file",
    ),
    (
        b"CREG",
        "a Windows 9x registry hive, such as a system policy (CONFIG.POL)",
        "open a system policy in poledit of Windows 95 or 98 and choose its settings here by hand, or export the keys with regedit and import that file",
    ),
    (b"MZ", "a program", EXPORT),
    (b"MSCF", "a cabinet", UNPACK),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", UNPACK),
    (b"Rar!", "a RAR archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xfd7zXZ", "an xz archive", UNPACK),
    (b"%PDF", "a PDF document", EXPORT),
    (
        b"{\\rtf",
        "a document of WordPad or Word",
        "save it as plain text",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "a document or installer package of Windows",
        EXPORT,
    ),
    (b"\x89PNG", "a picture", EXPORT),
    (b"GIF8", "a picture", EXPORT),
    (b"\xff\xd8\xff", "a picture", EXPORT),
    (b"SQLite format 3", "a database", EXPORT),
];

/// What a file is.
pub(super) fn of(bytes: &[u8]) -> Kind {
    if bytes
        .iter()
        .all(|byte| *byte == 0 || byte.is_ascii_whitespace())
    {
        return Kind::Empty;
    }
    if bytes.starts_with(pol::SIGNATURE) {
        return Kind::Pol;
    }
    if [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"]
        .iter()
        .any(|it| bytes.starts_with(*it))
    {
        return Kind::Zip;
    }
    if !encoding::parts(bytes).is_empty() {
        return Kind::Reg;
    }
    let known = BEGINNINGS
        .iter()
        .find(|(begins, ..)| bytes.starts_with(begins));
    match known {
        Some((_, what, todo)) => Kind::Other(what, todo),
        None => text(&beginning(bytes)),
    }
}

/// The first lines, whatever characters they are in, in small letters.
fn beginning(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(LOOKED_AT)];
    let wide = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| unit([pair[0], pair[1]]))
            .collect();
        String::from_utf16_lossy(&units)
    };
    let text = match bytes {
        [0xff, 0xfe, ..] | [_, 0, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.to_lowercase()
}

fn text(text: &str) -> Kind {
    const TEMPLATE: &str =
        "it offers settings and sets none: import the Registry.pol that Group Policy wrote with it";
    let has = |word: &str| text.contains(word);
    let lines = || text.lines().map(str::trim);
    let begins = |words: &[&str]| {
        let first = lines().find(|line| !line.is_empty() && !line.starts_with(';'));
        first.is_some_and(|first| words.iter().any(|word| first.starts_with(word)))
    };
    if text.starts_with('<') {
        return if has("<policydefinitionresources") {
            Kind::Other("the texts of an administrative template (ADML)", TEMPLATE)
        } else if has("<policydefinitions") {
            Kind::Other("an administrative template (ADMX)", TEMPLATE)
        } else if has("<registrysettings") {
            Kind::Other("a file of Group Policy preferences (Registry.xml)", EXPORT)
        } else if has("<html") || has("<!doctype html") {
            Kind::Other(
                "a web page",
                "the download may have failed: fetch the file once more",
            )
        } else if has("<gpo") || has("<grouppolicy") {
            Kind::Other(
                "a report on a Group Policy object",
                "import the backup of the object, whose folder holds its Registry.pol",
            )
        } else {
            Kind::Other("an XML document", EXPORT)
        };
    }
    if begins(&["class machine", "class user", "#if version"])
        || (has("\ncategory ") && has("keyname "))
    {
        return Kind::Other("an administrative template (ADM)", TEMPLATE);
    }
    if begins(&["regedit"]) {
        return Kind::Other(
            "a registry file of Windows 3.1, or its first line is misspelt",
            "the first line must be REGEDIT4 or Windows Registry Editor Version 5.00",
        );
    }
    if begins(&["windows registry editor"]) {
        return Kind::Other(
            "a registry file whose first line is misspelt",
            "it must be Windows Registry Editor Version 5.00",
        );
    }
    if has("[registry values]") {
        return Kind::Other("a security template (INF)", EXPORT);
    }
    if has("[version]") && has("signature") {
        return Kind::Other("a setup file (INF)", EXPORT);
    }
    if has("gpcmachineextensionnames") || (begins(&["[general]"]) && has("version=")) {
        return Kind::Other(
            "the index of a Group Policy object (GPT.INI)",
            "import the folder that it lies in",
        );
    }
    if has("[proxy]") || has("[branding]") {
        return Kind::Other(
            "a settings file of the Internet Explorer Administration Kit (.ins)",
            EXPORT,
        );
    }
    if begins(&["computer", "user"])
        && lines().any(|line| line.starts_with("dword:") || line.starts_with("sz:"))
    {
        return Kind::Other(
            "a text for LGPO.exe",
            "make a Registry.pol of it with LGPO.exe /r FILE /w Registry.pol, and import that",
        );
    }
    Kind::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_of_windows_is_told_by_its_beginning() {
        let wide: Vec<u8> = "\u{feff}CLASS MACHINE\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let nt4 = [b"regf".as_slice(), &[0; 64]].concat();
        for (bytes, word) in [
            (nt4.as_slice(), "NTCONFIG.POL"),
            (b"CREG\0\0\x01\0", "CONFIG.POL"),
            (b"<?xml version=\"1.0\"?>\n<policyDefinitions>", "(ADMX)"),
            (b"\xef\xbb\xbf<policyDefinitionResources>", "(ADML)"),
            (b"<?xml?><RegistrySettings>", "preferences"),
            (b"<!DOCTYPE html><title>404</title>", "web page"),
            (b"; a comment\r\nCLASS USER\r\n  CATEGORY !!x", "(ADM)"),
            (&wide, "(ADM)"),
            (b"[Version]\r\nSignature=\"$CHICAGO$\"", "setup file"),
            (b"[Unicode]\n[Registry Values]\n[Version]", "security"),
            (b"[General]\r\ngPCMachineExtensionNames=[{}]", "GPT.INI"),
            (b"[Proxy]\r\nProxy_Enable=1", ".ins"),
            (b"; x\nComputer\nSoftware\\X\ny\nDWORD:1", "LGPO"),
            (b"MZ\x90\0", "program"),
            (b"REGEDIT\r\nHKEY_CLASSES_ROOT\\.x = y", "Windows 3.1"),
            (b"regedit4\r\n", "misspelt"),
            (b"Windows Registry Editor Version 5.0\r\n", "misspelt"),
        ] {
            match of(bytes) {
                Kind::Other(what, _) => assert!(what.contains(word), "{word}: {what}"),
                other => panic!("{word}: {other:?}"),
            }
        }
        assert_eq!(of(b""), Kind::Empty);
        assert_eq!(of(b"\r\n \0"), Kind::Empty);
        assert_eq!(of(b"PK\x03\x04"), Kind::Zip);
        assert_eq!(of(b"PReg\x01\0\0\0"), Kind::Pol);
        assert_eq!(of(b"REGEDIT4"), Kind::Reg);
        assert_eq!(of(b"something else"), Kind::Unknown);
    }
}
