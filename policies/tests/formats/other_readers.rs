//! Our files, read by programs that are not ours: Samba's parser of
//! `Registry.pol`, the crate `regashii`, and readers of ADM, ADMX and `.ins`
//! written in Python from the grammars (`tests/readers`).

use data_encoding::HEXLOWER;
use std::path::Path;

use policies::catalogue::{Input, MeaningOf};
use policies::{
    Catalogue, Format, Hive, Policy, RegistryData, RegistryValue, Setting, export, undo,
};
use regashii::{KeyName, Registry, Value, ValueName};

use crate::readers::{Folder, read_by};
use crate::samples;

fn three() -> [Policy; 3] {
    [samples::wan_branch(), samples::kiosk(), samples::lab()]
}

fn bytes(policy: &Policy, format: Format) -> Vec<u8> {
    export(policy, format, &samples::context())
        .expect("a sound policy")
        .bytes
}

/// What a template has to offer for one value of a policy, as the readers print it.
fn offered(policy: &Policy, value: &RegistryValue) -> Option<String> {
    let option = Catalogue::get().option(value.option.as_ref()?.as_str())?;
    let what = match option.input {
        Input::Switch { on, off } => {
            let off = off.map_or_else(|| "delete".to_owned(), |off| off.to_string());
            format!("on {on}, off {off}")
        }
        Input::Number { min, max, .. } => {
            format!("number {min} to {max}, proposed {}", value.data)
        }
        Input::OneOf => {
            let numbers = option.meanings.iter().map(|meaning| match meaning.value {
                MeaningOf::Number(number) => number.to_string(),
                MeaningOf::Text(text) => text.to_owned(),
            });
            let numbers: Vec<String> = numbers.collect();
            format!("one of {}, proposed {}", numbers.join(" "), value.data)
        }
        Input::Text { max_length, .. } => {
            let Setting::Text(text) = policy.setting(option.id) else {
                return None;
            };
            format!("text of {max_length}, proposed {text}")
        }
        Input::ServerSwitch => return None,
    };
    let class = match value.hive {
        Hive::LocalMachine => "MACHINE",
        Hive::CurrentUser => "USER",
    };
    Some(format!("{class}\t{}\t{}\t{what}", value.key, value.name))
}

fn all_offered(policy: &Policy) -> Vec<String> {
    let values = policy.values(Catalogue::get());
    let mut lines: Vec<String> = values
        .iter()
        .filter_map(|value| offered(policy, value))
        .collect();
    lines.sort();
    lines
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[test]
fn an_adm_template_offers_what_the_policy_sets_to_every_editor() {
    let folder = Folder::new("adm");
    for policy in three() {
        let full = folder.file("full.adm", &bytes(&policy, Format::Adm));
        for version in ["3", "4", "5"] {
            let read = read_by("adm.py", &[&full, Path::new(version)]).expect("a sound template");
            assert_eq!(sorted(read), all_offered(&policy), "{}", policy.name);
        }
        let old = folder.file("old.adm", &bytes(&policy, Format::AdmNt4));
        for version in ["1", "2"] {
            let read = read_by("adm.py", &[&old, Path::new(version)]).expect("a sound template");
            assert_eq!(sorted(read), all_offered(&policy), "{}", policy.name);
        }
    }
}

#[test]
fn the_reader_of_adm_stops_where_poledit_stops() {
    let folder = Folder::new("adm-bad");
    let sound = String::from_utf8(bytes(&samples::wan_branch(), Format::AdmNt4)).expect("ASCII");
    let refused = |text: &str, version: &str| {
        let file = folder.file("bad.adm", text.as_bytes());
        read_by("adm.py", &[&file, Path::new(version)]).expect_err("not sound")
    };
    let explained = sound.replacen("KEYNAME", "EXPLAIN !!Category\r\n    KEYNAME", 1);
    assert!(refused(&explained, "2").contains("Unexpected keyword EXPLAIN"));
    let renamed = sound.replacen("POLICY !!", "POLICY !!no_", 1);
    assert!(refused(&renamed, "2").contains("there is no string"));
    let open = sound.replacen("END PART", "", 1);
    assert!(refused(&open, "2").contains("POLICY where one of PART belongs"));
}

#[test]
fn an_admx_template_is_as_the_schema_wants_it() {
    let folder = Folder::new("admx");
    let mut empty = Policy::new("Switch");
    empty.set("disable-voice", Setting::On);
    for policy in three().into_iter().chain([empty]) {
        let admx = folder.file("x.admx", &bytes(&policy, Format::Admx));
        let adml = folder.file("x.adml", &bytes(&policy, Format::Adml));
        let read = read_by("admx.py", &[&admx, &adml]).expect("a sound template");
        assert_eq!(sorted(read), all_offered(&policy), "{}", policy.name);
    }
}

#[test]
fn the_reader_of_admx_refuses_what_the_schema_forbids() {
    let folder = Folder::new("admx-bad");
    let policy = samples::lab();
    let admx = String::from_utf8(bytes(&policy, Format::Admx)).expect("UTF-8");
    let adml = String::from_utf8(bytes(&policy, Format::Adml)).expect("UTF-8");
    let bad = [
        (
            admx.replacen("<supportedOn ref", "<seeAlso ref", 1),
            adml.clone(),
        ),
        (
            admx.replacen("name=\"disable_voice\"", "name=\"disable-voice\"", 1),
            adml.clone(),
        ),
        (
            admx.replacen("class=\"Machine\"", "class=\"machine\"", 1),
            adml.clone(),
        ),
        (
            admx.replacen("$(string.disable_voice)", "$(string.disable_sound)", 1),
            adml.clone(),
        ),
        (
            admx.clone(),
            adml.replacen("<displayName>", "<displayTitle>", 1)
                .replacen("</displayName>", "</displayTitle>", 1),
        ),
        (
            admx.clone(),
            adml.replacen("<string id=\"disable_voice\"", "<string id=\"unused\"", 1),
        ),
        (admx.replacen("2006/07", "2007/07", 1), adml),
    ];
    for (at, (admx, adml)) in bad.into_iter().enumerate() {
        let admx = folder.file("x.admx", admx.as_bytes());
        let adml = folder.file("x.adml", adml.as_bytes());
        assert!(read_by("admx.py", &[&admx, &adml]).is_err(), "number {at}");
    }
}

/// An entry of a `Registry.pol` as Samba's parser prints it.
fn entry(value: &RegistryValue) -> String {
    let text = |text: &str| -> Vec<u8> {
        text.encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    let (name, kind, data) = match &value.data {
        RegistryData::Absent => (format!("**del.{}", value.name), 1, text(" ")),
        RegistryData::Sz(string) => (value.name.clone(), 1, text(string)),
        RegistryData::Dword(number) => (value.name.clone(), 4, number.to_le_bytes().to_vec()),
        RegistryData::Other { kind, bytes } => (value.name.clone(), *kind, bytes.clone()),
    };
    let hex = HEXLOWER.encode(&data);
    format!("{}\t{name}\t{kind}\t{hex}", value.key)
}

#[test]
fn samba_reads_registry_pol_and_packs_the_same_bytes() {
    let folder = Folder::new("pol");
    for mut policy in three() {
        policy.other_values.extend(samples::other_values());
        for (format, hive) in [
            (Format::PolMachine, Hive::LocalMachine),
            (Format::PolUser, Hive::CurrentUser),
        ] {
            let file = folder.file("Registry.pol", &bytes(&policy, format));
            let read = read_by("pol.py", &[&file]).expect("a sound file");
            let values = policy.values(Catalogue::get());
            let there = values.iter().filter(|value| value.hive == hive);
            assert_eq!(
                sorted(read),
                sorted(there.map(entry).collect()),
                "{}",
                policy.name
            );

            let undone = undo(&policy, format, &samples::context()).expect("a sound policy");
            let file = folder.file("Registry.pol", &undone.bytes);
            let read = read_by("pol.py", &[&file]).expect("a sound file");
            assert!(
                read.iter().all(|line| line.contains("\t**del.")),
                "{read:?}"
            );
        }
    }
}

/// Windows-1252 is Latin-1 for all that the samples hold.
fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn utf_16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes[2..]
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).expect("sound UTF-16")
}

#[test]
fn regashii_reads_both_registry_files() {
    for policy in three() {
        for (text, version) in [
            (
                utf_16(&bytes(&policy, Format::Reg)),
                regashii::Format::Regedit5,
            ),
            (
                latin_1(&bytes(&policy, Format::Reg4)),
                regashii::Format::Regedit4,
            ),
        ] {
            let read = Registry::deserialize(&text).expect("a sound file");
            assert_eq!(read.format(), version);
            let mut count = 0;
            for value in policy.values(Catalogue::get()) {
                let key = KeyName::new(format!("{}\\{}", value.hive.full(), value.key));
                let there = read
                    .keys()
                    .get(&key)
                    .and_then(|key| key.values().get(&ValueName::named(value.name.clone())));
                let wanted = match &value.data {
                    RegistryData::Absent => Value::Delete,
                    RegistryData::Sz(text) => Value::Sz(text.clone()),
                    RegistryData::Dword(number) => Value::Dword(*number),
                    RegistryData::Other { .. } => continue,
                };
                assert_eq!(there, Some(&wanted), "{}\\{}", value.path(), value.name);
                count += 1;
            }
            let read: usize = read.keys().values().map(|key| key.values().len()).sum();
            assert_eq!(read, count, "{}", policy.name);
        }
    }
}

#[test]
fn an_ins_file_is_an_ini_file_with_the_proxy_in_it() {
    let folder = Folder::new("ins");
    let policy = samples::wan_branch();
    let file = folder.file("x.ins", &bytes(&policy, Format::Ins));
    let read = read_by("ini.py", &[&file]).expect("a sound file");
    assert_eq!(
        read,
        [
            "Proxy\tHTTP_Proxy_Server\tproxy.example.com:8080",
            "Proxy\tProxy_Enable\t1",
            "Proxy\tProxy_Override\t\"im.example.com;*.corp.example.com;10.1.*;<local>\"",
            "Proxy\tSecure_Proxy_Server\tproxy.example.com:8443",
            "Proxy\tUse_Same_Proxy\t0",
        ]
    );
}
