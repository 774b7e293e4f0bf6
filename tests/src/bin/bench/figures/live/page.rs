//! The page Online in a real browser. The page itself notes when its text changed, so that no
//! looking from outside adds to the time.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tests::browser::{Browser, named};
use tests::{Deadline, Failure};
use tokio::time::sleep;

use super::{NAME, PASSWORD, Viewer};

/// How long a change may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a page of a busy server may take to be taken over by its script.
const TAKE_OVER: Duration = Duration::from_secs(30);
/// How long the page is left alone before it is asked what it noted.
const LOOK_AGAIN: Duration = Duration::from_millis(350);

/// Notes each change of the row's text with the time on the wall clock.
const OBSERVE: &str = "
    const [alias] = arguments;
    const row = () => [...document.querySelectorAll('tbody tr')]
        .find((row) => row.textContent.includes(alias));
    const state = () => (row()?.textContent.match(/online|busy|away/i) ?? ['gone'])[0].toLowerCase();
    const noted = window.noted = [];
    let last = state();
    new MutationObserver(() => {
        const now = state();
        if (now !== last) {
            last = now;
            noted.push([now, performance.timeOrigin + performance.now()]);
        }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    return last;
";

/// An open page.
#[derive(Debug)]
pub(super) struct Page(Browser);

impl Page {
    /// Signs in to the console, opens the page Online and waits until it follows what happens.
    pub(super) async fn open(console: SocketAddr, alias: &str) -> Result<Self, Failure> {
        let browser = Browser::open().await?;
        browser.go(&format!("http://{console}/")).await?;
        browser.fill("Name", NAME).await?;
        browser.fill("Password", PASSWORD).await?;
        browser.press("Sign in").await?;
        browser
            .find(&named("a", "Online"), "the link Online")
            .await?;
        browser.go(&format!("http://{console}/online")).await?;
        let deadline = Deadline::within(TAKE_OVER);
        while !browser.has("//*[normalize-space(.)='Live']").await? {
            if deadline.left().is_zero() {
                return Err(Failure::Unexpected(
                    "the page Online never says that it is live: was the server built with the \
                     console's module inside, as `cargo xtask bench` does?"
                        .to_owned(),
                ));
            }
            sleep(LOOK_AGAIN).await;
        }
        let first = browser
            .client()?
            .execute(OBSERVE, vec![json!(alias)])
            .await?;
        if first == "online" {
            Ok(Self(browser))
        } else {
            Err(Failure::Unexpected(format!(
                "the page shows {alias} as {first}, not as online"
            )))
        }
    }

    /// When the page noted this state last.
    async fn noted(&self, state: &str) -> Result<Option<f64>, Failure> {
        let noted = self
            .0
            .client()?
            .execute("return window.noted.splice(0)", Vec::new())
            .await?;
        let noted = noted.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(noted
            .iter()
            .find(|entry| entry[0] == state)
            .and_then(|entry| entry[1].as_f64()))
    }
}

impl Viewer for Page {
    async fn saw(&mut self, state: &'static str) -> Result<f64, Failure> {
        let deadline = Deadline::within(PATIENCE);
        while !deadline.left().is_zero() {
            sleep(LOOK_AGAIN).await;
            if let Some(at) = self.noted(state).await? {
                return Ok(at);
            }
        }
        Err(Failure::TimedOut {
            what: format!("the state {state} in the page"),
            waited: PATIENCE,
            seen: String::new(),
        })
    }
}
