//! Texts that a shell, a script, a template or a parser could take for something else: each format
//! carries them to the letter, as somebody else's reader says, or refuses them.

use data_encoding::HEXLOWER;
use std::path::Path;

use policies::{
    Catalogue, ExportedFile, Exporter, Format, FormatGroup, Hive, Policy, RegistryData,
    RegistryValue, Setting, Windows, can_make_kit, client_kit, export, read_pol, undo,
};

use crate::readers::{Folder, read_by};
use crate::samples;

const TEXTS: [&str; 62] = [
    "%PATH%",
    "100 %",
    "%%",
    "%1",
    "a!b!",
    "!failed!",
    "^caret^",
    "a & b",
    "a && exit /b 7",
    "a | b",
    "a || b",
    "<x> > y",
    ">nul",
    "2>&1",
    "say \"no\"",
    "\"",
    "'single'",
    "C:\\dir\\",
    "\\\\srv\\share\\\\",
    "ends in \\\"",
    "(paren",
    ") & echo x",
    ";semicolon",
    "a;b;c",
    "# hash",
    "// slashes",
    "@",
    "=",
    "a=b",
    "[key]",
    "]",
    "[-HKEY_CURRENT_USER\\Software]",
    "{{ x }}",
    "{% if x %}",
    "<%= x %>",
    "]]>",
    "-->",
    "&amp;",
    "!!Category",
    " leading",
    "trailing ",
    " ",
    "tab\there",
    "two\r\nlines",
    "one\nline",
    "cr\rcr",
    "line\u{2028}separator",
    "next\u{85}line",
    "Grüße €",
    "東京",
    "🙂",
    "\u{1b}[31m",
    "\u{202e}left",
    "hex:00",
    "dword:00000001",
    "-",
    "'comment",
    "rem x",
    ":label",
    "$(x) `x` ${x}",
    "*",
    "**del.x",
];

fn value(key: String, name: String, data: RegistryData) -> RegistryValue {
    RegistryValue {
        hive: Hive::CurrentUser,
        key,
        name,
        data,
        option: None,
    }
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16()
        .chain([0])
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// Each text as a text, as an expandable one, as a value's name and as a key's, and a key's
/// default value; numbers at the ends of their range.
fn values() -> Vec<(String, RegistryValue)> {
    let key = |name: &str| format!("Software\\Nasty\\{name}");
    let mut values = vec![
        (
            "no text".to_owned(),
            value(
                key("A"),
                "empty".to_owned(),
                RegistryData::Sz(String::new()),
            ),
        ),
        (
            "a default value".to_owned(),
            value(key("A"), String::new(), RegistryData::Sz("x".to_owned())),
        ),
        (
            "a great number".to_owned(),
            value(key("A"), "great".to_owned(), RegistryData::Dword(u32::MAX)),
        ),
        (
            "a number of 31 bits".to_owned(),
            value(
                key("A"),
                "half".to_owned(),
                RegistryData::Dword(0x8000_0000),
            ),
        ),
        (
            "bytes".to_owned(),
            value(
                key("A"),
                "bytes".to_owned(),
                RegistryData::Other {
                    kind: 3,
                    bytes: vec![0, 0xff, 0x0d, 0x0a],
                },
            ),
        ),
        (
            "a long text".to_owned(),
            value(
                key("A"),
                "long".to_owned(),
                RegistryData::Sz("x".repeat(9000)),
            ),
        ),
    ];
    for (at, text) in TEXTS.iter().enumerate() {
        let data = RegistryData::Sz((*text).to_owned());
        values.push((
            format!("text {text:?}"),
            value(key("T"), format!("t{at}"), data),
        ));
        let data = RegistryData::Other {
            kind: 2,
            bytes: wide(text),
        };
        values.push((
            format!("expandable {text:?}"),
            value(key("E"), format!("e{at}"), data),
        ));
        let data = RegistryData::Dword(1);
        values.push((
            format!("name {text:?}"),
            value(key("N"), (*text).to_owned(), data.clone()),
        ));
        // Two separators in a row are no path.
        if !text.contains("\\\\") {
            values.push((
                format!("key {text:?}"),
                value(
                    format!("Software\\Nasty\\K{at}{text}"),
                    "k".to_owned(),
                    data,
                ),
            ));
        }
    }
    values
}

fn policy(values: Vec<RegistryValue>) -> Policy {
    Policy {
        other_values: values,
        description: "A note that ends in a backslash \\".to_owned(),
        ..Policy::new("Nasty --> %x% ]]> \" &")
    }
}

/// What of the values the format takes, and what it refuses.
fn sorted_out(format: Format) -> (Policy, Vec<String>) {
    let mut taken = Vec::new();
    let mut refused = Vec::new();
    for (what, value) in values() {
        let alone = policy(vec![value.clone()]);
        let fits = export(&alone, format, &samples::context())
            .and_then(|_| undo(&alone, format, &samples::context()));
        match fits {
            Ok(_) => taken.push(value),
            Err(error) => {
                let said = error.to_string();
                let advice = ["; use ", "; take ", "remove this value"];
                assert!(advice.iter().any(|it| said.contains(it)), "{said}");
                refused.push(what);
            }
        }
    }
    (policy(taken), refused)
}

/// A value as the readers print it.
fn line(value: &RegistryValue) -> String {
    let escaped = |text: &str| {
        text.replace('\\', "\\\\")
            .replace('\t', "\\t")
            .replace('\r', "\\r")
            .replace('\n', "\\n")
    };
    let (kind, bytes) = match &value.data {
        RegistryData::Sz(text) => (1, wide(text)),
        RegistryData::Dword(number) => (4, number.to_le_bytes().to_vec()),
        RegistryData::Other { kind, bytes } => (*kind, bytes.clone()),
        RegistryData::Absent => panic!("removals are not printed"),
    };
    let hex = HEXLOWER.encode(&bytes);
    format!(
        "{}\t{}\t{kind}\t{hex}",
        escaped(&value.path()),
        escaped(&value.name)
    )
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// Says what is different, not all there is.
fn same(read: &[String], wanted: &[String], reader: &str) {
    let missing = |of: &[String], from: &[String]| {
        let missing = of.iter().filter(|line| !from.contains(line));
        missing.cloned().collect::<Vec<_>>()
    };
    let (lost, made_up) = (missing(wanted, read), missing(read, wanted));
    assert!(
        lost.is_empty() && made_up.is_empty() && read.len() == wanted.len(),
        "{reader} lost {lost:#?} and made {made_up:#?}"
    );
}

/// What is there after the file, and after the one that takes it back.
fn applied_and_undone(reader: &str, end: &str, policy: &Policy, format: Format) {
    let folder = Folder::new(&format!("nasty-{}", format.word()));
    let context = samples::context();
    let file = |name: &str, file: ExportedFile| folder.file(name, &file.bytes);
    let apply = file("apply", export(policy, format, &context).expect("it fits"));
    let back = file("undo", undo(policy, format, &context).expect("it fits"));
    let read = read_by(reader, &[&apply, &back]).unwrap_or_else(|why| panic!("{why}"));
    let (applied, undone) = {
        let mut parts = read.split(|line| line == end);
        (
            parts.next().expect("the first"),
            parts.next().expect("the second"),
        )
    };
    let wanted: Vec<String> = policy.values(Catalogue::get()).iter().map(line).collect();
    same(applied, &wanted, reader);
    assert_eq!(undone, [] as [String; 0], "{reader}");
}

#[test]
fn each_format_carries_nasty_texts_to_the_letter_or_refuses_them() {
    let mut all_refused = String::new();
    for format in Format::ALL {
        if format.why_no_undo().is_some() || matches!(format, Format::GptIni | Format::Ins) {
            continue;
        }
        let (policy, refused) = sorted_out(format);
        for what in refused {
            all_refused.push_str(&format!("{}: {what}\n", format.word()));
        }
        match format {
            Format::Reg | Format::Reg4 => {
                // hivexregedit keeps the bytes of old files as they are and not as Windows does.
                let mut for_hive = policy.clone();
                let ansi = |value: &RegistryValue| match &value.data {
                    RegistryData::Sz(text) => text.chars().any(char::is_control),
                    RegistryData::Other { kind, .. } => *kind == 2,
                    RegistryData::Absent | RegistryData::Dword(_) => false,
                };
                for_hive
                    .other_values
                    .retain(|value| format == Format::Reg || !ansi(value));
                applied_and_undone("hive.py", "end", &for_hive, format);
                let file = export(&policy, format, &samples::context()).expect("it fits");
                let read = policies::read_reg(&file.bytes).expect("our own file");
                let lines = |values: &[RegistryValue]| sorted(values.iter().map(line).collect());
                assert_eq!(lines(&read.values), lines(&policy.values(Catalogue::get())));
            }
            Format::Bat => applied_and_undone("bat.py", "exit 0", &policy, format),
            Format::Vbs => applied_and_undone("vbs.py", "end", &policy, format),
            Format::PolUser => {
                let file = export(&policy, format, &samples::context()).expect("it fits");
                let read = read_pol(&file.bytes, Hive::CurrentUser).expect("our own file");
                let lines = |values: &[RegistryValue]| sorted(values.iter().map(line).collect());
                assert_eq!(lines(&read.values), lines(&policy.values(Catalogue::get())));
                let folder = Folder::new("nasty-pol");
                let count = read_by("pol.py", &[&folder.file("Registry.pol", &file.bytes)]);
                // A name of two lines is printed in two.
                let lines: usize = read
                    .values
                    .iter()
                    .map(|it| it.name.split('\n').count())
                    .sum();
                assert_eq!(count.map(|lines| lines.len()), Ok(lines));
            }
            _ => lgpo(&policy, format),
        }
    }
    insta::assert_snapshot!(all_refused);
}

fn lgpo(policy: &Policy, format: Format) {
    if format != Format::Lgpo {
        return;
    }
    let folder = Folder::new("nasty-lgpo");
    let file = export(policy, format, &samples::context()).expect("it fits");
    let read = read_by("lgpo.py", &[&folder.file("x.txt", &file.bytes)]).expect("a sound file");
    let escaped = |text: &str| text.replace('\\', "\\\\");
    let block = |value: &RegistryValue| {
        let action = match &value.data {
            RegistryData::Sz(text) => format!("SZ:{text}"),
            RegistryData::Dword(number) => format!("DWORD:{number}"),
            other => panic!("{other:?} is refused"),
        };
        [value.path(), value.name.clone(), action]
            .map(|part| escaped(&part))
            .join("\t")
    };
    let wanted = policy.values(Catalogue::get()).iter().map(block).collect();
    assert_eq!(sorted(read), sorted(wanted));
}

#[test]
fn templates_carry_nasty_texts_to_the_letter_or_refuse_them() {
    let folder = Folder::new("nasty-templates");
    let proposed = |policy: &Policy| match policy.setting("conversation-warning") {
        Setting::Text(text) => format!("proposed {text}"),
        other => panic!("{other}"),
    };
    let mut refused = Vec::new();
    for text in TEXTS {
        let policy = Policy::new("Nasty --> %x% ]]> &")
            .with("conversation-warning", Setting::Text(text.to_owned()));
        let made = |format| export(&policy, format, &samples::context()).map(|file| file.bytes);
        for (format, version) in [(Format::Adm, "4"), (Format::AdmNt4, "2")] {
            let Ok(bytes) = made(format) else {
                refused.push(format!("{}: {text:?}", format.word()));
                continue;
            };
            let file = folder.file("x.adm", &bytes);
            let read = read_by("adm.py", &[&file, Path::new(version)]);
            let read = read.unwrap_or_else(|why| panic!("{text:?}: {why}"));
            assert!(read[0].ends_with(&proposed(&policy)), "{text:?}: {read:?}");
        }
        match (made(Format::Admx), made(Format::Adml)) {
            (Ok(admx), Ok(adml)) => {
                let (admx, adml) = (folder.file("x.admx", &admx), folder.file("x.adml", &adml));
                let read = read_by("admx.py", &[&admx, &adml]);
                let read = read.unwrap_or_else(|why| panic!("{text:?}: {why}"));
                assert!(read[0].ends_with(&proposed(&policy)), "{text:?}: {read:?}");
            }
            _ => refused.push(format!("admx: {text:?}")),
        }
    }
    insta::assert_snapshot!(refused.join("\n"));
}

/// A page that offers a file must not lead to a refusal, and the other way round.
#[test]
fn whether_a_file_can_be_made_is_known_without_making_it() {
    let mut policies: Vec<Policy> = values()
        .into_iter()
        .map(|(_, value)| policy(vec![value]))
        .collect();
    policies.extend([
        samples::wan_branch(),
        samples::kiosk(),
        samples::lab(),
        Policy::default(),
    ]);
    policies.push(Policy::new("x").with("service-sip-off", Setting::On));
    let text = |text: &str| Setting::Text(text.to_owned());
    for typed in ["Ω", "a\"b", "!!x"] {
        policies.push(Policy::new("x").with("conversation-warning", text(typed)));
    }
    policies.push(Policy {
        mode: policies::Mode::EnforceOnly,
        ..samples::lab()
    });
    let told = |said: Result<(), policies::ExportError>| said.map_err(|error| error.to_string());
    for policy in &policies {
        let exporter = Exporter::new(policy);
        let context = samples::context();
        for format in Format::ALL {
            let made = export(policy, format, &context);
            assert_eq!(told(exporter.can_export(format)), told(made.map(drop)));
            let made = undo(policy, format, &context);
            assert_eq!(told(exporter.can_undo(format)), told(made.map(drop)));
        }
        for group in FormatGroup::ALL {
            let made = group.export(policy, &context);
            assert_eq!(told(group.can_export(&exporter)), told(made.map(drop)));
            let made = group.undo(policy, &context);
            assert_eq!(told(group.can_undo(&exporter)), told(made.map(drop)));
        }
        for windows in Windows::ALL {
            let made = client_kit(policy, windows, &context).map(|kit| kit.left_out);
            let said = can_make_kit(&exporter, windows);
            assert_eq!(
                said.map_err(|error| error.to_string()),
                made.map_err(|error| error.to_string())
            );
        }
    }
}

/// The undo of scripts leaves a key that others use, and says where it failed.
#[test]
fn undo_takes_a_default_value_and_leaves_the_key() {
    let shared = |name: &str, text: &str| {
        value(
            "Software\\Shared".to_owned(),
            name.to_owned(),
            RegistryData::Sz(text.to_owned()),
        )
    };
    let ours = policy(vec![shared("", "x"), shared("ours", "y")]);
    let theirs = policy(vec![shared("theirs", "z")]);
    let folder = Folder::new("shared");
    let context = samples::context();
    for (format, reader, ending) in [
        (Format::Bat, "bat.py", "exit 0"),
        (Format::Vbs, "vbs.py", "end"),
        (Format::Reg, "hive.py", "end"),
        (Format::Reg4, "hive.py", "end"),
    ] {
        let file = |name: &str, file: ExportedFile| folder.file(name, &file.bytes);
        let first = file(
            "theirs",
            export(&theirs, format, &context).expect("it fits"),
        );
        let then = file("ours", export(&ours, format, &context).expect("it fits"));
        let back = file("undo", undo(&ours, format, &context).expect("it fits"));
        // Taken back twice, and where it never was.
        let read = read_by(reader, &[&back, &first, &then, &back, &back]);
        let read = read.unwrap_or_else(|why| panic!("{why}"));
        let parts: Vec<&[String]> = read.split(|line| line == ending).collect();
        let counts: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(counts, [0, 1, 3, 1, 1, 0], "{reader}: {read:#?}");
        assert!(parts[4][0].contains("\ttheirs\t"), "{read:#?}");
    }
    let script = undo(&ours, Format::Vbs, &context).expect("it fits");
    let script = String::from_utf8(script.bytes).expect("ASCII");
    assert!(!script.contains("Shared\\\"\r\n"), "{script}");
}

#[test]
fn a_batch_file_that_fails_says_what_and_ends_with_1() {
    let folder = Folder::new("denied");
    let policy = samples::wan_branch();
    let context = samples::context();
    let apply = folder.file(
        "a.bat",
        &export(&policy, Format::Bat, &context).expect("sound").bytes,
    );
    let back = folder.file(
        "b.bat",
        &undo(&policy, Format::Bat, &context).expect("sound").bytes,
    );
    let deny = [
        Path::new("--deny"),
        Path::new("HKLM\\Software\\Policies"),
        &apply,
        &back,
    ];
    let read = read_by("bat.py", &deny).expect("sound files");
    let said: Vec<&String> = read
        .iter()
        .filter(|line| line.starts_with("said "))
        .collect();
    assert_eq!(said.len(), 3, "{read:#?}");
    assert!(
        said.iter()
            .all(|line| line.contains("Not written: \"HKLM\\Software\\Policies"))
    );
    // What was never written need not be removed.
    let ends: Vec<&String> = read
        .iter()
        .filter(|line| line.starts_with("exit "))
        .collect();
    assert_eq!(ends, ["exit 1", "exit 0"]);
}

#[test]
fn a_template_of_each_policy_has_a_namespace_of_its_own() {
    let mut known = std::collections::BTreeMap::new();
    for name in [
        "東京",
        "大阪",
        "Ünï",
        "Önï",
        "🙂",
        "!!!",
        "CON",
        "NUL",
        "a.",
        "a..",
        "a",
        "WAN branch",
    ] {
        let policy = Policy::new(name).with("disable-voice", Setting::On);
        let file = export(&policy, Format::Admx, &samples::context()).expect("sound");
        let text = String::from_utf8(file.bytes).expect("UTF-8");
        let start = text.find("<target ").expect("a target");
        let target = text[start..]
            .split("/>")
            .next()
            .expect("its end")
            .to_owned();
        let prefix = target.split('"').nth(1).expect("a prefix").to_owned();
        assert!(
            prefix
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_'),
            "{prefix}"
        );
        for unique in [target, prefix, file.file_name] {
            if let Some(other) = known.insert(unique.clone(), name) {
                panic!("{name} and {other}: {unique}");
            }
        }
    }
}
