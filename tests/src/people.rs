//! Users with an account at a server under test, ready to be used.

use std::net::SocketAddr;

use crate::Failure;
use crate::rvp_client::{CallBack, User};
use crate::server::Server;

/// The password of every user that tests make.
pub const PASSWORD: &str = "correct horse 7";

/// Leases that no test outlives, in seconds.
const LONG: u32 = 1200;

/// A user of the hand-written client who is signed on and online.
#[derive(Debug)]
pub struct OnlineUser {
    /// Who it is.
    pub user: User,
    /// Where it is notified.
    pub call_back: CallBack,
    /// The id of its login subscription.
    pub login: u32,
    /// The id of its view.
    pub view: u32,
}

impl OnlineUser {
    /// Signs a user on with a call-back of its own, state `online`.
    ///
    /// # Errors
    /// What the server refuses.
    pub fn sign_on(user: User) -> Result<Self, Failure> {
        let call_back = CallBack::listen()?;
        let login = user.sign_on(&call_back.url(), LONG)?;
        let view = user.set_state("online", LONG, None)?;
        Ok(Self {
            user,
            call_back,
            login,
            view,
        })
    }

    /// Its logical URL.
    #[must_use]
    pub fn url(&self) -> String {
        self.user.url(self.user.alias())
    }

    /// Leases a state for its view.
    ///
    /// # Errors
    /// What the server refuses.
    pub fn set_state(&self, state: &str) -> Result<(), Failure> {
        self.user.set_state(state, LONG, Some(self.view)).map(drop)
    }
}

impl Server {
    /// Makes an account with [`PASSWORD`] and gives its user, not signed on.
    ///
    /// # Errors
    /// As [`Server::run`].
    pub fn user(&self, alias: &str) -> Result<User, Failure> {
        self.add_user(alias, PASSWORD)?;
        Ok(user_at(self.rvp(), alias))
    }

    /// Makes an account and signs its user on.
    ///
    /// # Errors
    /// As [`Server::user`] and [`OnlineUser::sign_on`].
    pub fn online_user(&self, alias: &str) -> Result<OnlineUser, Failure> {
        OnlineUser::sign_on(self.user(alias)?)
    }
}

/// A user with [`PASSWORD`] whose account exists already.
#[must_use]
pub fn user_at(server: SocketAddr, alias: &str) -> User {
    User::new(server, alias, PASSWORD)
}
