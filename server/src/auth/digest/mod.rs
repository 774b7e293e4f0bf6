//! HTTP Digest as the clients of RVP speak it: RFC 2617, MD5, `qop="auth"` or
//! none, tolerant of the quoting that librvp and Miranda IM send.
//!
//! A response counts only for the method, the address and the nonce it was
//! computed for, and only once.

mod credentials;
mod nonces;
mod parameters;
mod server;

pub use credentials::DigestCredentials;
pub use nonces::Nonces;
pub use server::DigestServer;

/// Why a Digest answer was refused; the text is the reason for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestRefusal {
    /// The header cannot be read.
    #[error("digest: the Authorization header is malformed: {0}")]
    Malformed(&'static str),
    /// It asks for something never offered.
    #[error("digest: the client answers what was never offered: {0}")]
    Unsupported(&'static str),
    /// Computed for another realm.
    #[error("digest: the answer is for another realm")]
    WrongRealm,
    /// Computed for another address than the one requested.
    #[error("digest: the answer is for another address than the one requested")]
    WrongUri,
    /// The password is right, the nonce is too old.
    #[error("digest: the nonce has expired")]
    Stale,
    /// The password is right, the nonce was not issued by this run of this server.
    #[error("digest: the nonce is not one of ours")]
    ForeignNonce,
    /// The password is right, but this nonce and count were used before.
    #[error("digest: the nonce and its count were used before")]
    Replayed,
    /// The password (or the user name as hashed) is wrong.
    #[error("digest: the response does not fit the password")]
    WrongResponse,
}

impl DigestRefusal {
    /// Whether the next challenge should say `stale=true`: the client knows the
    /// password and need not ask its user again (RFC 2617 3.2.1).
    pub fn is_stale(self) -> bool {
        matches!(self, Self::Stale | Self::ForeignNonce | Self::Replayed)
    }

    /// Whether this was a guess at a password, to be counted by the lockout.
    pub fn is_guess(self) -> bool {
        matches!(self, Self::WrongResponse)
    }
}
