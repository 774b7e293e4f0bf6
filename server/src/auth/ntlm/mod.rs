//! NTLM over HTTP, the server's side: `NTLMv1`, NTLM2 session response and
//! `NTLMv2` ([MS-NLMP]), as far as the lowest accepted level admits.
//!
//! One handshake belongs to one connection: type 1 in, type 2 with a fresh
//! challenge out, type 3 in, and the challenge is gone. The LM response is
//! never looked at as a proof, key exchange is never negotiated, and an `NTLMv2`
//! message is accepted only when its proof was computed and compared.

mod level;
mod message;
mod refusal;
mod response;
mod server;
mod text;

pub use level::{NtlmLevel, NtlmMinimum, UnknownNtlmLevel};
pub use message::message_type;
pub use refusal::NtlmRefusal;
pub use server::{Authenticate, Challenge, NtlmServer};
pub(super) use text::utf16le;

#[cfg(test)]
mod client;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
