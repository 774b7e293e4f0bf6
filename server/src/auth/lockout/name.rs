//! From a user name as a client sent it to the account that is meant.

use crate::auth::login_alias;
use rvp::Alias;
use std::sync::Arc;

/// The longest made-up name that is told from others, in characters.
const LONGEST: usize = 64;

/// Under what a sign-in is counted: one account, or one name that is no account's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    pub(super) text: Arc<str>,
    pub(super) account: bool,
}

impl Name {
    /// An account, by its key.
    #[must_use]
    pub fn account(key: impl Into<Arc<str>>) -> Self {
        Self {
            text: key.into(),
            account: true,
        }
    }

    /// No account: letter case, blanks and what follows 64 characters make no other name of it.
    #[must_use]
    pub fn unknown(sent: &str) -> Self {
        let folded: String = plain(login_alias(sent))
            .chars()
            .flat_map(char::to_lowercase)
            .take(LONGEST)
            .collect();
        Self {
            text: folded.into(),
            account: false,
        }
    }
}

/// The account that a user name names, if there is one: `alias`, `DOMAIN\alias`, `DOMAIN/alias`
/// or `alias@domain`, in any letter case, with blanks around it. A user name is no URL: what is
/// percent-encoded in it is not decoded.
#[must_use]
pub fn exact_account(sent: &str) -> Option<Alias> {
    let alias = login_alias(sent).trim();
    if alias.contains('%') {
        return None;
    }
    Alias::new(alias).ok()
}

/// The account that somebody may be guessing at under a name that is not quite its own:
/// percent-encoded, once or more, with dots or characters that cannot be seen around it. Never
/// to be let in by, only to be counted under.
#[must_use]
pub fn meant_account(sent: &str) -> Option<Alias> {
    let mut text = sent.to_owned();
    for _ in 0..3 {
        let decoded = decode(&text);
        if decoded == text {
            break;
        }
        text = decoded;
    }
    Alias::new(&plain(login_alias(&text))).ok()
}

/// Without what is not seen, and the dots and blanks at both ends.
fn plain(name: &str) -> String {
    let seen: String = name
        .chars()
        .filter(|letter| !letter.is_control() && !is_invisible(*letter))
        .collect();
    seen.trim_matches(|letter: char| letter == '.' || letter.is_whitespace())
        .to_owned()
}

fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Percent-encoding taken off once; what is none stays.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3);
        let value = digits
            .filter(|digits| byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_names_one_account_in_every_spelling() {
        for sent in [
            "user",
            "USER",
            "DOM\\user",
            "DOM/User",
            "user@im.example.com",
            "user@",
            " user ",
            "a\\b\\user@c@d",
        ] {
            let account = exact_account(sent).expect(sent);
            assert_eq!(account.as_str(), "user", "{sent}");
        }
        assert_eq!(exact_account("MÜLLER").unwrap().as_str(), "müller");
    }

    #[test]
    fn a_user_name_is_no_url() {
        for sent in ["%75ser", "DOM\\%75ser", "%2575ser", "user%00", "user."] {
            assert_ne!(
                exact_account(sent).as_ref().map(Alias::as_str),
                Some("user"),
                "{sent}"
            );
        }
    }

    #[test]
    fn who_writes_it_otherwise_guesses_at_the_same_account() {
        for sent in [
            "%75ser",
            "%75%73%65%72",
            "%2575ser",
            "DOM%5Cuser",
            "user%40dom",
            "user.",
            "..user .",
            "us\u{200B}er",
            "\u{FEFF}user",
            "user\0",
            "user%00",
        ] {
            let meant = meant_account(sent).expect(sent);
            assert_eq!(meant.as_str(), "user", "{sent:?}");
        }
        assert_eq!(meant_account("M%C3%BCller").unwrap().as_str(), "müller");
    }

    #[test]
    fn made_up_names_have_one_spelling_and_an_end() {
        for sent in ["Nobody", "DOM\\nobody", " nobody. ", "nobody@x"] {
            assert_eq!(Name::unknown(sent), Name::unknown("nobody"), "{sent}");
        }
        let long = Name::unknown(&"Ä".repeat(10_000));
        assert_eq!(long.text.chars().count(), LONGEST);
        assert_ne!(Name::unknown("bob"), Name::account("bob"));
    }
}
