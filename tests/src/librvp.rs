//! The real client: Debian's `pidgin-librvp` in a process of its own.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::{Deadline, Failure, librvp_build};

/// The mail domain in the user names of real clients. No principal URL shows
/// it: the SRV record sends them to the server's address (observed: librvp).
pub const MAIL_DOMAIN: &str = "example.test";

/// How long a client may take to log off; it gives up itself after 20 s.
const LOG_OFF: Duration = Duration::from_secs(30);

/// One thing the client told: a name and string values.
#[derive(Clone, PartialEq, Eq)]
pub struct Event(serde_json::Value);

impl Event {
    /// What happened: `signed-on`, `signed-off`, `disconnected`, `buddy-status`,
    /// `message`, `typing`, `conversation`, `notice`, `request`, `error`, …
    #[must_use]
    pub fn kind(&self) -> &str {
        self.get("event")
    }

    /// One of its values; empty where it has none.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        self.0
            .get(key)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    }

    /// Whether it is of this kind and has these values.
    #[must_use]
    pub fn is(&self, kind: &str, values: &[(&str, &str)]) -> bool {
        self.kind() == kind && values.iter().all(|(key, value)| self.get(key) == *value)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Who signs on, and how.
#[derive(Debug, Clone)]
pub struct Account<'a> {
    alias: &'a str,
    password: &'a str,
    call_back_host: Option<&'static str>,
    environment: Vec<(&'static str, String)>,
}

impl<'a> Account<'a> {
    /// Signs on as `alias`, with the defaults of the plugin.
    #[must_use]
    pub const fn new(alias: &'a str, password: &'a str) -> Self {
        Self {
            alias,
            password,
            call_back_host: Some("127.0.0.1"),
            environment: Vec::new(),
        }
    }

    /// Contacts it knows before it signs on, as aliases.
    #[must_use]
    pub fn knows(mut self, aliases: &[&str]) -> Self {
        let names: Vec<_> = aliases.iter().map(|it| mail_name(it)).collect();
        self.environment.push(("RVP_BUDDIES", names.join(",")));
        self
    }

    /// Names the call-back address that the plugin finds by itself, which is
    /// that of a network card where the machine has one.
    #[must_use]
    pub const fn chooses_its_call_back(mut self) -> Self {
        self.call_back_host = None;
        self
    }

    /// Names the server so, and reaches it under the name of another domain's host, too: what
    /// the DNS says to clients whose server passes requests on.
    #[must_use]
    pub fn reaches(mut self, host: &str, domain: &str, domain_host: &str) -> Self {
        let services = format!("{domain}={domain_host}");
        self.environment.push(("RVP_HOST", host.to_owned()));
        self.environment.push(("RVP_SERVICES", services));
        self
    }

    /// Logs in under another name than the alias (the plugin's "Auth ID").
    #[must_use]
    pub fn auth_id(mut self, id: &str) -> Self {
        self.environment.push(("RVP_AUTH_ID", id.to_owned()));
        self
    }

    /// Logs in with a domain (the plugin's "Auth Domain").
    #[must_use]
    pub fn auth_domain(mut self, domain: &str) -> Self {
        self.environment
            .push(("RVP_AUTH_DOMAIN", domain.to_owned()));
        self
    }

    /// Starts the client and lets it sign on at `server`.
    ///
    /// # Errors
    /// [`Failure::Missing`] without the packages it needs; [`Failure::Io`] if
    /// it cannot be started.
    pub fn start(self, server: SocketAddr) -> Result<Librvp, Failure> {
        Librvp::start(&self, server)
    }
}

/// The name a person would type for this alias; one with a domain stays as it is.
#[must_use]
pub fn mail_name(alias: &str) -> String {
    if alias.contains('@') {
        alias.to_owned()
    } else {
        format!("{alias}@{MAIL_DOMAIN}")
    }
}

/// A running client. Dropped, it is killed, and the server hears nothing.
#[derive(Debug)]
pub struct Librvp {
    alias: String,
    process: Child,
    orders: Option<ChildStdin>,
    events: Receiver<Event>,
    seen: Vec<Event>,
    directory: TempDir,
}

impl Librvp {
    fn start(account: &Account<'_>, server: SocketAddr) -> Result<Self, Failure> {
        let driver = librvp_build::driver()?;
        let directory = TempDir::new().map_err(Failure::io("making the client's directory"))?;
        let mut process = Command::new(driver)
            .env("RVP_USER", mail_name(account.alias))
            .env("RVP_PASSWORD", account.password)
            .env("RVP_HOST", server.ip().to_string())
            .env("RVP_PORT", server.port().to_string())
            .env("RVP_USER_DIR", directory.path())
            // Without a domain, even an empty one, the plugin crashes before its first NTLM message.
            .env("RVP_AUTH_DOMAIN", "")
            .env("RVP_SETTINGS", "no_upnp_nat=true")
            .envs(
                account
                    .call_back_host
                    .map(|host| ("RVP_CALL_BACK_HOST", host)),
            )
            .envs(
                account
                    .environment
                    .iter()
                    .map(|(name, value)| (*name, value)),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Failure::io("starting the client"))?;

        let (sender, events) = mpsc::channel();
        if let Some(output) = process.stdout.take() {
            thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if let Ok(event) = serde_json::from_str(&line)
                        && sender.send(Event(event)).is_err()
                    {
                        return;
                    }
                }
            });
        }
        Ok(Self {
            alias: account.alias.to_owned(),
            orders: process.stdin.take(),
            process,
            events,
            seen: Vec::new(),
            directory,
        })
    }

    /// The alias it signs on with.
    #[must_use]
    pub fn alias(&self) -> &str {
        &self.alias
    }

    /// Where its files are; received ones too.
    #[must_use]
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Gives one order, as `client/commands.c` lists them.
    ///
    /// # Errors
    /// [`Failure::Io`] if the client is gone.
    pub fn order(&mut self, line: &str) -> Result<(), Failure> {
        let what = format!("{}: giving the order {line:?}", self.alias);
        let Some(orders) = self.orders.as_mut() else {
            return Err(Failure::Unexpected(format!(
                "{what}: it was told to quit already"
            )));
        };
        writeln!(orders, "{line}")
            .and_then(|()| orders.flush())
            .map_err(Failure::io(what))
    }

    /// Sends a message to another alias.
    ///
    /// # Errors
    /// As [`Self::order`].
    pub fn send(&mut self, alias: &str, text: &str) -> Result<(), Failure> {
        self.order(&format!("send {} {text}", mail_name(alias)))
    }

    /// Sets its own state (`online`, `busy`, `away`, …).
    ///
    /// # Errors
    /// As [`Self::order`].
    pub fn set_state(&mut self, state: &str) -> Result<(), Failure> {
        self.order(&format!("status {state}"))
    }

    /// Waits for an event. What came before it is passed over.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] with everything it told so far;
    /// [`Failure::Unexpected`] if the client ended.
    pub fn expect_event(
        &mut self,
        wait: Duration,
        what: &str,
        predicate: impl Fn(&Event) -> bool,
    ) -> Result<Event, Failure> {
        let deadline = Deadline::within(wait);
        loop {
            match self.events.recv_timeout(deadline.left()) {
                Ok(event) => {
                    self.seen.push(event.clone());
                    if predicate(&event) {
                        return Ok(event);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(Failure::TimedOut {
                        what: format!("{what} at {}", self.alias),
                        waited: wait,
                        seen: format!("it told: {:#?}", self.seen),
                    });
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self
                        .process
                        .wait()
                        .map_err(Failure::io("waiting for the client"))?;
                    return Err(Failure::Unexpected(format!(
                        "{} ended ({status}) before {what}; it told: {:#?}",
                        self.alias, self.seen
                    )));
                }
            }
        }
    }

    /// Waits until it is signed on.
    ///
    /// # Errors
    /// As [`Self::expect_event`].
    pub fn signed_on(&mut self, wait: Duration) -> Result<(), Failure> {
        self.expect_event(wait, "the sign-on", |it| it.kind() == "signed-on")
            .map(drop)
    }

    /// Waits until it shows a contact in this state.
    ///
    /// # Errors
    /// As [`Self::expect_event`].
    pub fn sees(&mut self, wait: Duration, alias: &str, state: &str) -> Result<Event, Failure> {
        let who = mail_name(alias);
        self.expect_event(wait, &format!("{alias} {state}"), |it| {
            it.is("buddy-status", &[("who", &who), ("state", state)])
        })
    }

    /// Waits until it shows a message of a contact with exactly this text.
    ///
    /// # Errors
    /// As [`Self::expect_event`].
    pub fn hears(&mut self, wait: Duration, alias: &str, text: &str) -> Result<Event, Failure> {
        self.expect_event(wait, &format!("{text:?} from {alias}"), |it| {
            it.kind() == "message" && is_alias(it.get("from"), alias) && it.get("text") == text
        })
    }

    /// Logs off as a person would, and waits for the end of the process.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] if the log-off hangs or the client crashes.
    pub fn quit(mut self) -> Result<(), Failure> {
        self.order("quit")?;
        self.orders = None;
        self.expect_event(LOG_OFF, "the end of the log-off", |it| {
            matches!(it.kind(), "bye" | "log-off-hangs")
        })?;
        let status = self
            .process
            .wait()
            .map_err(Failure::io("waiting for the client"))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::Unexpected(format!(
                "{} did not log off cleanly ({status}): {:#?}",
                self.alias, self.seen
            )))
        }
    }

    /// Ends it as a power cut would: nothing is said to the server.
    ///
    /// # Errors
    /// [`Failure::Io`] if the system refuses.
    pub fn vanish(mut self) -> Result<(), Failure> {
        self.process
            .kill()
            .map_err(Failure::io("killing the client"))?;
        self.process
            .wait()
            .map_err(Failure::io("waiting for the client"))
            .map(drop)
    }
}

/// Whether a name shown by the plugin is this alias: it writes the alias alone
/// for senders it does not know as contacts.
fn is_alias(shown: &str, alias: &str) -> bool {
    shown.split('@').next() == alias.split('@').next()
}

impl Drop for Librvp {
    fn drop(&mut self) {
        // Both fail when it is gone already, which is what is wanted.
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}
