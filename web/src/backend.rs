//! The port: all that the console may ask of the server, and order.
//!
//! Every order carries the [`Actor`], because every order is audited. The
//! implementation checks the actor's role; pages only hide what it would refuse.

use api::{Actor, Door, Millis, Viewer};
use async_trait::async_trait;

/// A console account that has just signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// As pages show it.
    pub viewer: Viewer,
    /// The session belongs to this number: another account of the same name has another.
    pub generation: i64,
    /// When it did.
    pub signed_in: Millis,
}

/// Why a console sign-in was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Unknown name or wrong password: never told apart.
    #[error("The name or the password is not right.")]
    Refused,
    /// Too many failures.
    #[error("Too many failed attempts. Try again in {seconds} seconds.")]
    LockedOut {
        /// How long.
        seconds: u32,
    },
    /// Too many others are being checked.
    #[error("The server is checking as many passwords as it can. Try again in a moment.")]
    Busy,
    /// The server failed.
    #[error(transparent)]
    Backend(#[from] api::Error),
}

impl SignInError {
    /// Seconds after which to try again, where that may help.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::LockedOut { seconds } => Some(*seconds),
            Self::Busy => Some(2),
            Self::Refused | Self::Backend(_) => None,
        }
    }
}

/// A file to download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Name to save it under.
    pub file_name: String,
    /// Media type.
    pub media_type: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl From<api::File> for Download {
    fn from(file: api::File) -> Self {
        Self {
            file_name: file.name,
            media_type: file.media_type,
            bytes: file.bytes.0,
        }
    }
}

/// What the server does for the console.
#[async_trait]
pub trait Backend: Door {
    /// True until the first administrator exists.
    async fn first_run(&self) -> Result<bool, api::Error>;

    /// Makes the first administrator. `token` is the one-time word that the server printed at
    /// its first start.
    async fn create_first_admin(
        &self,
        token: &str,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<Account, api::Error>;

    /// Checks a name and a password, and counts failures.
    async fn sign_in(&self, name: &str, password: &str, from: &str)
    -> Result<Account, SignInError>;

    /// The account behind a session, as it is now; `None` once it was removed, or is another of
    /// the same name.
    async fn viewer(&self, name: &str, generation: i64) -> Result<Option<Viewer>, api::Error>;

    /// What others may know of the session of this id: its key in the list of sessions.
    fn session_key(&self, id: &str) -> String;

    /// Somebody ended their own session.
    async fn signed_out(&self, actor: &Actor) -> Result<(), api::Error>;

    /// A number that changes whenever sessions end, so that what they left open ends with them.
    fn admins_version(&self) -> tokio::sync::watch::Receiver<u64>;

    /// A number that changes whenever a presence or a session changes. Reads are coalesced:
    /// a reader that is slow sees only the newest.
    fn presence_version(&self) -> tokio::sync::watch::Receiver<u64>;

    /// The full DNS name by which clients reach the server.
    fn server_name(&self) -> String;
}
