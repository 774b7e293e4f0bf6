//! The port: all that the console may ask of the server, and order.
//!
//! Every order carries the [`Actor`], because every order is audited. The
//! implementation checks the actor's role; pages only hide what it would refuse.

use crate::model::{
    Access, Dashboard, LockoutRow, OnlinePage, OnlineQuery, Privacy, PrivacyChange, Viewer,
};
use crate::model::{ContactsPage, ContactsTaken, ContactsView};
use api::{Actor, Door, LogoffOutcome, Millis};
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

/// Whom to log off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoffTargets {
    /// These users.
    Aliases(Vec<String>),
    /// Everybody who is signed on.
    All,
}

/// A forced logoff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoffOrder {
    /// Whom.
    pub targets: LogoffTargets,
    /// Why: the user and the audit read it; may be empty.
    pub reason: String,
    /// Refuse fresh sign-ons for so many minutes.
    pub block_minutes: Option<u32>,
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

    /// Who is locked out after failed sign-ins, or slowed down.
    async fn lockouts(&self) -> Result<Vec<LockoutRow>, api::Error>;

    /// Forgets the failed sign-ins of a name, or from an address; gives how many counts there
    /// were.
    async fn unlock(&self, actor: &Actor, what: &str) -> Result<u32, api::Error>;

    /// A number that changes whenever a presence or a session changes. Reads are coalesced:
    /// a reader that is slow sees only the newest.
    fn presence_version(&self) -> tokio::sync::watch::Receiver<u64>;

    /// The first page.
    async fn dashboard(&self) -> Result<Dashboard, api::Error>;

    /// One page of who is online, from memory.
    async fn online(&self, query: &OnlineQuery) -> Result<OnlinePage, api::Error>;

    /// Logs users off.
    async fn logoff(&self, actor: &Actor, order: &LogoffOrder)
    -> Result<LogoffOutcome, api::Error>;

    /// Who may see a user and write to them.
    async fn privacy(&self, actor: &Actor, alias: &str) -> Result<Privacy, api::Error>;

    /// Changes who may see a user and write to them; watchers are told at once.
    async fn set_privacy(
        &self,
        actor: &Actor,
        alias: &str,
        change: &PrivacyChange,
    ) -> Result<(), api::Error>;

    /// What one user may do with another. The first may be the URL of a user elsewhere.
    async fn access(&self, from: &str, to: &str) -> Result<Access, api::Error>;

    /// Whose contact lists are kept, and where clients get theirs.
    async fn contacts_page(&self) -> Result<ContactsPage, api::Error>;

    /// The contact list of a user; none if none is kept.
    async fn contacts(
        &self,
        actor: &Actor,
        alias: &str,
    ) -> Result<Option<ContactsView>, api::Error>;

    /// Keeps the contacts of an exported registry file, in place of older ones.
    async fn import_contacts(
        &self,
        actor: &Actor,
        alias: &str,
        file: &[u8],
    ) -> Result<ContactsTaken, api::Error>;

    /// A user's contacts as a registry file; `format` is `reg` or `reg4`.
    async fn export_contacts(
        &self,
        actor: &Actor,
        alias: &str,
        format: &str,
    ) -> Result<Download, api::Error>;

    /// Forgets a user's contacts.
    async fn remove_contacts(&self, actor: &Actor, alias: &str) -> Result<(), api::Error>;

    /// Scripts that carry contacts over a share, or, without one, over the server.
    async fn contact_scripts(&self, share: Option<&str>) -> Result<Vec<Download>, api::Error>;

    /// The full DNS name by which clients reach the server.
    fn server_name(&self) -> String;
}
