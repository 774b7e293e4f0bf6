//! The orders of the command line, and how each is carried out.

use crate::admin::Admin;
use api::Actor;
use api::{Access, LockoutRow, OnlineRow, Privacy, PrivacyChange};
use api::{ContactSummary, ContactsTaken, ContactsView};
use axum::extract::{Extension, State};
use axum::routing::post;
use axum::{Json, Router};
use policies::{CodePage, ReadOptions};
use serde::{Deserialize, Serialize};
use web::backend::{LogoffOrder, LogoffTargets};

/// What the command line orders.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Show the list of a user.
    Privacy(String),
    /// Change the list of a user.
    SetPrivacy(String, PrivacyChange),
    /// What may the first do with the second?
    Access(String, String),
    /// Keep the contacts of a user's registry file.
    ImportContacts {
        /// Whose.
        alias: String,
        /// The file.
        file: Vec<u8>,
        /// In which code page it is, if somebody says so.
        #[serde(default)]
        code_page: Option<u16>,
        /// Skip what cannot be read.
        #[serde(default)]
        skip_bad_lines: bool,
    },
    /// List whose contacts are kept.
    ListContacts,
    /// Show the contacts of a user.
    ShowContacts(String),
    /// Make a file of a user's contacts: alias, word of the format.
    ExportContacts(String, String),
    /// Forget the contacts of a user.
    RemoveContacts(String),
    /// Who is locked out?
    Lockouts,
    /// Let a name or an address in again.
    Unlock(String),
    /// Who is online?
    Online,
    /// Log users off.
    Logoff {
        /// Whom; `None`: everybody.
        aliases: Option<Vec<String>>,
        /// Why.
        reason: String,
        /// Keep them out for so many minutes.
        block_minutes: Option<u32>,
    },
}

/// What comes of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is done.
    Done,
    /// The list of a user.
    Privacy(Box<Privacy>),
    /// What one may do with another.
    Access(Box<Access>),
    /// Whose contacts are kept.
    ContactLists(Vec<ContactSummary>),
    /// The contacts of a user.
    Contacts(Box<ContactsView>),
    /// What was taken of a file of contacts.
    ContactsTaken(Box<ContactsTaken>),
    /// Who is locked out.
    Lockouts(Vec<LockoutRow>),
    /// Who is online.
    Online(Vec<OnlineRow>),
    /// A logoff: who was logged off, who was not online.
    LoggedOff(Vec<String>, Vec<String>),
    /// Files: name, content.
    Files(Vec<(String, Vec<u8>)>),
    /// So many were changed.
    Changed(u32),
}

/// Why it was not done: one sentence for people.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<api::Error> for Failure {
    fn from(error: api::Error) -> Self {
        Self(error.to_string())
    }
}

impl Admin {
    /// Carries an order of the command line out.
    pub async fn carry_out(&self, actor: &Actor, order: Order) -> Result<Reply, Failure> {
        Ok(match order {
            Order::Privacy(alias) => Reply::Privacy(Box::new(self.privacy(actor, &alias).await?)),
            Order::SetPrivacy(alias, change) => {
                done(self.set_privacy(actor, &alias, &change).await?)
            }
            Order::Access(from, to) => Reply::Access(Box::new(self.access(&from, &to).await?)),
            Order::ImportContacts {
                alias,
                file,
                code_page,
                skip_bad_lines,
            } => {
                let options = ReadOptions {
                    code_page: code_page.and_then(CodePage::numbered),
                    skip_bad_lines,
                    ..ReadOptions::default()
                };
                let taken = self
                    .import_contacts_with(actor, &alias, &file, &options)
                    .await?;
                Reply::ContactsTaken(Box::new(taken))
            }
            Order::ListContacts => Reply::ContactLists(self.contacts_page().await?.lists),
            Order::ShowContacts(alias) => {
                let missing = || Failure(format!("No contacts of {alias} are kept here."));
                let view = self.contacts(actor, &alias).await?.ok_or_else(missing)?;
                Reply::Contacts(Box::new(view))
            }
            Order::ExportContacts(alias, word) => {
                let file = self.export_contacts(actor, &alias, &word).await?;
                Reply::Files(vec![(file.file_name, file.bytes)])
            }
            Order::RemoveContacts(alias) => done(self.remove_contacts(actor, &alias).await?),
            Order::Lockouts => Reply::Lockouts(self.lockouts()?),
            Order::Unlock(what) => Reply::Changed(self.unlock(actor, &what).await?),
            Order::Online => Reply::Online(self.all_online()?),
            Order::Logoff {
                aliases,
                reason,
                block_minutes,
            } => {
                let targets = aliases.map_or(LogoffTargets::All, LogoffTargets::Aliases);
                let outcome = self
                    .logoff(
                        actor,
                        &LogoffOrder {
                            targets,
                            reason,
                            block_minutes,
                        },
                    )
                    .await?;
                Reply::LoggedOff(outcome.logged_off, outcome.not_online)
            }
        })
    }
}

fn done((): ()) -> Reply {
    Reply::Done
}

/// Takes these orders beside the operations.
pub fn router(admin: Admin) -> Router {
    let take = |State(admin): State<Admin>, Extension(actor): Extension<Actor>, order| async move {
        let Json(order) = order;
        Json(admin.carry_out(&actor, order).await)
    };
    Router::new().route("/order", post(take)).with_state(admin)
}
