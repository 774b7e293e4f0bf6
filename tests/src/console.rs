//! An administrator at the console: what every test of it begins with.

use std::time::Duration;

use crate::Failure;
use crate::browser::{Browser, Colours, Scripts, named};
use crate::server::Server;

/// The administrator that tests make.
pub const ADMIN: &str = "root";
/// Its password.
pub const ADMIN_PASSWORD: &str = "a long enough pass phrase 1";

/// How long anything at the console may take on a loaded machine.
pub const SOON: Duration = Duration::from_secs(15);

impl Server {
    /// Makes [`ADMIN`].
    ///
    /// # Errors
    /// As [`Server::run`].
    pub fn add_root(&self) -> Result<(), Failure> {
        self.add_admin(ADMIN, ADMIN_PASSWORD)
    }

    /// The address of a page of the console.
    #[must_use]
    pub fn page(&self, path: &str) -> String {
        format!("http://{}{path}", self.console())
    }
}

/// Opens a browser and signs [`ADMIN`] in.
///
/// # Errors
/// [`Failure::TimedOut`] if the console does not let it in.
pub async fn signed_in(server: &Server, scripts: Scripts) -> Result<Browser, Failure> {
    signed_in_as(server, ADMIN, ADMIN_PASSWORD, scripts).await
}

/// As [`signed_in`] for another administrator.
///
/// # Errors
/// As [`signed_in`].
pub async fn signed_in_as(
    server: &Server,
    name: &str,
    password: &str,
    scripts: Scripts,
) -> Result<Browser, Failure> {
    let browser = Browser::open_with(scripts, Colours::Light).await?;
    browser.go(&server.page("/")).await?;
    browser.fill("Name", name).await?;
    browser.fill("Password", password).await?;
    browser.press("Sign in").await?;
    browser
        .find(&named("a", "Online"), "the link Online")
        .await?;
    Ok(browser)
}

/// `XPath` of the button that logs one user off.
#[must_use]
pub fn log_off_button(alias: &str) -> String {
    named("button", &format!("Log off {alias}"))
}
