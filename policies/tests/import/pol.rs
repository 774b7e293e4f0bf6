//! `Registry.pol` files as others write them.

use super::{assert_says, imported, read};
use policies::ImportError;

const CLIENT: &str = "Software\\Policies\\Microsoft\\Messenger\\Client";

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A record as its parts are given: names with their zeros.
fn record(key: &str, name: &str, kind: u32, data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap_or_default();
    [
        wide(&format!("[{key};{name};")),
        kind.to_le_bytes().to_vec(),
        wide(";"),
        size.to_le_bytes().to_vec(),
        wide(";"),
        data.to_vec(),
        wide("]"),
    ]
    .concat()
}

fn value(name: &str, kind: u32, data: &[u8]) -> Vec<u8> {
    record(&format!("{CLIENT}\0"), &format!("{name}\0"), kind, data)
}

fn run() -> Vec<u8> {
    value("PreventRun", 4, &[1, 0, 0, 0])
}

fn pol(records: &[Vec<u8>]) -> Vec<u8> {
    [b"PReg\x01\0\0\0".to_vec(), records.concat()].concat()
}

fn says(name: &str, records: &[Vec<u8>], found: usize, words: &[&[&str]]) {
    assert_says(name, &imported("Registry.pol", &pol(records)), found, words);
}

const FOUND: &[&str] = &["found prevent-run = on"];

#[test]
fn orders_are_told_each_in_its_own_words() {
    let space = [0x20, 0, 0, 0];
    for (name, data, words) in [
        (
            "**SecureKey",
            vec![1, 0, 0, 0],
            &["**SecureKey", "only administrators"][..],
        ),
        (
            "**securekey",
            vec![0, 0, 0, 0],
            &["users write to the key again"],
        ),
        (
            "**Comment:GPO of 2001",
            wide("by it\0"),
            &["GPO of 2001 by it", "a remark"],
        ),
        (
            "**soft.DisableVideo",
            vec![1, 0, 0, 0],
            &["DisableVideo", "only where a computer has none"],
        ),
        ("**DelVals.", space.to_vec(), &["all values of the key"]),
        ("**DeleteKeys", wide("A;B\0"), &["A;B", "removes a key"]),
        ("**Unheard", vec![], &["**Unheard", "not known here"]),
    ] {
        says(name, &[value(name, 1, &data), run()], 1, &[FOUND, words]);
    }
    says(
        "one value",
        &[value("**DEL.preventrun", 1, &space)],
        0,
        &[&["known option prevent-run", "(removed)"]],
    );
    says(
        "several values",
        &[value("**DeleteValues", 1, &wide("PreventRun;Other\0"))],
        0,
        &[
            &["known option prevent-run", "(removed)"],
            &["Other", "(removed)"],
        ],
    );
    let audio = |name: &str| {
        record(
            "Software\\Policies\\Microsoft\\Conferencing\0",
            name,
            1,
            &space,
        )
    };
    let mut user = pol(&[audio("**del.NoAudio\0")]);
    user.extend([0; 6]);
    let file = policies::SourceFile::asked("User/Registry.pol", user);
    let file = policies::read_files(vec![file], &policies::ReadOptions::default()).unwrap();
    let imported = policies::import("x", file, policies::Catalogue::get());
    assert_says(
        "disabled",
        &imported,
        1,
        &[
            &["found netmeeting-no-audio = off"],
            &["notice", "hold nothing"],
        ],
    );
}

#[test]
fn records_count_in_their_order() {
    let delvals = value("**delvals.", 1, &[0x20, 0, 0, 0]);
    says(
        "values first",
        &[run(), delvals.clone()],
        0,
        &[&["superseded", "PreventRun"]],
    );
    says("values last", &[delvals, run()], 1, &[FOUND]);
    let removed = value("**del.PreventRun", 1, &[0x20, 0, 0, 0]);
    says(
        "removed last",
        &[run(), removed.clone()],
        0,
        &[&["(removed)"], &["superseded"]],
    );
    says("removed first", &[removed, run()], 1, &[FOUND]);
    let above = record(
        "Software\\Policies\\Microsoft\0",
        "**DeleteKeys\0",
        1,
        &wide("Messenger\0"),
    );
    says(
        "keys below",
        &[run(), above],
        0,
        &[&["superseded", "PreventRun"]],
    );
}

#[test]
fn names_and_texts_are_read_with_no_zero_one_or_two() {
    for (key, name) in [
        (CLIENT.to_owned(), "PreventRun".to_owned()),
        (format!("{CLIENT}\0\0"), "PreventRun\0\0".to_owned()),
        (format!("\\{CLIENT}\0"), "PreventRun\0".to_owned()),
        (format!("HKLM\\{CLIENT}\0"), "PreventRun\0".to_owned()),
        (
            format!("\\HKEY_LOCAL_MACHINE\\{CLIENT}\\\0"),
            "PREVENTRUN\0".to_owned(),
        ),
        (
            CLIENT.replace('\\', "\\\\") + "\0",
            "PreventRun\0".to_owned(),
        ),
    ] {
        let record = record(&key, &name, 4, &[1, 0, 0, 0]);
        says(&key, &[record], 1, &[FOUND]);
    }
    for end in ["", "\0", "\0\0"] {
        let key = "Software\\Microsoft\\MessengerService\\Policies\0";
        let text = record(key, "IMWarning\0", 1, &wide(&format!("Mind it{end}")));
        says(
            "text",
            &[text],
            1,
            &[&["found conversation-warning = \"Mind it\""]],
        );
    }
}

#[test]
fn keys_alone_are_named_where_nothing_is_set_below_them() {
    let key = |key: &str| record(&format!("{key}\0"), "\0", 0, &[]);
    says(
        "keys",
        &[key("Software\\RcTest"), key(CLIENT), run()],
        1,
        &[
            FOUND,
            &[
                "left out: [HKEY_LOCAL_MACHINE\\Software\\RcTest]",
                "only makes the key",
            ],
        ],
    );
    let both = imported("Registry.pol", &pol(&[key(CLIENT), run()]));
    assert!(both.left_out.is_empty(), "{:?}", both.left_out);
}

#[test]
fn a_damaged_file_says_where() {
    let whole = pol(&[run(), run()]);
    let second = 8 + run().len();
    for length in second + 1..whole.len() {
        if whole[second..length].iter().all(|byte| *byte == 0) {
            continue;
        }
        let said = read("Registry.pol", &whole[..length], false).unwrap_err();
        assert!(
            matches!(said, ImportError::Record { at, .. } if at == second),
            "{length}: {said}"
        );
    }
    let junk = [whole.as_slice(), b"and so on"].concat();
    let said = read("Registry.pol", &junk, false).unwrap_err().to_string();
    assert!(
        said.contains(&format!("damaged at byte {}", whole.len())),
        "{said}"
    );
    let skipped = read("Registry.pol", &junk, true).unwrap();
    assert_eq!((skipped.values.len(), skipped.skipped.count()), (1, 1));
    let newer = [b"PReg\x02\0\0\0".as_slice(), &run()].concat();
    let said = read("Registry.pol", &newer, false).unwrap_err().to_string();
    assert!(said.contains("version 1"), "{said}");
    says("no records", &[], 0, &[&["notice", "no records"]]);
}
