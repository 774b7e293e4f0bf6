//! Cousins of the files from the field: each is one odd thing that regedit or
//! Group Policy takes, or one that must be named.

use super::{assert_says, imported, read};
use policies::ImportError;

const KEY: &str = "[HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client]";
const RUN: &str = "\"PreventRun\"=dword:00000001";
const FOUND: &[&str] = &["found prevent-run = on"];

/// A file of version 4 with these lines below the key of Windows Messenger.
fn four(lines: &[&str]) -> Vec<u8> {
    format!("REGEDIT4\r\n\r\n{KEY}\r\n{}\r\n", lines.join("\r\n")).into_bytes()
}

fn five(lines: &[&str]) -> String {
    let lines = lines.join("\r\n");
    format!("Windows Registry Editor Version 5.00\r\n\r\n{KEY}\r\n{lines}\r\n")
}

fn little(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn big(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn says(name: &str, bytes: &[u8], found: usize, words: &[&[&str]]) {
    assert_says(name, &imported(name, bytes), found, words);
}

#[test]
fn comments_and_blanks_are_taken_wherever_regedit_takes_them() {
    for (name, lines) in [
        (
            "after a value",
            &["\"PreventRun\"=dword:00000001 ; why"][..],
        ),
        ("after a value at once", &["\"PreventRun\"=dword:1;why"]),
        ("hash after a value", &["\"PreventRun\"=dword:1 # why"]),
        ("slashes after a value", &["\"PreventRun\"=dword:1 // why"]),
        (
            "blanks round the sign",
            &["\"PreventRun\"  = \t dword:00000001\t "],
        ),
        ("blanks in front", &["   \"PreventRun\"=dword:1"]),
        (
            "many blanks in a number",
            &["\"PreventRun\"=dword: \t 00000001"],
        ),
        ("capitals", &["\"PREVENTRUN\"=DWORD:00000001"]),
        ("slashes", &["// a comment", RUN]),
        (
            "a comment that ends in a backslash",
            &["; from \\\\srv\\it\\", RUN],
        ),
        (
            "the same after a text",
            &["\"x\"=\"hex:\" ; \\\\srv\\", RUN],
        ),
        ("the same after bytes", &["\"x\"=hex:01,02 ; go \\", RUN]),
        ("the same after a removal", &["\"x\"=- ; \\", RUN]),
        ("the same after a hash", &["# \\", RUN]),
        (
            "the same after a key",
            &["[HKEY_CURRENT_USER\\x] ; \\", KEY, RUN],
        ),
        ("a key with a hash", &[&format!("{KEY} # ours"), RUN]),
        ("a key with slashes", &[&format!("{KEY} // ours"), RUN]),
        (
            "a comment with a bracket",
            &[&format!("{KEY} ; see [x]"), RUN],
        ),
        ("blanks after a key", &[&format!("{KEY}  \t"), RUN]),
        ("blanks before a key", &[&format!("  {KEY}"), RUN]),
        ("control Z between", &["\u{1a}", RUN]),
        ("zeros at the end", &[RUN, "\0\0\0\0"]),
        (
            "control Z after the last value",
            &["\"PreventRun\"=dword:1\u{1a}"],
        ),
        ("a second header", &["REGEDIT4", "", KEY, RUN]),
        (
            "short names of roots",
            &[
                "[HKLM\\Software\\Policies\\Microsoft\\Messenger\\Client]",
                RUN,
            ],
        ),
        (
            "small letters",
            &[
                "[hkey_local_machine\\SOFTWARE\\policies\\microsoft\\messenger\\client]",
                RUN,
            ],
        ),
        (
            "a separator at the end",
            &[
                "[HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Messenger\\Client\\]",
                RUN,
            ],
        ),
        (
            "doubled separators",
            &[
                "[HKEY_LOCAL_MACHINE\\\\Software\\Policies\\\\Microsoft\\Messenger\\Client]",
                RUN,
            ],
        ),
        ("bytes of a number", &["\"PreventRun\"=hex(4):01,00,00,00"]),
        (
            "blanks between bytes",
            &["\"PreventRun\"=hex(4): 1 , 0,0 ,\\", "\t00"],
        ),
        (
            "a comment after the backslash",
            &[
                "\"PreventRun\"=hex(4):01,00,\\ ; more",
                "; of it",
                "",
                "// x",
                "  00,00",
            ],
        ),
        (
            "a comma at the end",
            &["\"PreventRun\"=hex(4):01,00,00,00,"],
        ),
        ("set again after its removal", &["\"PreventRun\"=-", RUN]),
        (
            "set after its key's removal",
            &[
                RUN,
                "[-HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft]",
                KEY,
                RUN,
            ],
        ),
    ] {
        says(name, &four(lines), 1, &[FOUND]);
        let wide = [&[0xff, 0xfe], little(&five(lines)).as_slice()].concat();
        says(name, &wide, 1, &[FOUND]);
    }
}

#[test]
fn every_end_of_a_line_is_one() {
    let text = String::from_utf8(four(&["\"b\"=hex:01,\\", "  02", RUN])).unwrap();
    for end in ["\n", "\r", "\r\r\n", "\n\r"] {
        let bytes = text.replace("\r\n", end);
        says(end, bytes.as_bytes(), 1, &[FOUND, &["01 02"]]);
    }
    says("none at the end", text.trim_end().as_bytes(), 1, &[FOUND]);
}

#[test]
fn characters_are_read_in_every_encoding_and_said() {
    let text = five(&[RUN, "\"q\"=\"Büro €\""]);
    let value: &[&str] = &["q", "Büro €"];
    let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    for (name, bytes, notice) in [
        ("UTF-16LE", marked(&[0xff, 0xfe], &little(&text)), None),
        (
            "UTF-16BE",
            marked(&[0xfe, 0xff], &big(&text)),
            Some("high byte first"),
        ),
        ("UTF-16LE, no mark", little(&text), Some("without its mark")),
        ("UTF-16BE, no mark", big(&text), Some("without its mark")),
        (
            "UTF-8, mark",
            marked(&[0xef, 0xbb, 0xbf], text.as_bytes()),
            Some("UTF-8 with a mark"),
        ),
        ("UTF-8", text.clone().into_bytes(), Some("looks like UTF-8")),
    ] {
        let mut words: Vec<&[&str]> = vec![FOUND, value];
        let notice: Vec<&str> = notice.into_iter().collect();
        if !notice.is_empty() {
            words.push(&notice);
        }
        says(name, &bytes, 1, &words);
    }
    // In ANSI what is no UTF-8 is guessed, and what nobody has is kept as Windows keeps it.
    let ansi = |text: &[u8]| [&four(&[RUN])[..], b"\"q\"=\"", text, b"\"\r\n"].concat();
    says(
        "ANSI",
        &ansi(b"B\xfcro"),
        1,
        &[FOUND, &["q", "Büro"], &["code page 1252", "guessed"]],
    );
}

#[test]
fn a_code_page_is_guessed_and_can_be_named() {
    let japanese = b"\x83p\x83X\x83\x8f\x81[\x83h\x82\xf0\x90\xe2\x91\xce\x82\xc9\x8b\xb3\x82\xa6\x82\xc8\x82\xa2\x82\xc5\x82\xad\x82\xbe\x82\xb3\x82\xa2";
    let text = "パスワードを絶対に教えないでください";
    let key = b"REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\MessengerService\\Policies]\r\n\"IMWarning\"=\"";
    let bytes = [&key[..], japanese, b"\"\r\n"].concat();
    says(
        "guessed",
        &bytes,
        1,
        &[
            &["conversation-warning", text],
            &["code page 932", "guessed"],
        ],
    );

    let options = |page| policies::ReadOptions {
        code_page: policies::CodePage::numbered(page),
        ..policies::ReadOptions::default()
    };
    let read = |bytes: &[u8], page| {
        let file = policies::SourceFile::asked("x.reg", bytes.to_vec());
        policies::read_files(vec![file], &options(page)).unwrap()
    };
    let named = read(&bytes, 932);
    assert_eq!(
        named.values[0].data,
        policies::RegistryData::Sz(text.to_owned())
    );
    assert!(named.notices.is_empty(), "{:?}", named.notices);
    // The same letters as bytes of a string, which are ANSI in this version.
    let digits: Vec<String> = japanese.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = format!("hex(1):{},00", digits.join(","));
    let bytes = [&key[..key.len() - 1], hex.as_bytes(), b"\r\n"].concat();
    says(
        "bytes",
        &bytes,
        1,
        &[&["conversation-warning", text], &["code page 932"]],
    );
    // A comment at the top may say it, too.
    let remark = [b"REGEDIT4\r\n; Code page: 932\r\n", &bytes[10..]].concat();
    let imported = imported("remark", &remark);
    assert_says("remark", &imported, 1, &[&["conversation-warning", text]]);
    assert!(imported.notices.is_empty(), "{:?}", imported.notices);
    // A backslash may be the second byte of a letter.
    let table = [&key[..], b"\x95\\\"\r\n"].concat();
    let file = read(&table, 932);
    assert_eq!(
        file.values[0].data,
        policies::RegistryData::Sz("表".to_owned())
    );
    let greek = [&key[..], b"\xca\xf9\xe4\xe9\xea\xfc\xf2\"\r\n"].concat();
    let file = read(&greek, 1253);
    assert_eq!(
        file.values[0].data,
        policies::RegistryData::Sz("Κωδικός".to_owned())
    );
    // Bytes that Windows-1252 has no letters for are kept as Windows keeps them.
    let file = read(&[&key[..], b"\x81\x8d\"\r\n"].concat(), 1252);
    assert_eq!(
        file.values[0].data,
        policies::RegistryData::Sz("\u{81}\u{8d}".to_owned())
    );
}

#[test]
fn texts_are_read_as_they_were_meant() {
    for (line, text) in [
        (r#""q"="a\\b \"c\"""#, "a\\b \"c\""),
        (r#""q"="""#, ""),
        (r#""q"="one\ntwo""#, "one\ntwo"),
        (r#""q"="one\r\ntwo""#, "one\r\ntwo"),
        (
            r#""q"="C:\program files\rules""#,
            "C:\\program files\\rules",
        ),
        (r#""q"="\\\\srv\\share""#, "\\\\srv\\share"),
        (r#""q"="; no comment # // ""#, "; no comment # // "),
        ("\"q\"=\"one\r\ntwo\"", "one\r\ntwo"),
        (
            "\"q\"=\"one\r\n[x]\r\n\r\ntwo\" ; why",
            "one\r\n[x]\r\n\r\ntwo",
        ),
        ("\"q\"=hex(1):61,62,00", "ab"),
    ] {
        let imported = imported(line, &four(&[line, RUN]));
        assert_says(line, &imported, 1, &[FOUND]);
        let data = &imported.unknown[0].value.data;
        assert_eq!(*data, policies::RegistryData::Sz(text.to_owned()), "{line}");
    }
    let odd = imported("odd", &four(&[r#""q"="a\sb""#]));
    assert_says("odd", &odd, 0, &[&["notice", "line 4", "backslash"]]);
}

#[test]
fn what_cannot_be_read_is_named_and_nothing_else_is_lost() {
    for (line, why) in [
        ("PreventRun=dword:1", "quotation marks"),
        ("\"x\"=dword:", "hexadecimal"),
        ("\"x\"=dword:0x1", "hexadecimal"),
        ("\"x\"=dword:123456789", "hexadecimal"),
        ("\"x\"=dword:1 1", "hexadecimal"),
        ("\"x\"=dwordx:1", "neither text"),
        ("\"x\"=qword:1", "hex(b)"),
        ("\"x\"=hex(:00", "type"),
        ("\"x\"=hex(zz):00", "type"),
        ("\"x\"=hex:1g", "hexadecimal"),
        ("\"x\"=hex:100", "hexadecimal"),
        ("\"x\"=hex:01,,02", "hexadecimal"),
        ("\"x\"=hex:01 02", "hexadecimal"),
        ("\"x\"=hex:01,\\ 02", "after the data"),
        ("\"x\"=hex:01,02,\\", "no bytes follow"),
        ("\"x\"=", "no data"),
        ("\"x\"", "no = after"),
        ("\"x=dword:1", "no closing"),
        ("\"x\"=\"y\" z", "after the data"),
        ("\"x\"=\"y", "no closing"),
        ("\"x\"=-1", "after -"),
        ("@", "no = after"),
        ("stray", "neither a key"),
        ("reg add HKLM\\x /v y", "neither a key"),
    ] {
        let lines = [line, RUN, "[HKEY_CURRENT_USER\\z]"];
        let said = read("x.reg", &four(&lines), false).unwrap_err().to_string();
        assert!(
            said.starts_with("line 4 cannot be read: "),
            "{line}: {said}"
        );
        assert!(said.contains(why), "{line}: {said}");
        let skipped = read("x.reg", &four(&lines), true).unwrap();
        assert_eq!(skipped.skipped.count(), 1, "{line}: {:?}", skipped.skipped);
        assert_eq!(skipped.values.len(), 1, "{line}: {:?}", skipped.values);
    }
    for (key, why) in [
        ("[HKEY_LOCAL_MACHINE\\x", "no ]"),
        ("[ HKEY_LOCAL_MACHINE\\x]", "blank"),
        ("[Software\\x]", "no root"),
        ("[HKEY_LOCAL_MASHINE\\x]", "no root"),
    ] {
        let lines = [key, "\"y\"=dword:1", KEY, RUN];
        let said = read("x.reg", &four(&lines), false).unwrap_err().to_string();
        assert!(said.starts_with("line 4 cannot be read: "), "{key}: {said}");
        assert!(said.contains(why), "{key}: {said}");
        // Its values belong nowhere, least of all to the key above.
        let skipped = read("x.reg", &four(&lines), true).unwrap();
        assert_eq!(
            (skipped.values.len(), skipped.left_out.len()),
            (1, 1),
            "{key}"
        );
        assert!(skipped.left_out[0].to_string().contains("\"y\""), "{key}");
    }
    let early = b"REGEDIT4\r\n\"x\"=dword:1\r\n";
    let said = read("x.reg", early, false).unwrap_err().to_string();
    assert!(said.contains("before the first key"), "{said}");
}

#[test]
fn bad_lines_are_bounded_and_counted() {
    let lines = vec!["stray"; 2_480];
    let Err(ImportError::Lines(bad)) = read("x.reg", &four(&lines), false) else {
        panic!("not refused")
    };
    assert_eq!((bad.named.len(), bad.count()), (500, 2_480));
    let listed = bad.listed(20);
    assert_eq!(listed.lines().count(), 21);
    assert!(listed.ends_with("and 2460 more"), "{listed}");
}

#[test]
fn keys_that_are_removed_take_their_values_with_them_and_no_others() {
    let key = |name: &str| format!("[HKEY_CURRENT_USER\\Software\\{name}]");
    let (a, below, beside, longer) = (key("A"), key("a\\b\\c"), key("A-b"), key("AB"));
    let lines = [
        a.as_str(),
        "\"x\"=dword:1",
        &below,
        "\"x\"=dword:1",
        &beside,
        "\"x\"=dword:1",
        &longer,
        "\"x\"=dword:1",
        "[-hkey_current_user\\software\\a]",
        "\"late\"=dword:1",
    ];
    let file = read("x.reg", &four(&lines), false).unwrap();
    let left: Vec<&str> = file.values.iter().map(|value| value.key.as_str()).collect();
    assert_eq!(left, ["Software\\A-b", "Software\\AB"]);
    assert_eq!(file.superseded.len(), 2);
    // What stands below a key that is removed is passed over, and said.
    assert_eq!(file.left_out.len(), 2, "{:?}", file.left_out);
    let whole = read("x.reg", &four(&[RUN, "[-HKEY_LOCAL_MACHINE]"]), false).unwrap();
    assert_eq!(whole.values.len(), 1);
    assert!(whole.left_out[0].to_string().contains("whole hive"));
}

#[test]
fn values_of_other_roots_are_left_out_and_counted() {
    let lines = [
        "[HKEY_CLASSES_ROOT\\.rvp]",
        "@=\"x\"",
        "\"y\"=\"z\"",
        "[HKEY_USERS\\.DEFAULT\\x]",
        "\"y\"=-",
    ];
    says(
        "roots",
        &four(&lines),
        0,
        &[
            &["left out: [HKEY_CLASSES_ROOT\\.rvp]", "(2 values)"],
            &["left out: [HKEY_USERS\\.DEFAULT\\x]", "(1 value)"],
        ],
    );
}

#[test]
fn a_dump_of_one_user_is_read_as_of_the_user() {
    let dump = |sid: &str| {
        format!("[HKEY_USERS\\{sid}\\Software\\Policies\\Microsoft\\Messenger\\Client]")
    };
    let (one, two) = (dump("S-1-5-21-1-2-3-1001"), dump("S-1-5-21-1-2-3-1002"));
    let bytes = four(&[&one, RUN, &two, "\"PreventRun\"=dword:0"]);
    let imported = imported("dump", &bytes);
    assert_says(
        "dump",
        &imported,
        1,
        &[
            FOUND,
            &["notice", "HKEY_USERS\\S-1-5-21-1-2-3-1001"],
            &["left out", "another user", "(1 value)"],
        ],
    );
    assert_eq!(
        imported.policy.settings["prevent-run"].hive,
        Some(policies::Hive::CurrentUser)
    );
}

#[test]
fn the_known_reason_is_said() {
    let user = |lines: &str| {
        format!("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings]\r\n{lines}\r\n").into_bytes()
    };
    let machine = |lines: &str| {
        format!("REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Conferencing]\r\n{lines}\r\n").into_bytes()
    };
    says(
        "hive",
        &machine("\"NoAudio\"=dword:1"),
        0,
        &[&[
            "known option netmeeting-no-audio",
            "other hive",
            "HKCU only",
        ]],
    );
    says(
        "type",
        &user("\"ProxyEnable\"=\"1\""),
        0,
        &[&["known option ie-proxy-enable", "other type", "REG_SZ"]],
    );
    says(
        "binary",
        &user("\"ProxyEnable\"=hex:01,00,00,00"),
        0,
        &[&["ie-proxy-enable", "other type", "REG_BINARY"]],
    );
    says(
        "data",
        &user("\"ProxyServer\"=\"no port\""),
        0,
        &[&["ie-proxy-server", "other data", "host:port"]],
    );
    says(
        "list",
        &user("\"ProxyOverride\"=\".example.com\""),
        0,
        &[&["ie-proxy-override", "*.example.com"]],
    );
    says(
        "bare",
        &user("\"ProxyOverride\"=\"im;intranet*;*.corp.*;10.*\""),
        1,
        &[&["found ie-proxy-override"]],
    );
    says(
        "expand",
        &user("\"AutoConfigURL\"=hex(2):68,74,74,70,00"),
        0,
        &[&["ie-auto-config-url", "other type", "\"http\""]],
    );
    says(
        "list of texts",
        &user("\"x\"=hex(7):61,00,62,00,00"),
        0,
        &[&["not in the catalogue", "\"a\", \"b\""]],
    );
    says(
        "long number",
        &user("\"x\"=hex(b):01,00,00,00,01,00,00,00"),
        0,
        &[&["REG_QWORD", "4294967297"]],
    );
    says(
        "no key known",
        &four(&[
            "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\MessengerService\\Policies]",
            "\"GCLocation\"=\"gc1\"",
        ]),
        0,
        &[&["global-catalog-location", "not exportable because"]],
    );
    says(
        "zero",
        &four(&[
            "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\MessengerService\\Policies]",
            "\"DisableUpdates\"=dword:0",
        ]),
        1,
        &[&["found disable-client-updates = off"]],
    );
    says(
        "seven is not one",
        &four(&["\"PreventRun\"=dword:7"]),
        0,
        &[&["known option prevent-run", "no setting writes 7", "on is 1"]],
    );
}

#[test]
fn of_two_hives_the_one_counts_that_clients_follow() {
    let settings = "Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings";
    let proxies = [
        &format!("[HKEY_CURRENT_USER\\{settings}]"),
        "\"ProxyServer\"=\"user:1\"",
        &format!("[HKEY_LOCAL_MACHINE\\{settings}]"),
        "\"ProxyServer\"=\"machine:1\"",
        "[HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings]",
    ];
    for (per_user, winner, loser) in [
        ("\"ProxySettingsPerUser\"=dword:0", "machine:1", "user:1"),
        ("\"ProxySettingsPerUser\"=dword:1", "user:1", "machine:1"),
    ] {
        let lines = [&proxies[..], &[per_user]].concat();
        says(
            per_user,
            &four(&lines),
            2,
            &[&["found ie-proxy-server", winner], &["overruled", loser]],
        );
    }
    let both = [
        "\"DisableVideo\"=dword:0",
        "[HKEY_CURRENT_USER\\Software\\Policies\\Microsoft\\Messenger\\Client]",
        "\"DisableVideo\"=dword:1",
    ];
    says(
        "policies",
        &four(&both),
        1,
        &[&["found disable-video = off"], &["overruled", "HKCU"]],
    );
}

#[test]
fn usual_lists_of_proxy_exceptions_reach_every_format() {
    let list = "localhost;127.0.0.1;intranet;10.*;im.example.com;<local>";
    let file = format!(
        "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings]\r\n\
         \"ProxyEnable\"=dword:1\r\n\"ProxyServer\"=\"proxy.example.com:8080\"\r\n\"ProxyOverride\"=\"{list}\"\r\n"
    );
    let policy = imported("x.reg", file.as_bytes()).policy;
    let problems = policy.check(policies::Catalogue::get());
    let errors = problems
        .iter()
        .filter(|it| it.severity == policies::Severity::Error);
    assert_eq!(errors.count(), 0, "{problems:?}");
    let doubt = problems.iter().find(|it| it.message.contains("intranet"));
    assert!(doubt.is_some(), "{problems:?}");
    let context = policies::ExportContext {
        revision: 1,
        date: "2002-06-01".to_owned(),
        server: Some("im.example.com".to_owned()),
    };
    for format in policies::Format::ALL {
        // Values of the user stand in no file of the computer.
        if matches!(
            format,
            policies::Format::PolMachine | policies::Format::GptIni
        ) {
            continue;
        }
        let bytes = policies::export(&policy, format, &context)
            .unwrap_or_else(|error| panic!("{format:?}: {error}"))
            .bytes;
        let text: String = bytes
            .iter()
            .filter(|byte| **byte != 0)
            .map(|byte| char::from(*byte))
            .collect();
        let texts_stand_elsewhere = format == policies::Format::Admx;
        assert!(
            text.contains("127.0.0.1") || texts_stand_elsewhere,
            "{format:?}: {text}"
        );
    }
}
