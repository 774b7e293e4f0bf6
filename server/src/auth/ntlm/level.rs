//! How strong an NTLM response is, and how strong it has to be.

use std::fmt;
use std::str::FromStr;

/// The kind of response a client proved its password with, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NtlmLevel {
    /// The NT response of `NTLMv1`: all that librvp and `Net::RVP` can do.
    V1,
    /// `NTLMv1` with a challenge of the client mixed in.
    Ntlm2Session,
    /// `NTLMv2`.
    V2,
}

/// The weakest response that is accepted; the setting `auth.ntlm_minimum`.
pub type NtlmMinimum = NtlmLevel;

/// A level with an unknown name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no NTLM level: use \"v1\", \"ntlm2-session\" or \"v2\"")]
pub struct UnknownNtlmLevel(String);

impl NtlmLevel {
    /// The name in the configuration and the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::Ntlm2Session => "ntlm2-session",
            Self::V2 => "v2",
        }
    }
}

impl fmt::Display for NtlmLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for NtlmLevel {
    type Err = UnknownNtlmLevel;

    fn from_str(name: &str) -> Result<Self, UnknownNtlmLevel> {
        [Self::V1, Self::Ntlm2Session, Self::V2]
            .into_iter()
            .find(|level| level.name() == name)
            .ok_or_else(|| UnknownNtlmLevel(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_stand_in_order() {
        let levels: Vec<NtlmLevel> = ["v1", "ntlm2-session", "v2"]
            .map(|name| name.parse().unwrap())
            .to_vec();
        assert!(levels.is_sorted());
        assert_eq!(levels[1].to_string(), "ntlm2-session");
        let unknown = "lm".parse::<NtlmLevel>().unwrap_err();
        assert!(unknown.to_string().contains("\"v1\""));
    }
}
