//! The key file and the database belong together.

use crate::auth::SealKey;
use crate::clock::Random;
use crate::keys::{self, KeyError};
use crate::store::{Store, StoreError, UserRow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::path::Path;

/// Name of the fact that holds [`PROOF`], sealed.
const FACT: &str = "key_check";
/// What it is sealed for: no alias has a blank.
const CONTEXT: &str = "key check";
const PROOF: &[u8] = b"rollcall";

/// How a key and a database stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFit {
    /// The database was made with this key, or has nothing sealed yet.
    Fits,
    /// It was made with another.
    Foreign,
}

/// Whether `key` is the one of a database that keeps `check` and these sealed accounts.
#[must_use]
pub fn fits<'a>(
    key: &SealKey,
    check: Option<&str>,
    mut sealed: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> KeyFit {
    let opens = match check {
        Some(check) => {
            let sealed = URL_SAFE_NO_PAD.decode(check).unwrap_or_default();
            key.open(CONTEXT, &sealed).is_ok_and(|it| it == PROOF)
        }
        // A database of before: one account tells, and an empty one fits any key.
        None => match sealed.next() {
            None => true,
            Some(first) => std::iter::once(first)
                .chain(sealed)
                .any(|(alias, bytes)| key.open(alias, bytes).is_ok()),
        },
    };
    if opens { KeyFit::Fits } else { KeyFit::Foreign }
}

/// The fact that tells which key a database is sealed under.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn check(store: &Store) -> Result<Option<String>, StoreError> {
    store.fact(FACT).await
}

/// Loads the key of a directory, or makes the first; refuses one of another database.
pub(super) async fn load(
    directory: &Path,
    store: &Store,
    users: &[UserRow],
    random: Random,
) -> Result<SealKey, super::OpeningError> {
    let check = check(store).await?;
    let key = keys::load(directory, check.is_some() || !users.is_empty(), random)?;
    let sealed = users
        .iter()
        .map(|it| (it.alias.as_str(), it.verifiers.as_slice()));
    if fits(&key, check.as_deref(), sealed) == KeyFit::Foreign {
        return Err(KeyError::Foreign {
            path: keys::path(directory),
        }
        .into());
    }
    if check.is_none() {
        let sealed = key.seal(random.bytes(), CONTEXT, PROOF);
        let mut change = store.begin().await?;
        change
            .set_fact(FACT, &URL_SAFE_NO_PAD.encode(sealed))
            .await?;
        change.commit().await?;
    }
    Ok(key)
}
