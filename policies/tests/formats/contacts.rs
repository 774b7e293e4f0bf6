//! Contact lists: what is written and read again is the same to the byte, and
//! nothing but contacts is taken from a file.

use policies::{
    CONTACTS_KEY, ContactFormat, ContactKey, ContactList, ContactValue, LARGEST_CONTACTS,
    read_contacts, write_contacts,
};
use proptest::prelude::*;

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Values of any type; `texts` is what strings are made of.
fn value(texts: &'static str, any_bytes: bool) -> impl Strategy<Value = (u32, Vec<u8>)> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..90);
    let text = move |kind: u32| texts.prop_map(move |text| (kind, utf16(&format!("{text}\0"))));
    let strange = if any_bytes {
        (prop::sample::select(vec![0_u32, 1, 2, 4, 7, 11]), bytes()).boxed()
    } else {
        (prop::sample::select(vec![0_u32, 4, 11]), bytes()).boxed()
    };
    prop_oneof![
        text(1),
        text(2),
        text(7),
        bytes().prop_map(|bytes| (3, bytes)),
        any::<u32>().prop_map(|number| (4, number.to_le_bytes().to_vec())),
        strange,
    ]
}

fn any_list(texts: &'static str, any_bytes: bool) -> impl Strategy<Value = ContactList> {
    let values = prop::collection::btree_map(texts, value(texts, any_bytes), 0..6);
    let key = ("(\\\\[a-z:/.]{1,20}){0,4}", values);
    prop::collection::btree_map(key.0, key.1, 0..5).prop_map(|keys| {
        let keys = keys.into_iter().map(|(path, values)| {
            let mut known = Vec::new();
            let values = values.into_iter().filter_map(|(name, (kind, bytes))| {
                // Windows ignores case in names.
                let lower = name.to_lowercase();
                let fresh = !known.contains(&lower);
                known.push(lower);
                fresh.then_some(ContactValue { name, kind, bytes })
            });
            ContactKey {
                path: format!("{CONTACTS_KEY}{path}"),
                values: values.collect(),
            }
        });
        ContactList {
            keys: keys.collect(),
        }
    })
}

proptest! {
    #[test]
    fn version_5_brings_every_value_back(list in any_list("[^\\p{C}\\p{Zl}\\p{Zp}]{0,30}", true)) {
        let file = write_contacts(&list, ContactFormat::Reg, "x").unwrap();
        let read = read_contacts(&file).unwrap();
        prop_assert_eq!(read.list, list);
        prop_assert!(read.refused.is_empty());
    }

    #[test]
    fn version_4_brings_every_western_value_back(list in any_list("[ -~€ÄÖÜäöüßé]{0,30}", false)) {
        let file = write_contacts(&list, ContactFormat::Reg4, "x").unwrap();
        prop_assert_eq!(read_contacts(&file).unwrap().list, list);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_contacts(&bytes);
        let _ = read_contacts(&[b"REGEDIT4\r\n\r\n", &bytes[..]].concat());
    }
}

/// What a client of Windows 98 and one of XP leave behind: both hold the same.
#[test]
fn both_versions_say_the_same() {
    let profile = "Profiles\\http://im.example.com/instmsg/aliases/alice";
    let body = format!(
        "[HKEY_CURRENT_USER\\{CONTACTS_KEY}\\{profile}\\Contacts]\r\n\
         \"bob@example.com\"=hex:01,00,00,00,\\\r\n  02\r\n\"caf\u{e9}@example.com\"=\"C:\\\\x\"\r\n"
    );
    let five = format!("Windows Registry Editor Version 5.00\r\n\r\n{body}");
    let five = [vec![0xff, 0xfe], utf16(&five)].concat();
    let four: Vec<u8> = format!("REGEDIT4\r\n\r\n{body}")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let (five, four) = (read_contacts(&five).unwrap(), read_contacts(&four).unwrap());
    assert_eq!((&five.list, &five.refused), (&four.list, &four.refused));
    // What is no ASCII in the one of them had to be guessed, which is said.
    assert_eq!((five.notices.len(), four.notices.len()), (0, 1));
    assert_eq!(five.list.keys[0].values[0].bytes, [1, 0, 0, 0, 2]);
    let names: Vec<_> = five
        .list
        .contacts()
        .into_iter()
        .map(|it| it.address)
        .collect();
    assert_eq!(names, ["bob@example.com", "caf\u{e9}@example.com"]);
}

#[test]
fn all_that_is_no_contact_is_refused_by_name() {
    let file = format!(
        "REGEDIT4\r\n\r\n[-HKEY_CURRENT_USER\\{CONTACTS_KEY}\\Profiles]\r\n\
         [HKEY_CURRENT_USER\\{CONTACTS_KEY}\\Profiles]\r\n\"kept\"=dword:1\r\n\"gone\"=-\r\n\
         [HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n\"evil\"=\"calc.exe\"\r\n\
         [HKEY_LOCAL_MACHINE\\{CONTACTS_KEY}]\r\n\"x\"=\"y\"\r\n\
         [HKEY_CURRENT_USER\\{CONTACTS_KEY}x]\r\n\"x\"=\"y\"\r\n\
         [HKEY_USERS\\.DEFAULT]\r\n"
    );
    let read = read_contacts(file.as_bytes()).unwrap();
    assert_eq!(read.list.value_count(), 1);
    assert_eq!(read.list.keys[0].values[0].name, "kept");
    insta::assert_snapshot!(read.refused.join("\n"));
}

#[test]
fn a_dump_of_a_users_hive_holds_the_users_contacts() {
    let key = |root: &str| {
        format!("[{root}\\{CONTACTS_KEY}\\Profiles\\http://im/instmsg/aliases/alice\\Contacts]")
    };
    for root in ["HKEY_USERS\\S-1-5-21-1004-1-2-500", "HKU\\Alice", "HKCU"] {
        let file = format!(
            "REGEDIT4\r\n\r\n{}\r\n\"bob@example.com\"=hex:01\r\n{}\r\n\"eve@example.com\"=hex:01\r\n",
            key(root),
            key("HKEY_USERS\\S-1-5-18")
        );
        let read = read_contacts(file.as_bytes()).unwrap();
        let names: Vec<_> = read
            .list
            .contacts()
            .into_iter()
            .map(|it| it.address)
            .collect();
        assert_eq!(names, ["bob@example.com"], "{root}");
        assert_eq!(read.refused.len(), 1, "{:?}", read.refused);
    }
}

#[test]
fn contacts_are_read_in_the_code_page_that_is_named() {
    let key = format!("[HKEY_CURRENT_USER\\{CONTACTS_KEY}\\Profiles\\x\\Contacts]");
    let head = format!("REGEDIT4\r\n\r\n{key}\r\n\"");
    let file = [head.as_bytes(), b"\x95\\@example.com\"=hex:01\r\nstray\r\n"].concat();
    let options = policies::ReadOptions {
        code_page: policies::CodePage::numbered(932),
        skip_bad_lines: true,
        ..policies::ReadOptions::default()
    };
    let read = policies::read_contacts_with(&file, &options).unwrap();
    assert_eq!(read.list.contacts()[0].address, "\u{8868}@example.com");
    assert!(read.refused[0].contains("stray"), "{:?}", read.refused);
    assert!(read_contacts(&file).is_err());
}

#[test]
fn a_list_that_is_too_large_is_refused_with_its_size() {
    let mut file = format!("REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\{CONTACTS_KEY}\\Profiles]\r\n");
    for number in 0..LARGEST_CONTACTS / 4 {
        file.push_str(&format!("\"{number:04}\"=dword:1\r\n"));
    }
    let refused = read_contacts(file.as_bytes()).unwrap_err().to_string();
    assert!(refused.contains("can be kept"), "{refused}");
}

#[test]
fn version_4_names_what_it_cannot_carry() {
    let list = ContactList {
        keys: vec![ContactKey {
            path: format!("{CONTACTS_KEY}\\Profiles\\Ω\\Contacts"),
            values: Vec::new(),
        }],
    };
    let refused = write_contacts(&list, ContactFormat::Reg4, "x").unwrap_err();
    assert!(refused.to_string().contains('Ω'), "{refused}");
    assert!(write_contacts(&list, ContactFormat::Reg, "x").is_ok());
}
