//! The console's port, on the server's orders.

use crate::admin::{Admin, Live, session_key};
use api::{Actor, Door, Viewer};
use async_trait::async_trait;
use std::any::Any;
use tokio::sync::watch;
use web::backend::{Account, Backend, SignInError};

/// The server behind the console.
#[derive(Clone)]
pub struct ConsoleBackend {
    admin: Admin,
    version: watch::Receiver<u64>,
}

impl ConsoleBackend {
    /// A console on these orders of a server that runs.
    #[must_use]
    pub fn new(admin: Admin, live: &Live) -> Self {
        Self {
            admin,
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

    fn presence_version(&self) -> watch::Receiver<u64> {
        self.version.clone()
    }

    fn server_name(&self) -> String {
        self.admin.server_name()
    }
}
