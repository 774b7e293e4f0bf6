//! The `Authorization` header taken apart by scheme, before anybody looks at
//! what the scheme carries. An unknown or broken scheme is a value, not a
//! panic: the caller answers it with a fresh challenge. It is read as bytes,
//! since user names in it may be UTF-8 or Latin-1.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;

/// Padding is optional because hand-written NTLM encoders of the time get it wrong.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What an `Authorization` header offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// `NTLM <base64>`: the decoded message, type 1 or 3 (see [`super::ntlm::message_type`]).
    Ntlm(Vec<u8>),
    /// `Digest <parameters>`: the parameters, for [`super::DigestCredentials::parse`].
    Digest(&'a [u8]),
    /// A scheme that was never offered (`Basic`, `Negotiate`, …), by name.
    Unoffered(Cow<'a, str>),
    /// `NTLM` with something that is not base64.
    Broken,
}

impl<'a> Authorization<'a> {
    /// Reads the value of an `Authorization` header; scheme names are compared
    /// without regard to case.
    pub fn read(value: &'a [u8]) -> Self {
        let value = value.trim_ascii();
        let end = value
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t'))
            .unwrap_or(value.len());
        let (scheme, rest) = value.split_at(end);
        let rest = rest.trim_ascii_start();
        if scheme.eq_ignore_ascii_case(b"NTLM") {
            LENIENT.decode(rest).map_or(Self::Broken, Self::Ntlm)
        } else if scheme.eq_ignore_ascii_case(b"Digest") {
            Self::Digest(rest)
        } else {
            Self::Unoffered(String::from_utf8_lossy(scheme))
        }
    }
}

/// The value of the `WWW-Authenticate` header that carries a type 2 message.
/// It must be the only challenge of its response (observed: librvp joins
/// several values and decodes the lot).
pub fn ntlm_challenge_header(type2: &[u8]) -> String {
    format!(
        "NTLM {}",
        base64::engine::general_purpose::STANDARD.encode(type2)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_told_apart_without_regard_to_case() {
        assert_eq!(
            Authorization::read(b"NTLM TlRMTVNTUAA="),
            Authorization::Ntlm(b"NTLMSSP\0".to_vec())
        );
        assert_eq!(
            Authorization::read(b"ntlm  TlRMTVNTUAA"),
            Authorization::Ntlm(b"NTLMSSP\0".to_vec())
        );
        assert_eq!(
            Authorization::read(b"digest  username=\"a\""),
            Authorization::Digest(b"username=\"a\"")
        );
        assert_eq!(
            Authorization::read(b"Basic YTpi"),
            Authorization::Unoffered("Basic".into())
        );
    }

    #[test]
    fn a_header_that_is_not_ascii_is_still_there() {
        assert_eq!(
            Authorization::read(b"Digest username=\"m\xfcller\""),
            Authorization::Digest(b"username=\"m\xfcller\"")
        );
        assert_eq!(Authorization::read(b"NTLM \xfc"), Authorization::Broken);
        assert_eq!(
            Authorization::read(b"B\xe4sic x"),
            Authorization::Unoffered("B\u{FFFD}sic".into())
        );
    }

    #[test]
    fn broken_base64_is_named_and_not_fatal() {
        assert_eq!(Authorization::read(b"NTLM ***"), Authorization::Broken);
        assert_eq!(
            Authorization::read(b"NTLM"),
            Authorization::Ntlm(Vec::new())
        );
        assert_eq!(
            Authorization::read(b""),
            Authorization::Unoffered("".into())
        );
    }

    #[test]
    fn a_type_2_header_reads_back() {
        let header = ntlm_challenge_header(b"NTLMSSP\0\x02");
        assert_eq!(
            Authorization::read(header.as_bytes()),
            Authorization::Ntlm(b"NTLMSSP\0\x02".to_vec())
        );
    }
}
