//! Several files as one: named ones, folders of Group Policy, archives.

use super::assert_says;
use policies::{Catalogue, ImportError, ReadOptions, RegistryFile, SourceFile, import, read_files};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;

const CLIENT: &str = "Software\\Policies\\Microsoft\\Messenger\\Client";

fn pol(values: &[(&str, u32)]) -> Vec<u8> {
    let mut bytes = b"PReg\x01\0\0\0".to_vec();
    let wide = |text: String| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    for (name, number) in values {
        bytes.extend(wide(format!("[{CLIENT}\0;{name}\0;")));
        bytes.extend([4, 0, 0, 0, b';', 0, 4, 0, 0, 0, b';', 0]);
        bytes.extend(number.to_le_bytes());
        bytes.extend(wide("]".to_owned()));
    }
    bytes
}

fn reg(value: &str) -> Vec<u8> {
    format!("REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\{CLIENT}]\r\n{value}\r\n").into_bytes()
}

fn inside(name: &str, bytes: Vec<u8>) -> SourceFile {
    SourceFile {
        name: name.to_owned(),
        bytes,
        asked: false,
    }
}

fn read(files: Vec<SourceFile>) -> Result<RegistryFile, ImportError> {
    read_files(files, &ReadOptions::default())
}

fn zip(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("an entry");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("an archive").into_inner()
}

#[test]
fn the_folders_of_a_group_policy_object_say_whose_each_file_is() {
    for prefix in [
        "{31B2F340-016D-11D2-945F-00C04FB984F9}",
        "backup/{F1E2}/DomainSysvol/GPO",
        "C:\\gpo",
    ] {
        let files = vec![
            inside(
                &format!("{prefix}/GPT.INI"),
                b"[General]\r\nVersion=65537\r\n".to_vec(),
            ),
            inside(
                &format!("{prefix}/Machine/Registry.pol"),
                pol(&[("DisableVideo", 1)]),
            ),
            inside(
                &format!("{prefix}/USER/registry.pol"),
                pol(&[("DisablePC2PCAudio", 1)]),
            ),
            inside(&format!("{prefix}/Machine/empty.pol"), Vec::new()),
            inside(
                &format!("{prefix}/Machine/Preferences/Registry/Registry.xml"),
                b"<?xml version=\"1.0\"?><RegistrySettings/>".to_vec(),
            ),
        ];
        let imported = import("x", read(files).unwrap(), Catalogue::get());
        assert_says(
            prefix,
            &imported,
            2,
            &[
                &["found disable-video = on"],
                &["found disable-voice = on"],
                &[
                    "notice: passed over",
                    "GPT.INI",
                    "empty.pol",
                    "Registry.xml",
                ],
            ],
        );
        let choice = &imported.policy.settings["disable-voice"];
        assert_eq!(choice.hive, Some(policies::Hive::CurrentUser));
    }
}

#[test]
fn an_archive_is_read_as_the_folder_that_it_holds() {
    let bytes = zip(&[
        ("GPO/GPT.INI", b"[General]".to_vec()),
        ("GPO/Machine/Registry.pol", pol(&[("DisableVideo", 1)])),
        ("GPO/User/Registry.pol", pol(&[("DisablePC2PCAudio", 1)])),
        ("extra.reg", reg("\"PreventRun\"=dword:1")),
    ]);
    let file = SourceFile::asked("gpo.zip", bytes);
    let imported = import("x", read(vec![file]).unwrap(), Catalogue::get());
    assert_says("gpo.zip", &imported, 3, &[&["found prevent-run = on"]]);

    let none = SourceFile::asked("x.zip", zip(&[("a.txt", b"x".to_vec())]));
    let said = read(vec![none]).unwrap_err().to_string();
    assert!(said.contains("nothing to import"), "{said}");
    let broken = SourceFile::asked("x.zip", b"PK\x03\x04 and so on".to_vec());
    let said = read(vec![broken]).unwrap_err().to_string();
    assert!(said.contains("not unpacked"), "{said}");
}

#[test]
fn later_files_have_the_last_word_and_lines_say_which_file_they_are_of() {
    let files = vec![
        SourceFile::asked(
            "a.reg",
            reg("\"PreventRun\"=dword:1\r\n\"DisableVideo\"=dword:1"),
        ),
        SourceFile::asked("b.reg", reg("\"PreventRun\"=dword:0")),
    ];
    let imported = import("x", read(files).unwrap(), Catalogue::get());
    assert_says(
        "two files",
        &imported,
        2,
        &[
            &["found prevent-run = off"],
            &["superseded", "a.reg, line 4", "b.reg, line 4"],
        ],
    );
    let bad = vec![
        SourceFile::asked("a.reg", reg("stray")),
        SourceFile::asked("b.reg", reg("\"x\"=dword:y")),
    ];
    let said = read(bad).unwrap_err().to_string();
    for words in ["2 lines cannot be read", "a.reg, line 4", "b.reg, line 4"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let one_is_other = vec![
        SourceFile::asked("a.reg", reg("\"PreventRun\"=dword:1")),
        SourceFile::asked("b.adm", b"CLASS MACHINE\r\n".to_vec()),
    ];
    let said = read(one_is_other).unwrap_err().to_string();
    assert!(
        said.starts_with("b.adm: this is an administrative template (ADM)"),
        "{said}"
    );
}

#[test]
fn a_registry_pol_alone_needs_its_folder_or_a_word() {
    let alone = SourceFile::asked("Registry.pol", pol(&[("DisableVideo", 1)]));
    assert_eq!(read(vec![alone.clone()]), Err(ImportError::NoHive));
    let placed = SourceFile::asked("x/User/Registry.pol", alone.bytes);
    let file = read(vec![placed]).unwrap();
    assert_eq!(file.values[0].hive, policies::Hive::CurrentUser);
}
