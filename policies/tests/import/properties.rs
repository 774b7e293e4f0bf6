//! Of any file: nothing panics, and every line is accounted for.

use super::{imported, read};
use policies::{Catalogue, Hive, ReadOptions, SourceFile, import, read_files};
use proptest::prelude::*;

/// One line that stands for itself, and a word by which it is found again.
#[derive(Debug, Clone)]
enum Line {
    Value(String),
    Removal(String),
    Bytes(String),
    Comment,
    Blank,
    Stray(String),
    Unreadable(String),
    KeyOfOurs(u8),
    KeyOfOthers(String),
}

fn line() -> impl Strategy<Value = Line> {
    let word = "[a-z]{6}[0-9]{4}";
    prop_oneof![
        3 => word.prop_map(Line::Value),
        1 => word.prop_map(Line::Removal),
        1 => word.prop_map(Line::Bytes),
        1 => Just(Line::Comment),
        1 => Just(Line::Blank),
        1 => word.prop_map(Line::Stray),
        1 => word.prop_map(Line::Unreadable),
        2 => (0_u8..4).prop_map(Line::KeyOfOurs),
        1 => word.prop_map(Line::KeyOfOthers),
    ]
}

fn written(line: &Line) -> String {
    match line {
        Line::Value(word) => format!("\"{word}\"=\"x\" ; \\"),
        Line::Removal(word) => format!("\"{word}\"=-"),
        Line::Bytes(word) => format!("\"{word}\" = hex:01,\\\r\n\r\n; between\r\n  02"),
        Line::Comment => "; a comment \\".to_owned(),
        Line::Blank => String::new(),
        Line::Stray(word) => word.clone(),
        Line::Unreadable(word) => format!("\"{word}\"=dword:what"),
        Line::KeyOfOurs(number) => format!("[HKEY_CURRENT_USER\\Software\\K{number}]"),
        Line::KeyOfOthers(word) => format!("[HKEY_CLASSES_ROOT\\{word}]"),
    }
}

proptest! {
    #[test]
    fn no_file_panics(bytes in prop::collection::vec(any::<u8>(), 0..400), skip: bool) {
        for start in [&b""[..], b"REGEDIT4\r\n", b"PReg\x01\0\0\0", b"PK\x03\x04", b"\xff\xfeR\0E\0G\0E\0D\0I\0T\x004\0\n\0"] {
            let file = [start, &bytes].concat();
            if let Ok(file) = read("x", &file, skip) {
                drop(import("x", file, Catalogue::get()).keep_unknown());
            }
        }
    }

    #[test]
    fn no_text_panics(text in "(\\PC|[\r\n\"\\\\;=\\[\\]-]|hex:|hex\\(2\\):|dword:|\\[HKLM\\\\){0,60}", skip: bool) {
        let _ = read("x", format!("REGEDIT4\n[HKLM\\x]\n{text}").as_bytes(), skip);
    }

    #[test]
    fn every_line_is_accounted_for(lines in prop::collection::vec(line(), 0..40)) {
        let text: Vec<String> = lines.iter().map(written).collect();
        let file = format!("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\K0]\r\n{}\r\n", text.join("\r\n"));
        let options = ReadOptions { skip_bad_lines: true, ..ReadOptions::default() };
        let read = read_files(vec![SourceFile::asked("x.reg", file.clone().into_bytes())], &options).unwrap();
        let bad = read.skipped.count();
        let file_report = format!("{read:?}");
        let mut foreign = false;
        let mut others = 0_usize;
        for line in &lines {
            let word = match line {
                Line::KeyOfOurs(_) => { foreign = false; continue }
                Line::KeyOfOthers(word) => { foreign = true; word }
                Line::Value(_) | Line::Removal(_) | Line::Bytes(_) if foreign => { others += 1; continue }
                Line::Value(word) | Line::Removal(word) | Line::Bytes(word) | Line::Stray(word) | Line::Unreadable(word) => word,
                Line::Comment | Line::Blank => continue,
            };
            prop_assert!(file_report.contains(word.as_str()), "{word} is lost in\n{file}\n{file_report}");
        }
        let counted: usize = read.left_out.iter().map(|left| match left.why {
            policies::NotTaken::OtherHive(values) => values,
            _ => 0,
        }).sum();
        prop_assert_eq!(counted, others);
        let unreadable = lines.iter().filter(|it| matches!(it, Line::Stray(_) | Line::Unreadable(_))).count();
        prop_assert_eq!(bad, unreadable);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the machine takes is what this measures"
)]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[test]
fn twenty_thousand_values_are_read_and_matched_in_a_moment() {
    use std::fmt::Write as _;
    let mut text = "REGEDIT4\r\n".to_owned();
    for number in 0..20_000 {
        if number % 20 == 0 {
            let _ = write!(
                text,
                "\r\n[HKEY_CURRENT_USER\\Software\\RcTest\\Key{}]\r\n",
                number / 20
            );
        }
        let _ = write!(text, "\"V{number}\"=\"some text {number}\"\r\n");
    }
    let started = now();
    let once = imported("big.reg", text.as_bytes());
    let once_took = started.elapsed();
    assert_eq!(once.unknown.len(), 20_000);
    // Four times as much takes about four times as long; sixteen times would be quadratic.
    let more = text
        .replace("RcTest", "RcTest2")
        .replacen("REGEDIT4", "", 1);
    let more = [
        text.clone(),
        more,
        text.replace("RcTest", "RcTest3")
            .replacen("REGEDIT4", "", 1),
        text.replace("RcTest", "RcTest4")
            .replacen("REGEDIT4", "", 1),
    ]
    .concat();
    let started = now();
    let four_times = imported("bigger.reg", more.as_bytes());
    let took = started.elapsed();
    assert_eq!(four_times.unknown.len(), 80_000);
    assert!(
        took < once_took * 12 + std::time::Duration::from_millis(500),
        "{once_took:?}, then {took:?}"
    );
}

#[test]
fn removing_many_keys_is_not_quadratic() {
    use std::fmt::Write as _;
    let mut text = "REGEDIT4\r\n".to_owned();
    for number in 0..20_000 {
        let _ = write!(
            text,
            "[HKEY_CURRENT_USER\\Software\\K{number}]\r\n\"x\"=dword:1\r\n"
        );
    }
    for number in 0..20_000 {
        let _ = write!(text, "[-HKEY_CURRENT_USER\\Software\\K{number}]\r\n");
    }
    let file = read("x.reg", text.as_bytes(), false).unwrap();
    assert_eq!((file.values.len(), file.superseded.len()), (0, 20_000));
    assert!(file.keys.is_empty());
    // Texts that are not closed look for their end, each up to the next mark only.
    let open = "\"x\"=\"y\r\n".repeat(20_000);
    let text = format!("REGEDIT4\r\n[HKEY_CURRENT_USER\\x]\r\n{open}");
    assert_eq!(
        read("x.reg", text.as_bytes(), true)
            .unwrap()
            .skipped
            .count(),
        20_000
    );
    assert_eq!(Hive::named("hklm"), Some(Hive::LocalMachine));
}
