//! The values of RVP's own header fields (RVP document 7.2).
//!
//! Every parser is total: what it cannot read is `None` or `Other`, so one odd header never takes a
//! request down by itself.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A header value that is none of the words it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {header} header is not understood; send one of: {words}")]
pub struct HeaderError {
    header: &'static str,
    words: &'static str,
}

/// `Notification-Type`: what a subscription is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotificationType {
    /// `update/propchange`: changes of a user's properties.
    UpdatePropchange,
    /// `pragma/notify`: a login, everything sent to the user.
    PragmaNotify,
    /// A type this protocol version does not name.
    Other,
}

impl NotificationType {
    /// Reads the header value, in any case.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let value = value.trim_ascii();
        if value.eq_ignore_ascii_case("update/propchange") {
            Self::UpdatePropchange
        } else if value.eq_ignore_ascii_case("pragma/notify") {
            Self::PragmaNotify
        } else {
            Self::Other
        }
    }

    /// The value as written; `None` for [`Self::Other`].
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::UpdatePropchange => Some("update/propchange"),
            Self::PragmaNotify => Some("pragma/notify"),
            Self::Other => None,
        }
    }
}

impl FromStr for NotificationType {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::parse(value))
    }
}

/// `RVP-Ack-Type`: when the sender of a NOTIFY wants his answer (RVP document 5.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AckType {
    /// As soon as the first server has taken the message.
    SingleHop,
    /// When one final destination has it.
    DeepOr,
    /// When all final destinations have it.
    DeepAnd,
}

impl AckType {
    /// Reads the header value, in any case.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim_ascii();
        [Self::SingleHop, Self::DeepOr, Self::DeepAnd]
            .into_iter()
            .find(|ack| ack.as_str().eq_ignore_ascii_case(value))
    }

    /// The value as written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SingleHop => "SingleHop",
            Self::DeepOr => "DeepOr",
            Self::DeepAnd => "DeepAnd",
        }
    }
}

impl FromStr for AckType {
    type Err = HeaderError;

    fn from_str(value: &str) -> Result<Self, HeaderError> {
        Self::parse(value).ok_or(HeaderError {
            header: "RVP-Ack-Type",
            words: "SingleHop, DeepOr, DeepAnd",
        })
    }
}

/// `Depth` of a PROPFIND. Only zero is allowed by RVP (RVP document 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Depth {
    /// `0`
    Zero,
    /// `1`
    One,
    /// `infinity`
    Infinity,
}

impl Depth {
    /// Reads the header value, in any case.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        match value.trim_ascii() {
            "0" => Some(Self::Zero),
            "1" => Some(Self::One),
            word if word.eq_ignore_ascii_case("infinity") => Some(Self::Infinity),
            _ => None,
        }
    }
}

impl FromStr for Depth {
    type Err = HeaderError;

    fn from_str(value: &str) -> Result<Self, HeaderError> {
        Self::parse(value).ok_or(HeaderError {
            header: "Depth",
            words: "0",
        })
    }
}

/// `RVP-Notifications-Version` of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// What every known client sends.
    V0_2,
    /// What the RVP document shows.
    V1_0,
}

impl Version {
    /// The version to answer with: 0.2 to a request with 0.2, else 1.0.
    #[must_use]
    pub fn to_answer(asked: Option<&str>) -> Self {
        if asked.is_some_and(|value| value.trim_ascii() == "0.2") {
            Self::V0_2
        } else {
            Self::V1_0
        }
    }

    /// The value as written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V0_2 => "0.2",
            Self::V1_0 => "1.0",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Digits as a number that stops at the largest instead of failing.
pub(crate) fn saturating(text: &str) -> Option<u32> {
    let digits = text.trim_ascii();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u32::MAX))
}

/// `Subscription-Lifetime` in seconds; `None` when it is not a decimal number.
/// A number too large to hold is the largest one.
#[must_use]
pub fn lifetime(value: &str) -> Option<u32> {
    saturating(value)
}

/// `RVP-Hop-Count`; `None` when it is not a decimal number. A number too large to hold is the
/// largest one, so that a loop cannot hide behind it.
#[must_use]
pub fn hop_count(value: &str) -> Option<u16> {
    saturating(value).map(|count| u16::try_from(count).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_any_case() {
        assert_eq!(
            NotificationType::parse(" Update/PropChange"),
            NotificationType::UpdatePropchange
        );
        assert_eq!("PRAGMA/NOTIFY".parse(), Ok(NotificationType::PragmaNotify));
        assert_eq!(NotificationType::parse("update"), NotificationType::Other);
        assert_eq!(AckType::parse("deepor"), Some(AckType::DeepOr));
        assert_eq!(AckType::parse("Deep"), None);
        assert_eq!(Depth::parse("Infinity"), Some(Depth::Infinity));
        assert_eq!(Depth::parse("2"), None);
        assert!(
            "2".parse::<Depth>()
                .unwrap_err()
                .to_string()
                .contains("Depth")
        );
    }

    #[test]
    fn numbers_saturate() {
        assert_eq!(lifetime(" 14400 "), Some(14400));
        assert_eq!(lifetime("99999999999"), Some(u32::MAX));
        assert_eq!(lifetime("-1"), None);
        assert_eq!(lifetime(""), None);
        assert_eq!(hop_count("2"), Some(2));
        assert_eq!(hop_count("65537"), Some(u16::MAX));
    }

    #[test]
    fn the_version_asked_for_is_answered() {
        assert_eq!(Version::to_answer(Some("0.2")).as_str(), "0.2");
        assert_eq!(Version::to_answer(Some("3")).as_str(), "1.0");
        assert_eq!(Version::to_answer(None).to_string(), "1.0");
    }
}
