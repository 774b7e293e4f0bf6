//! The numbers a server hands out: subscription ids and view ids.
//!
//! The RVP document shows an alphanumeric id once (5.6.1), but clients read ids into a C `int`
//! (observed: librvp, `Net::RVP`), so both are decimal numbers from 1 to 2^31 - 1.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// Largest id that every client can hold in a C `int`.
const MAX: u32 = i32::MAX.unsigned_abs();

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a decimal number from 1 to 2147483647; send back the number the server gave")]
pub struct IdError;

fn parse(text: &str) -> Result<u32, IdError> {
    let digits = text.trim_ascii();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(IdError);
    }
    digits.parse().map_err(|_| IdError)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(NonZeroU32);

        impl $name {
            /// The id with this number, or `None` outside 1 to 2^31 - 1.
            #[must_use]
            pub fn new(number: u32) -> Option<Self> {
                if number > MAX {
                    return None;
                }
                NonZeroU32::new(number).map(Self)
            }

            /// The number, at most 2^31 - 1.
            #[must_use]
            pub const fn get(self) -> u32 {
                self.0.get()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Reads a decimal number; surrounding white space is dropped (the RVP document pads
            /// ids in 5.3.1).
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(parse(text)?).ok_or(IdError)
            }
        }
    };
}

id! {
    /// Names one subscription (RVP document 5.1.1).
    SubscriptionId
}

id! {
    /// Names one client's view of its user's state (RVP document 5.5, 9.1.12).
    ViewId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_c_int_holds() {
        assert_eq!(SubscriptionId::new(0), None);
        assert_eq!(SubscriptionId::new(MAX).map(SubscriptionId::get), Some(MAX));
        assert_eq!(SubscriptionId::new(MAX + 1), None);
    }

    #[test]
    fn reads_padded_digits_and_nothing_else() {
        assert_eq!(" 456 ".parse(), Ok(SubscriptionId::new(456).unwrap()));
        for text in [
            "",
            " ",
            "0",
            "9A504",
            "+1",
            "-1",
            "1 2",
            "2147483648",
            "99999999999999",
            "١",
        ] {
            assert_eq!(text.parse::<ViewId>(), Err(IdError), "{text:?}");
        }
    }

    #[test]
    fn prints_what_it_reads() {
        assert_eq!(ViewId::new(1082).unwrap().to_string(), "1082");
    }
}
