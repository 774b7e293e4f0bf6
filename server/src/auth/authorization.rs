//! The `Authorization` header taken apart by scheme, before anybody looks at
//! what the scheme carries. An unknown or broken scheme is a value, not a
//! panic: the caller answers it with a fresh challenge.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

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
    Digest(&'a str),
    /// A scheme that was never offered (`Basic`, `Negotiate`, …), by name.
    Unoffered(&'a str),
    /// `NTLM` with something that is not base64.
    Broken,
}

impl<'a> Authorization<'a> {
    /// Reads the value of an `Authorization` header; scheme names are compared
    /// without regard to case.
    pub fn read(value: &'a str) -> Self {
        let value = value.trim();
        let (scheme, rest) = value
            .split_once([' ', '\t'])
            .map_or((value, ""), |(scheme, rest)| (scheme, rest.trim_start()));
        if scheme.eq_ignore_ascii_case("NTLM") {
            LENIENT.decode(rest).map_or(Self::Broken, Self::Ntlm)
        } else if scheme.eq_ignore_ascii_case("Digest") {
            Self::Digest(rest)
        } else {
            Self::Unoffered(scheme)
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
            Authorization::read("NTLM TlRMTVNTUAA="),
            Authorization::Ntlm(b"NTLMSSP\0".to_vec())
        );
        assert_eq!(
            Authorization::read("ntlm  TlRMTVNTUAA"),
            Authorization::Ntlm(b"NTLMSSP\0".to_vec())
        );
        assert_eq!(
            Authorization::read("digest  username=\"a\""),
            Authorization::Digest("username=\"a\"")
        );
        assert_eq!(
            Authorization::read("Basic YTpi"),
            Authorization::Unoffered("Basic")
        );
    }

    #[test]
    fn broken_base64_is_named_and_not_fatal() {
        assert_eq!(Authorization::read("NTLM ***"), Authorization::Broken);
        assert_eq!(Authorization::read("NTLM"), Authorization::Ntlm(Vec::new()));
        assert_eq!(Authorization::read(""), Authorization::Unoffered(""));
    }

    #[test]
    fn a_type_2_header_reads_back() {
        let header = ntlm_challenge_header(b"NTLMSSP\0\x02");
        assert_eq!(
            Authorization::read(&header),
            Authorization::Ntlm(b"NTLMSSP\0\x02".to_vec())
        );
    }
}
