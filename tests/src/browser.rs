//! Real Chromium through chromedriver. Elements are found as a person names
//! them: by label, by the text on a button or link.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::programs::{self, INSTALL_BROWSER};
use crate::{Deadline, Failure};

/// How often the page is looked at for a change it makes by itself.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How often chromedriver is started before it is given up.
const STARTS: u32 = 5;

/// What the browser is allowed to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// Everything.
    On,
    /// Scripts, but no WebAssembly: the console does not hydrate.
    NoWasm,
    /// Nothing at all, as with scripts blocked by policy.
    Off,
}

/// What the browser says it prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

/// A browser window with a profile of its own.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    client: Option<Client>,
    // Removed only after the browser has ended.
    _profile: TempDir,
}

impl Browser {
    /// Opens a window that runs everything, in light colours.
    ///
    /// # Errors
    /// As [`Self::open_with`].
    pub async fn open() -> Result<Self, Failure> {
        Self::open_with(Scripts::On, Colours::Light).await
    }

    /// Opens a window.
    ///
    /// # Errors
    /// [`Failure::Missing`] without the packages it needs, [`Failure::Browser`]
    /// if it does not start.
    pub async fn open_with(scripts: Scripts, colours: Colours) -> Result<Self, Failure> {
        let chromium = programs::find("chromium", INSTALL_BROWSER)?;
        let profile = TempDir::new().map_err(Failure::io("making the browser's profile"))?;
        let (driver, port) = start_driver()?;
        let mut browser = Self {
            driver,
            client: None,
            _profile: profile,
        };

        let mut arguments = vec![
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--window-size=1280,900".to_owned(),
            format!("--user-data-dir={}", browser._profile.path().display()),
            format!(
                "--blink-settings=preferredColorScheme={}",
                u8::from(colours == Colours::Light)
            ),
        ];
        if scripts == Scripts::NoWasm {
            // V8 has no WebAssembly without its compilers.
            arguments.push("--js-flags=--jitless".to_owned());
        }
        let script_setting = if scripts == Scripts::Off { 2 } else { 1 };
        let options = json!({
            "binary": chromium,
            "args": arguments,
            "prefs": { "profile.managed_default_content_settings.javascript": script_setting },
        });
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .map_err(|error| Failure::Browser(error.to_string()))?;
        browser.client = Some(client);
        Ok(browser)
    }

    /// The `WebDriver` session, for what this type has no word for.
    ///
    /// # Errors
    /// [`Failure::Browser`] after [`Self::close`].
    pub fn client(&self) -> Result<&Client, Failure> {
        self.client
            .as_ref()
            .ok_or_else(|| Failure::Browser("it is closed".to_owned()))
    }

    /// Goes to a URL.
    ///
    /// # Errors
    /// [`Failure::Browser`] if it cannot.
    pub async fn go(&self, url: &str) -> Result<(), Failure> {
        Ok(self.client()?.goto(url).await?)
    }

    /// Writes into the field with this label, replacing what is there.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] if there is no such field.
    pub async fn fill(&self, label: &str, text: &str) -> Result<(), Failure> {
        let field = self
            .find(&field(label), &format!("the field {label}"))
            .await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Clicks an element, brought to the middle of the window, where no bar lies over it.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] if there is no such element.
    pub async fn click(&self, xpath: &str, what: &str) -> Result<(), Failure> {
        let element = self.find(xpath, what).await?;
        let scroll = "arguments[0].scrollIntoView({ block: 'center' })";
        let argument = serde_json::to_value(&element)
            .map_err(|error| Failure::Browser(format!("{what} cannot be named: {error}")))?;
        self.client()?.execute(scroll, vec![argument]).await?;
        Ok(element.click().await?)
    }

    /// Presses the button with this name.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] if there is no such button.
    pub async fn press(&self, name: &str) -> Result<(), Failure> {
        let button = named("*[self::button or @role='button' or self::summary]", name);
        let button = self.find(&button, &format!("the button {name}")).await?;
        Ok(button.click().await?)
    }

    /// Follows the link with this name.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] if there is no such link.
    pub async fn follow(&self, name: &str) -> Result<(), Failure> {
        let link = self
            .find(&named("a", name), &format!("the link {name}"))
            .await?;
        Ok(link.click().await?)
    }

    /// Waits until the visible text of the page fulfils a condition, and gives it.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] with the text as it was at the end.
    pub async fn text_until(
        &self,
        wait: Duration,
        what: &str,
        condition: impl Fn(&str) -> bool,
    ) -> Result<String, Failure> {
        let deadline = Deadline::within(wait);
        loop {
            // A page that is just being replaced has no body: look again.
            let text = self.text().await.unwrap_or_default();
            if condition(&text) {
                return Ok(text);
            }
            if deadline.left().is_zero() {
                return Err(Failure::TimedOut {
                    what: format!("{what} in the browser"),
                    waited: wait,
                    seen: format!("the page at {} reads:\n{text}", self.address().await),
                });
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// The visible text of the page.
    ///
    /// # Errors
    /// [`Failure::Browser`] if there is no page.
    pub async fn text(&self) -> Result<String, Failure> {
        Ok(self
            .client()?
            .find(Locator::Css("body"))
            .await?
            .text()
            .await?)
    }

    /// Whether the page has an element for this `XPath` now.
    ///
    /// # Errors
    /// [`Failure::Browser`] if there is no page.
    pub async fn has(&self, xpath: &str) -> Result<bool, Failure> {
        Ok(!self
            .client()?
            .find_all(Locator::XPath(xpath))
            .await?
            .is_empty())
    }

    /// Waits until there is no element for this `XPath`.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] with the text of the page.
    pub async fn gone(&self, wait: Duration, xpath: &str, what: &str) -> Result<(), Failure> {
        let deadline = Deadline::within(wait);
        while self.has(xpath).await? {
            if deadline.left().is_zero() {
                return Err(Failure::TimedOut {
                    what: format!("the end of {what} in the browser"),
                    waited: wait,
                    seen: format!("the page reads:\n{}", self.text().await?),
                });
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// Loads the page again, as a person does where nothing updates itself.
    ///
    /// # Errors
    /// [`Failure::Browser`] if it cannot.
    pub async fn reload(&self) -> Result<(), Failure> {
        Ok(self.client()?.refresh().await?)
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] with the text of the page.
    pub async fn find(&self, xpath: &str, what: &str) -> Result<Element, Failure> {
        let deadline = Deadline::within(Duration::from_secs(10));
        loop {
            match self.client()?.find(Locator::XPath(xpath)).await {
                Ok(element) => return Ok(element),
                Err(error) if !error.is_no_such_element() => return Err(error.into()),
                Err(_) if deadline.left().is_zero() => {
                    return Err(Failure::TimedOut {
                        what: format!("{what} in the browser"),
                        waited: deadline.whole(),
                        seen: format!(
                            "the page at {} reads:\n{}",
                            self.address().await,
                            self.text().await.unwrap_or_default()
                        ),
                    });
                }
                Err(_) => sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Writes a picture of the window (PNG).
    ///
    /// # Errors
    /// [`Failure::Io`] if the file cannot be written.
    pub async fn screenshot(&self, file: &Path) -> Result<(), Failure> {
        let picture = self.client()?.screenshot().await?;
        fs::write(file, picture).map_err(Failure::io(format!("writing {}", file.display())))
    }

    /// Closes the window in good order.
    ///
    /// # Errors
    /// [`Failure::Browser`] if the driver refuses.
    pub async fn close(mut self) -> Result<(), Failure> {
        if let Some(client) = self.client.take() {
            client.close().await?;
        }
        Ok(())
    }

    async fn address(&self) -> String {
        match self.client() {
            Ok(client) => client
                .current_url()
                .await
                .map(String::from)
                .unwrap_or_default(),
            Err(_) => String::new(),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // chromedriver ends its browser when it is told to end, not when killed.
        let _asked = Command::new("kill")
            .args(["-TERM", &self.driver.id().to_string()])
            .status();
        let _reaped = self.driver.wait();
    }
}

/// Starts chromedriver on a free port. It takes one of IPv6 first and wants the same of IPv4,
/// which a test beside it may have: then it ends, and is started again.
fn start_driver() -> Result<(Child, u16), Failure> {
    let program = programs::find("chromedriver", INSTALL_BROWSER)?;
    for _ in 0..STARTS {
        if let Some(started) = try_driver(&program)? {
            return Ok(started);
        }
    }
    Err(Failure::Browser(format!(
        "chromedriver was started {STARTS} times and did not name its port"
    )))
}

/// `None`: it ended without a port.
fn try_driver(program: &Path) -> Result<Option<(Child, u16)>, Failure> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Failure::io("starting chromedriver"))?;
    let mut lines = driver
        .stdout
        .take()
        .map(BufReader::new)
        .map(BufRead::lines)
        .into_iter()
        .flatten();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        line.split_once("successfully on port ")?
            .1
            .trim_end_matches('.')
            .parse()
            .ok()
    });
    // Its later lines interest nobody, but a full pipe would stop it.
    std::thread::spawn(move || lines.for_each(drop));
    if let Some(port) = port {
        return Ok(Some((driver, port)));
    }
    let _gone = driver.kill();
    let _reaped = driver.wait();
    Ok(None)
}

/// `XPath` of an element with this accessible name.
#[must_use]
pub fn named(element: &str, name: &str) -> String {
    format!(
        "//{element}[@aria-label=\"{name}\" or (not(@aria-label) and normalize-space(.)=\"{name}\")]"
    )
}

/// `XPath` of the form field with this label.
#[must_use]
pub fn field(label: &str) -> String {
    let field = "*[self::input or self::select or self::textarea]";
    format!(
        "//{field}[@aria-label=\"{label}\" or @id=//label[normalize-space(.)=\"{label}\"]/@for \
         or ancestor::label[normalize-space(text())=\"{label}\" or normalize-space(.)=\"{label}\" \
         or normalize-space(*[1])=\"{label}\"]]"
    )
}
