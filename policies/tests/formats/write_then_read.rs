//! Whatever a policy holds: exported and imported again it is the same policy.
//! And whatever bytes are imported, the readers answer and do not panic.

use policies::catalogue::{CatalogueOption, Input, MeaningOf, TextKind};
use policies::{
    Catalogue, Choice, CodePage, Format, Hive, Policy, ReadOptions, RegistryData, RegistryFile,
    RegistryValue, Setting, SourceFile, export, import, read_files, read_pol, read_reg,
};
use proptest::prelude::*;

use crate::samples;

/// Any setting that the option takes, in any hive it takes.
fn choice(option: &'static CatalogueOption, plain: &'static str) -> BoxedStrategy<Choice> {
    let setting = match option.input {
        Input::Switch { .. } | Input::ServerSwitch => {
            prop_oneof![Just(Setting::On), Just(Setting::Off)].boxed()
        }
        Input::OneOf => {
            let numbers: Vec<u32> = option
                .meanings
                .iter()
                .filter_map(|meaning| match meaning.value {
                    MeaningOf::Number(number) => Some(number),
                    MeaningOf::Text(_) => None,
                })
                .collect();
            prop::sample::select(numbers)
                .prop_map(Setting::Number)
                .boxed()
        }
        Input::Number { min, max, .. } => (min..=max).prop_map(Setting::Number).boxed(),
        Input::Text { kind, .. } => {
            let pattern = match kind {
                TextKind::Plain => plain,
                TextKind::Domain => "[A-Za-z][A-Za-z0-9.]{0,20}",
                TextKind::ProxyServer => "[a-z]{1,9}(\\.[a-z]{1,5}){0,2}:[1-9][0-9]{0,3}",
                TextKind::ProxyExceptions => "(\\*\\.)?[a-z]{1,9}\\.[a-z]{2,5}(;<local>)?",
                TextKind::Url => "http://[a-z]{1,9}\\.[a-z]{2,5}/[a-z]{0,9}\\.pac",
            };
            pattern.prop_map(Setting::Text).boxed()
        }
    };
    let hive = prop::sample::select(option.hives);
    (setting, hive)
        .prop_map(|(setting, hive)| Choice {
            setting,
            // The usual hive is kept as None, as the reader does.
            hive: (option.hives.first() != Some(&hive)).then_some(hive),
        })
        .boxed()
}

fn any_policy(plain: &'static str) -> impl Strategy<Value = Policy> {
    let options: Vec<&'static CatalogueOption> = Catalogue::get()
        .options()
        .iter()
        .filter(|option| option.exportable)
        .collect();
    prop::sample::subsequence(options, 0..=20)
        .prop_flat_map(move |options| {
            options
                .into_iter()
                .map(|option| (Just(option.id), choice(option, plain)))
                .collect::<Vec<_>>()
        })
        .prop_map(|choices| {
            choices
                .into_iter()
                .fold(Policy::new("Any"), |policy, (id, choice)| {
                    policy.with(id, choice)
                })
        })
}

fn hive() -> impl Strategy<Value = Hive> {
    prop_oneof![Just(Hive::LocalMachine), Just(Hive::CurrentUser)]
}

/// Values that the catalogue does not know, as they come from imported files.
fn other_values(text: &'static str) -> impl Strategy<Value = Vec<RegistryValue>> {
    let data = prop_oneof![
        Just(RegistryData::Absent),
        any::<u32>().prop_map(RegistryData::Dword),
        text.prop_map(RegistryData::Sz),
        prop::collection::vec(any::<u8>(), 0..90)
            .prop_map(|bytes| RegistryData::Other { kind: 3, bytes }),
        prop::collection::vec(any::<u8>(), 8)
            .prop_map(|bytes| RegistryData::Other { kind: 11, bytes }),
        (prop_oneof![Just(2), Just(7)], text).prop_map(|(kind, text)| RegistryData::Other {
            kind,
            bytes: text
                .encode_utf16()
                .chain([0, 0])
                .flat_map(u16::to_le_bytes)
                .collect(),
        }),
    ];
    let value = (
        hive(),
        "Software\\\\[A-Za-z0-9 /:\\]\\[]{1,20}",
        "[A-Za-z0-9\"\\\\;= ]{0,12}",
        data,
    )
        .prop_map(|(hive, key, name, data)| RegistryValue {
            hive,
            key,
            name,
            data,
            option: None,
        });
    prop::collection::vec(value, 0..8).prop_map(|values| {
        let mut kept: Vec<RegistryValue> = Vec::new();
        for value in values {
            if !kept.iter().any(|earlier| earlier.same_place(&value)) {
                kept.push(value);
            }
        }
        kept
    })
}

fn bytes(policy: &Policy, format: Format) -> Vec<u8> {
    export(policy, format, &samples::context())
        .expect("a sound policy")
        .bytes
}

/// What came back, with the values that no option knows in it.
fn back(file: RegistryFile) -> Policy {
    let mut policy = import("Any", file, Catalogue::get()).keep_unknown();
    policy
        .other_values
        .sort_by_key(|value| format!("{} {}", value.path(), value.name));
    policy
}

/// What has letters of no language cannot be guessed to be of any.
fn read_western(bytes: &[u8]) -> RegistryFile {
    let options = ReadOptions {
        code_page: Some(CodePage::western()),
        ..ReadOptions::default()
    };
    let file = SourceFile::asked("own.reg", bytes.to_vec());
    read_files(vec![file], &options).expect("our own file")
}

fn read_both(policy: &Policy) -> RegistryFile {
    let mut file =
        read_pol(&bytes(policy, Format::PolMachine), Hive::LocalMachine).expect("our own file");
    let user = read_pol(&bytes(policy, Format::PolUser), Hive::CurrentUser).expect("our own file");
    file.values.extend(user.values);
    file
}

proptest! {
    #[test]
    fn a_registry_file_of_version_5(policy in any_policy("[^\\p{Cc}\u{2028}\u{2029}\u{fffe}\u{ffff}]{1,60}"), mut others in other_values("[^\\x00]{0,20}")) {
        others.sort_by_key(|value| format!("{} {}", value.path(), value.name));
        let policy = Policy { other_values: others, ..policy };
        let file = read_reg(&bytes(&policy, Format::Reg)).expect("our own file");
        prop_assert_eq!(back(file), policy);
    }

    #[test]
    fn a_registry_file_of_version_4(policy in any_policy("[ -~äöüÄÖÜßéèñ€™–]{1,60}"), mut others in other_values("[ -~äß€\r\n]{0,20}")) {
        others.sort_by_key(|value| format!("{} {}", value.path(), value.name));
        let policy = Policy { other_values: others, ..policy };
        let file = read_western(&bytes(&policy, Format::Reg4));
        prop_assert_eq!(back(file), policy);
    }

    #[test]
    fn both_group_policy_files(policy in any_policy("[^\\p{Cc}\u{2028}\u{2029}\u{fffe}\u{ffff}]{1,60}"), mut others in other_values("[^\\x00]{0,20}")) {
        others.sort_by_key(|value| format!("{} {}", value.path(), value.name));
        let policy = Policy { other_values: others, ..policy };
        prop_assert_eq!(back(read_both(&policy)), policy);
    }

    #[test]
    fn readers_answer_whatever_they_are_given(garbage in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_reg(&garbage);
        let _ = read_pol(&garbage, Hive::LocalMachine);
        let _ = read_reg(&[b"REGEDIT4\r\n[HKEY_CURRENT_USER\\x]\r\n", &garbage[..]].concat());
        let _ = read_pol(&[b"PReg\x01\0\0\0[\0", &garbage[..]].concat(), Hive::CurrentUser);
    }

    #[test]
    fn a_damaged_group_policy_file_is_refused_or_read_but_never_trusted_beyond_its_end(at in 8_usize..400, cut in any::<bool>(), byte in any::<u8>()) {
        let mut file = bytes(&samples::wan_branch(), Format::PolMachine);
        let at = at % file.len();
        if cut { file.truncate(at) } else { file[at] = byte }
        let _ = read_pol(&file, Hive::LocalMachine);
    }
}

#[test]
fn a_file_cut_off_in_a_record_is_refused_with_the_place() {
    let file = bytes(&samples::wan_branch(), Format::PolMachine);
    let refused = read_pol(&file[..file.len() - 1], Hive::LocalMachine)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("does not end with ]"), "{refused}");
    assert!(read_pol(&file[..7], Hive::LocalMachine).is_err());
}

#[test]
fn what_the_catalogue_does_not_know_is_listed() {
    let text = concat!(
        "REGEDIT4\r\n\r\n",
        "[HKEY_LOCAL_MACHINE\\software\\policies\\microsoft\\messenger\\client]\r\n",
        "\"disablevideo\"=dword:00000001\r\n\"PreventRun\"=dword:00000007\r\n\"Unheard\"=\"of\"\r\n",
        "[HKEY_CURRENT_USER\\Software\\Policies\\Microsoft\\Messenger\\Client]\r\n",
        "\"DisableVideo\"=dword:00000000\r\n",
    );
    let imported = import(
        "Found",
        read_reg(text.as_bytes()).unwrap(),
        Catalogue::get(),
    );
    assert_eq!(imported.policy.settings.len(), 1);
    assert_eq!(*imported.policy.setting("disable-video"), Setting::On);
    let unknown: Vec<String> = imported
        .unknown
        .iter()
        .map(|v| format!("{}\\{}", v.value.hive, v.value.name))
        .collect();
    assert_eq!(
        unknown,
        ["HKLM\\PreventRun", "HKLM\\Unheard", "HKCU\\DisableVideo"]
    );
    assert_eq!(imported.keep_unknown().values(Catalogue::get()).len(), 4);
}
