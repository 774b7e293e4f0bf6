//! Verifiers at rest: XChaCha20-Poly1305 under a key that lives in its own
//! file, so that a copy of the database alone gives no password equivalent.
//!
//! A sealed row is bound to its user by the context: moved to another user's
//! row it does not open.

use std::fmt;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// The key that seals verifiers; 32 random bytes.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

/// The key prints nothing of itself.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(..)")
    }
}

/// Why something sealed does not open, or a key cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Key bytes of a wrong number.
    #[error(
        "the key file holds {found} bytes instead of 32: put the right key file back from the backup"
    )]
    KeyLength {
        /// The number of bytes found.
        found: usize,
    },
    /// Not something this program sealed.
    #[error(
        "the stored credentials have an unknown format: use the version that wrote them, or set the user's password again"
    )]
    Format,
    /// Another key, another user's row, or changed bytes.
    #[error(
        "the stored credentials do not open with this key: the key file and the database do not belong together, or the row was changed; put the key file back from the backup, or set the user's password again"
    )]
    Refused,
}

impl SealKey {
    /// The key of these bytes.
    pub fn from_bytes(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Seals `plain` for `context`, the alias it belongs to, under a nonce that
    /// must be random and never used twice.
    pub fn seal(&self, nonce: [u8; NONCE], context: &str, plain: &[u8]) -> Vec<u8> {
        let sealed = self
            .cipher()
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &bound(context),
                },
            )
            .expect("a plain text of a few hundred bytes is within the limit of the cipher");
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`Self::seal`] made for the same context.
    ///
    /// # Errors
    /// [`SealError::Format`] or [`SealError::Refused`].
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let Some((&VERSION, rest)) = sealed.split_first() else {
            return Err(SealError::Format);
        };
        let Some((nonce, msg)) = rest.split_first_chunk::<NONCE>() else {
            return Err(SealError::Format);
        };
        let aad = bound(context);
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), Payload { msg, aad: &aad })
            .map_err(|_| SealError::Refused)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

impl TryFrom<&[u8]> for SealKey {
    type Error = SealError;

    /// The key from the contents of its file.
    fn try_from(bytes: &[u8]) -> Result<Self, SealError> {
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| SealError::KeyLength { found: bytes.len() })
    }
}

/// The version is bound too, so that a later format cannot be passed off as this one.
fn bound(context: &str) -> Vec<u8> {
    let mut aad = vec![VERSION];
    aad.extend_from_slice(context.as_bytes());
    aad
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: SealKey = SealKey([7; 32]);

    #[test]
    fn what_was_sealed_opens_for_the_same_user_only() {
        let sealed = KEY.seal([1; 24], "alice", b"secret");
        assert_eq!(KEY.open("alice", &sealed), Ok(b"secret".to_vec()));
        assert_eq!(KEY.open("bob", &sealed), Err(SealError::Refused));
        assert_eq!(
            SealKey::from_bytes([8; 32]).open("alice", &sealed),
            Err(SealError::Refused)
        );
    }

    #[test]
    fn every_changed_or_missing_byte_is_noticed() {
        let sealed = KEY.seal([1; 24], "alice", b"secret");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(KEY.open("alice", &changed).is_err(), "byte {at}");
            assert!(KEY.open("alice", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_secret_is_not_in_the_sealed_bytes_nor_the_key_in_debug() {
        let sealed = KEY.seal([1; 24], "alice", b"secret");
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(format!("{KEY:?}"), "SealKey(..)");
    }

    #[test]
    fn a_key_file_of_another_length_is_refused() {
        assert_eq!(
            SealKey::try_from(&[0_u8; 31][..]).map(|_| ()),
            Err(SealError::KeyLength { found: 31 })
        );
    }
}
