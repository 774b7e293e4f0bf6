//! Files from the field (`tests/cases`), each with what is right.

use super::{assert_says, imported, read};
use policies::{Hive, ImportError, RegistryData};

fn case(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const RUN: &[&str] = &["found prevent-run = on"];

/// Name, number of options that are found, words of lines that must be said.
const READ: &[(&str, usize, &[&[&str]])] = &[
    (
        "reg-swallow-text-comment.reg",
        2,
        &[RUN, &["found disable-video = on"], &["note", "mode=hex"]],
    ),
    (
        "reg-set-then-delete-key.reg",
        0,
        &[
            &["left out: [-HKEY_LOCAL_MACHINE", "removes a key"],
            &["superseded", "PreventRun", "line 4", "line 6"],
        ],
    ),
    (
        "reg-unescaped-backslashes.reg",
        1,
        &[
            &["found conversation-warning", "see \\srv\\it\\rules"],
            &["notice", "line 4", "backslash"],
        ],
    ),
    (
        "reg-utf8-umlaut.reg",
        1,
        &[
            &["found conversation-warning", "Büro"],
            &["notice", "UTF-8"],
        ],
    ),
    (
        "reg-proxy-both-hives.reg",
        2,
        &[
            &["found ie-proxy-enable = on"],
            &["found ie-proxy-server", "proxy.example.com:8080"],
            &[
                "known option ie-proxy-server",
                "overruled",
                "other.example.com",
            ],
            &["known option ie-proxy-enable", "ProxySettingsPerUser"],
        ],
    ),
    (
        "reg-nonzero-crosspromo.reg",
        2,
        &[
            &["found disable-ad-banner = on", "any value but 0"],
            &["found disable-client-updates = on"],
        ],
    ),
    (
        "reg-proxy-localhost.reg",
        3,
        &[&[
            "found ie-proxy-override",
            "localhost;127.0.0.1;im.example.com;<local>",
        ]],
    ),
    (
        "reg-known-other-data.reg",
        0,
        &[
            &[
                "known option no-usage-reporting",
                "other data",
                "on is 2, off is 1",
            ],
            &[
                "known option disable-video",
                "other type",
                "REG_SZ",
                "REG_DWORD",
            ],
            &[
                "known option disable-file-transfer",
                "removed",
                "off writes 0",
            ],
        ],
    ),
    (
        "reg-not-exportable.reg",
        0,
        &[&["service-dotnet-off", "not exportable because"]],
    ),
    ("reg-key-comment.reg", 1, &[RUN]),
    (
        "reg-hex-comment-between.reg",
        1,
        &[RUN, &["blob", "01 02 03 04"]],
    ),
    (
        "reg-hex-blank-between.reg",
        1,
        &[RUN, &["blob", "01 02 03 04"]],
    ),
    (
        "reg-removal-comment.reg",
        1,
        &[&["found netmeeting-no-audio = off"]],
    ),
    ("reg-hash-comment.reg", 1, &[RUN]),
    (
        "reg-two-files-utf16.reg",
        2,
        &[RUN, &["found disable-video = on"]],
    ),
    (
        "reg-text-two-lines.reg",
        1,
        &[RUN, &["first line\r\nsecond line"]],
    ),
    ("reg-ctrl-z.reg", 1, &[RUN]),
    ("reg-dword-space.reg", 1, &[RUN]),
    (
        "reg-odd-tail.reg",
        1,
        &[RUN, &["notice", "middle of a UTF-16 character"]],
    ),
    (
        "reg-utf16-nobom.reg",
        1,
        &[RUN, &["notice", "UTF-16 without its mark"]],
    ),
    (
        "reg-terminal-escape.reg",
        0,
        &[&["not in the catalogue", "RcTest"]],
    ),
    (
        "pol-del-known.pol",
        1,
        &[
            &["found disable-video = on"],
            &["known option prevent-run", "(removed)"],
        ],
    ),
    (
        "pol-sz-two-zeros.pol",
        1,
        &[&["found ie-proxy-server", "proxy.example.com:8080"]],
    ),
    (
        "pol-expand-sz.pol",
        0,
        &[&[
            "ie-auto-config-url",
            "REG_EXPAND_SZ",
            "\"http://im.example.com/proxy.pac\"",
        ]],
    ),
    (
        "pol-securekey.pol",
        0,
        &[&["left out", "**SecureKey", "only administrators"]],
    ),
    (
        "pol-value-then-delvals.pol",
        0,
        &[
            &["left out", "**DelVals.", "all values"],
            &["superseded", "PreventRun"],
        ],
    ),
    (
        "pol-key-leading-backslash.pol",
        1,
        &[RUN, &["notice", "begin with a backslash"]],
    ),
    (
        "pol-key-only.pol",
        0,
        &[&["left out", "RcTest", "only makes the key"]],
    ),
];

#[test]
fn each_file_comes_to_what_is_right() {
    for (name, found, words) in READ {
        let hive = if *name == "pol-sz-two-zeros.pol" || *name == "pol-expand-sz.pol" {
            Hive::CurrentUser
        } else {
            Hive::LocalMachine
        };
        let options = policies::ReadOptions {
            hive: Some(hive),
            ..policies::ReadOptions::default()
        };
        let file = policies::SourceFile::asked(*name, case(name));
        let file = policies::read_files(vec![file], &options)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let imported = policies::import("x", file, policies::Catalogue::get());
        assert_says(name, &imported, *found, words);
    }
}

#[test]
fn every_file_of_the_table_is_there_and_none_is_forgotten() {
    let refused = [
        "reg-many-bad-lines.reg",
        "pol-empty.pol",
        "pol-ntconfig.pol",
    ];
    let mut known: Vec<&str> = READ.iter().map(|(name, ..)| *name).collect();
    known.extend(refused);
    known.sort_unstable();
    let folder = format!("{}/tests/cases", env!("CARGO_MANIFEST_DIR"));
    let mut there: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort_unstable();
    assert_eq!(there, known);
}

#[test]
fn all_bad_lines_are_named_at_once() {
    let bytes = case("reg-many-bad-lines.reg");
    let Err(ImportError::Lines(bad)) = read("x.reg", &bytes, false) else {
        panic!("not refused")
    };
    let lines: Vec<String> = bad.named.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    for (line, at) in lines.iter().zip(4..) {
        assert!(line.starts_with(&format!("line {at}: ")), "{line}");
    }
    assert!(bad.to_string().starts_with("4 lines cannot be read"));
    let skipped = read("x.reg", &bytes, true).unwrap();
    assert_eq!((skipped.values.len(), skipped.skipped.count()), (0, 4));
}

#[test]
fn files_that_are_something_else_are_told_apart() {
    for (name, words) in [
        ("pol-empty.pol", ["Registry.pol is empty", "sets nothing"]),
        ("pol-ntconfig.pol", ["NT 4 system policy", "poledit"]),
    ] {
        let said = read(name, &case(name), false).unwrap_err().to_string();
        for word in words {
            assert!(said.contains(word), "{name}: {said}");
        }
    }
}

#[test]
fn control_characters_are_kept_as_they_are() {
    let imported = imported("x.reg", &case("reg-terminal-escape.reg"));
    let text = "\u{1b}]0;x\u{7}\u{1b}[31mred".to_owned();
    assert_eq!(imported.unknown[0].value.data, RegistryData::Sz(text));
}
