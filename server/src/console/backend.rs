//! The console's port, on the server's orders.

use crate::admin::{Admin, Live, Overview, session_key};
use api::Door;
use api::{Access, Dashboard, LockoutRow, OnlinePage, OnlineQuery, Privacy, PrivacyChange, Viewer};
use api::{Actor, LogoffOutcome};
use api::{ContactsPage, ContactsTaken, ContactsView};
use async_trait::async_trait;
use policies::ExportedFile;
use std::any::Any;
use tokio::sync::watch;
use web::backend::{Account, Backend, Download, LogoffOrder, SignInError};

/// The server behind the console.
#[derive(Clone)]
pub struct ConsoleBackend {
    admin: Admin,
    overview: Overview,
    version: watch::Receiver<u64>,
}

impl ConsoleBackend {
    /// A console on these orders of a server that runs.
    #[must_use]
    pub fn new(admin: Admin, live: &Live, overview: Overview) -> Self {
        Self {
            admin,
            overview,
            version: live.nodes.version(),
        }
    }
}

#[async_trait]
impl Door for ConsoleBackend {
    async fn call_any(
        &self,
        actor: &Actor,
        name: &'static str,
        operation: Box<dyn Any + Send>,
    ) -> Result<Box<dyn Any + Send>, api::Error> {
        self.admin.call_any(actor, name, operation).await
    }
}

#[async_trait]
impl Backend for ConsoleBackend {
    async fn first_run(&self) -> Result<bool, api::Error> {
        self.admin.first_run().await
    }

    async fn create_first_admin(
        &self,
        token: &str,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<Account, api::Error> {
        self.admin
            .create_first_admin(token, name, password, from)
            .await
    }

    async fn sign_in(
        &self,
        name: &str,
        password: &str,
        from: &str,
    ) -> Result<Account, SignInError> {
        self.admin.sign_in(name, password, from).await
    }

    async fn viewer(&self, name: &str, generation: i64) -> Result<Option<Viewer>, api::Error> {
        self.admin.viewer(name, generation).await
    }

    fn session_key(&self, id: &str) -> String {
        session_key(id)
    }

    async fn signed_out(&self, actor: &Actor) -> Result<(), api::Error> {
        self.admin.signed_out(actor).await
    }

    fn admins_version(&self) -> watch::Receiver<u64> {
        self.admin.admins_version()
    }

    async fn lockouts(&self) -> Result<Vec<LockoutRow>, api::Error> {
        self.admin.lockouts()
    }

    async fn unlock(&self, actor: &Actor, what: &str) -> Result<u32, api::Error> {
        self.admin.unlock(actor, what).await
    }

    fn presence_version(&self) -> watch::Receiver<u64> {
        self.version.clone()
    }

    async fn dashboard(&self) -> Result<Dashboard, api::Error> {
        self.admin.dashboard(&self.overview).await
    }

    async fn online(&self, query: &OnlineQuery) -> Result<OnlinePage, api::Error> {
        self.admin.online(query)
    }

    async fn logoff(
        &self,
        actor: &Actor,
        order: &LogoffOrder,
    ) -> Result<LogoffOutcome, api::Error> {
        self.admin.logoff(actor, order).await
    }

    async fn privacy(&self, actor: &Actor, alias: &str) -> Result<Privacy, api::Error> {
        self.admin.privacy(actor, alias).await
    }

    async fn set_privacy(
        &self,
        actor: &Actor,
        alias: &str,
        change: &PrivacyChange,
    ) -> Result<(), api::Error> {
        self.admin.set_privacy(actor, alias, change).await
    }

    async fn access(&self, from: &str, to: &str) -> Result<Access, api::Error> {
        self.admin.access(from, to).await
    }

    async fn contacts_page(&self) -> Result<ContactsPage, api::Error> {
        self.admin.contacts_page().await
    }

    async fn contacts(
        &self,
        actor: &Actor,
        alias: &str,
    ) -> Result<Option<ContactsView>, api::Error> {
        self.admin.contacts(actor, alias).await
    }

    async fn import_contacts(
        &self,
        actor: &Actor,
        alias: &str,
        file: &[u8],
    ) -> Result<ContactsTaken, api::Error> {
        self.admin.import_contacts(actor, alias, file).await
    }

    async fn export_contacts(
        &self,
        actor: &Actor,
        alias: &str,
        format: &str,
    ) -> Result<Download, api::Error> {
        let file = self.admin.export_contacts(actor, alias, format).await?;
        Ok(download(file))
    }

    async fn remove_contacts(&self, actor: &Actor, alias: &str) -> Result<(), api::Error> {
        self.admin.remove_contacts(actor, alias).await
    }

    async fn contact_scripts(&self, share: Option<&str>) -> Result<Vec<Download>, api::Error> {
        let files = self.admin.contact_scripts(share)?;
        Ok(files.into_iter().map(download).collect())
    }

    fn server_name(&self) -> String {
        self.admin.server_name()
    }
}

/// A file as browsers save it: without the folder that it belongs into.
fn download(file: ExportedFile) -> Download {
    let name = file.file_name.rsplit('/').next().unwrap_or_default();
    Download {
        file_name: name.to_owned(),
        media_type: file.media_type.to_owned(),
        bytes: file.bytes,
    }
}
