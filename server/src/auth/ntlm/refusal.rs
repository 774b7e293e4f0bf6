//! Why an NTLM message was refused.

use super::NtlmLevel;

/// Why an NTLM message was refused; the text is the reason for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NtlmRefusal {
    /// The bytes are no NTLM message, or a length or offset in it is false.
    #[error("ntlm: the message is malformed: {0}")]
    Malformed(&'static str),
    /// A message of the wrong kind for this moment of the handshake.
    #[error("ntlm: a type {expected} message was due, a type {got} message came")]
    OutOfTurn {
        /// The type that was due.
        expected: u8,
        /// The type that came.
        got: u8,
    },
    /// No user name, or no response at all.
    #[error("ntlm: an anonymous sign-on is not accepted")]
    Anonymous,
    /// Only an LM or `LMv2` response.
    #[error("ntlm: the client sent an LM response alone, which is never accepted")]
    LmAlone,
    /// A response below the accepted level.
    #[error(
        "ntlm: the client sent a {sent} response, auth.ntlm_minimum is {minimum}: raise the client's LmCompatibilityLevel or lower auth.ntlm_minimum"
    )]
    TooWeak {
        /// What the client sent.
        sent: NtlmLevel,
        /// What the configuration asks for.
        minimum: NtlmLevel,
    },
    /// The response does not fit the password and this challenge.
    #[error("ntlm: the {0} response does not fit the password and this challenge")]
    WrongResponse(NtlmLevel),
    /// The response is right and announces an integrity code that is not there.
    #[error("ntlm: the message integrity code that the response announces is missing")]
    MissingMic,
    /// The response is right, but one of the three messages was changed on the way.
    #[error("ntlm: the message integrity code is false: a message was changed on the way")]
    WrongMic,
}

impl NtlmRefusal {
    /// Whether this was a guess at a password, to be counted by the lockout.
    pub fn is_guess(self) -> bool {
        matches!(self, Self::WrongResponse(_))
    }
}
