//! Proving who speaks: NTLM and HTTP Digest for RVP users, passwords for
//! administrators of the console, and the lockout both share.
//!
//! Nothing here does I/O, reads a clock or makes randomness: bytes, the time
//! and random bytes come in, a verdict goes out. Only what must wait, waits: the
//! lockout's throttle, which has a clock, and the hasher. Nothing here may print a password, a verifier or a
//! response, in an error or in `Debug`.

pub mod admin;
pub mod authorization;
pub mod digest;
mod hasher;
pub mod kept;
pub mod lockout;
pub mod ntlm;
mod scheme;
pub mod seal;
pub mod verifier;

pub use authorization::Authorization;
pub use digest::{DigestCredentials, DigestRefusal, DigestServer, Nonces};
pub use hasher::{Hasher, HasherError};
pub use lockout::{Attempt, Held, LockedOut, Name, Rules, Throttle, exact_account, meant_account};
pub use ntlm::{Authenticate, Challenge, NtlmLevel, NtlmMinimum, NtlmRefusal, NtlmServer};
pub use scheme::Scheme;
pub use seal::{SealError, SealKey};
pub use verifier::{FormerNames, Realm, Verifiers, login_alias};
