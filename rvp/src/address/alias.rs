//! The routing key of a user.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{AddressError, percent};

/// Longest alias, in characters.
const MAX_CHARS: usize = 64;

/// The name under which a user is found, however a client spelled it: percent-decoded and
/// lower-cased, since paths are case-insensitive for routing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Alias(Arc<str>);

impl Alias {
    /// Reads an alias as typed or as it stands in a URL.
    ///
    /// # Errors
    /// When it is empty, longer than 64 characters, wrongly percent-encoded, `.` or `..`, or holds
    /// a character that could be mistaken for part of a path, a header or XML, or for nothing at
    /// all.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let decoded = percent::decode(text)?;
        let lower = decoded.to_lowercase();
        if lower.is_empty() || lower.chars().count() > MAX_CHARS {
            return Err(AddressError::AliasLength);
        }
        if decoded.chars().chain(lower.chars()).any(is_refused) {
            return Err(AddressError::AliasCharacter);
        }
        if lower == "." || lower == ".." {
            return Err(AddressError::AliasDots);
        }
        Ok(Self(lower.into()))
    }

    /// The alias: decoded, lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same text, shared.
    #[must_use]
    pub fn shared(&self) -> Arc<str> {
        self.0.clone()
    }

    /// The alias as it stands in the path of a URL.
    #[must_use]
    pub fn encoded(&self) -> String {
        percent::encode(&self.0)
    }

    /// The nearest allowed alias to any text, for callers that cannot fail.
    pub(super) fn nearest(text: &str) -> Self {
        let replaced: String = text
            .chars()
            .take(MAX_CHARS)
            .map(|c| if is_refused(c) { '_' } else { c })
            .collect();
        Self::new(&replaced).unwrap_or_else(|_| Self("_".into()))
    }
}

/// `%` is refused so that decoding an alias twice changes nothing.
fn is_refused(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '/' | '\\' | '"' | '<' | '>' | '&' | '%')
        || matches!(c,
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFF}')
}

impl FromStr for Alias {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::new(text)
    }
}

impl AsRef<str> for Alias {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_user_are_one_key() {
        let key = Alias::new("bob.smith").unwrap();
        for text in ["Bob.Smith", "BOB%2ESMITH", "%62ob.smith"] {
            assert_eq!(Alias::new(text).unwrap(), key, "{text}");
        }
        assert_eq!(Alias::new("M%C3%9CLLER").unwrap().as_str(), "müller");
        assert_eq!(Alias::new("MÜLLER").unwrap().encoded(), "m%C3%BCller");
    }

    #[test]
    fn refuses_what_could_be_something_else() {
        use AddressError::*;
        for (text, why) in [
            ("", AliasLength),
            ("a/b", AliasCharacter),
            ("a%2Fb", AliasCharacter),
            ("a\\b", AliasCharacter),
            ("a b", AliasCharacter),
            ("a%0d%0ab", AliasCharacter),
            ("a\"", AliasCharacter),
            ("<a>", AliasCharacter),
            ("a&b", AliasCharacter),
            ("%2541", AliasCharacter),
            ("a\u{202E}b", AliasCharacter),
            ("%FC", Percent),
            (".", AliasDots),
            ("%2e%2E", AliasDots),
        ] {
            assert_eq!(Alias::new(text), Err(why), "{text:?}");
        }
        assert!(Alias::new(&"é".repeat(64)).is_ok());
        assert_eq!(Alias::new(&"é".repeat(65)), Err(AliasLength));
    }
}
