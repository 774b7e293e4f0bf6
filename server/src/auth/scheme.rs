//! The ways to prove who one is.

use serde::Deserialize;
use std::fmt;

/// A way to sign on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// HTTP Digest.
    Digest,
    /// NTLM, any version.
    Ntlm,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digest => "digest",
            Self::Ntlm => "ntlm",
        })
    }
}

impl Scheme {
    /// The scheme by the name that [`fmt::Display`] gives; anything else is NTLM.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        if name == "digest" {
            Self::Digest
        } else {
            Self::Ntlm
        }
    }
}
