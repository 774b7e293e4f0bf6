//! The name of a policy as the name of its files.

use std::fmt::Write as _;

/// The most characters of a policy's name that its files bear.
const MOST: usize = 60;

/// A file name for every Windows and every web server: `wan-branch`. Where the letters of a name
/// are lost in it, a number made of the whole name keeps different policies apart; it is the same
/// for the same name, whatever its case.
pub(crate) fn stem(name: &str) -> String {
    let name = name.trim();
    let mut stem = String::new();
    // Words of letters and digits with one space or hyphen between them.
    let mut faithful = true;
    for (at, c) in name.chars().enumerate() {
        if at == MOST {
            faithful = false;
            break;
        }
        if c.is_ascii_alphanumeric() {
            stem.push(c.to_ascii_lowercase());
            continue;
        }
        faithful &= matches!(c, ' ' | '-') && !stem.is_empty() && !stem.ends_with('-');
        if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    let cut = stem.trim_end_matches('-').len();
    faithful &= cut == stem.len();
    stem.truncate(cut);
    if stem.is_empty() || is_device(&stem) {
        faithful = false;
        stem.insert_str(0, if stem.is_empty() { "policy" } else { "policy-" });
    }
    if !faithful {
        // Writing to a String cannot fail.
        let _ = write!(stem, "-{:08x}", number(name));
    }
    stem
}

/// Names of devices, which Windows does not accept for files, with any ending.
fn is_device(stem: &str) -> bool {
    let numbered = |start: &str| {
        let rest = stem.strip_prefix(start);
        rest.is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    ["con", "prn", "aux", "nul"].contains(&stem) || numbered("com") || numbered("lpt")
}

/// FNV-1a of the name in small letters, folded to 32 bits: this must never change, or files of
/// an older export would stay beside the new ones.
fn number(name: &str) -> u32 {
    let hash = name
        .to_lowercase()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let [a, b, c, d, e, f, g, h] = hash.to_be_bytes();
    u32::from_be_bytes([a ^ e, b ^ f, c ^ g, d ^ h])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn plain_names_are_their_own_file_names() {
        for (name, wanted) in [
            ("WAN branch", "wan-branch"),
            ("  wan-branch ", "wan-branch"),
            ("Kiosk 2", "kiosk-2"),
            ("x", "x"),
        ] {
            assert_eq!(stem(name), wanted);
        }
    }

    #[test]
    fn names_that_lose_letters_stay_apart() {
        let long = "a".repeat(300);
        let longer = format!("{long}b");
        let names = [
            "東京",
            "大阪",
            "Ünï",
            "Önï",
            "ni",
            "🙂",
            "🙃",
            "!!!",
            "???",
            "...",
            "a.",
            "a..",
            "a",
            "a_b",
            "a.b",
            "a b",
            "a  b",
            "CON",
            "con.",
            "policy con",
            "NUL",
            "policy-nul",
            "COM1",
            "lpt9",
            "clock",
            "..\\..\\x",
            "Büro/Süd",
            "Bäro/Süd",
            "policy",
            "Ω",
            &long,
            &longer,
        ];
        let mut known: HashMap<String, &str> = HashMap::new();
        for name in names {
            let made = stem(name);
            assert!(
                made.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                    && !made.starts_with('-')
                    && !made.ends_with('-')
                    && (1..=80).contains(&made.len())
                    && !is_device(&made),
                "{name}: {made}"
            );
            if let Some(other) = known.insert(made.clone(), name) {
                panic!("{name:?} and {other:?} are both {made}");
            }
        }
    }

    #[test]
    fn a_name_has_the_same_files_every_day_and_in_every_case() {
        assert_eq!(stem("東京"), "policy-d027295e");
        assert_eq!(stem("ÜNÏ"), stem("ünï"));
        assert_eq!(stem("NUL"), stem("nul"));
    }
}
