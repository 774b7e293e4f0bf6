//! Where a client of a crowd is notified. It remembers the last state of each contact, with the
//! time it heard of it, and every message; it can hang, and it can be gone.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::Failure;
use tokio::time::Instant;

/// What the text of a message that is to be remembered begins with.
pub const MARK: &str = "token:";

const ANSWER: &[u8] = b"HTTP/1.1 200 Successful\r\nRVP-Notifications-Version: 0.2\r\n\r\n";

/// How long a client that hangs keeps a connection, at the most.
const HANGS: Duration = Duration::from_secs(20);

/// What a client has heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// By alias: the last state, and when.
    pub states: HashMap<String, (String, Instant)>,
    /// What followed [`MARK`].
    pub messages: HashSet<String>,
}

/// How a client listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// It takes what comes and answers.
    Answers,
    /// It takes connections and says nothing.
    Hangs,
    /// It is about to be gone.
    Gone,
}

/// A call-back that many clients can have at once: it keeps what was said last, not each byte.
#[derive(Clone, Debug)]
pub struct CallBackListener {
    heard: Arc<Mutex<Heard>>,
    behaviour: Arc<Mutex<Behaviour>>,
    /// Which listening this is: what comes to an earlier one comes to nobody.
    listening: Arc<AtomicU64>,
}

impl Default for CallBackListener {
    fn default() -> Self {
        Self::new()
    }
}

impl CallBackListener {
    /// One that does not listen yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            heard: Arc::default(),
            behaviour: Arc::new(Mutex::new(Behaviour::Gone)),
            listening: Arc::default(),
        }
    }

    /// What was heard so far.
    pub fn heard(&self) -> MutexGuard<'_, Heard> {
        lock(&self.heard)
    }

    /// Listens at a port of loopback; port 0 is any.
    ///
    /// # Errors
    /// [`Failure::Io`] if the port is taken.
    pub fn listen(&self, port: u16) -> Result<SocketAddr, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map_err(Failure::io("listening for notifications"))?;
        let address = listener
            .local_addr()
            .map_err(Failure::io("asking for the own address"))?;
        *lock(&self.behaviour) = Behaviour::Answers;
        let this = self.clone();
        let listening = self.listening.load(Ordering::SeqCst);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let behaviour = *lock(&this.behaviour);
                if behaviour == Behaviour::Gone || !this.is(listening) {
                    return;
                }
                let this = this.clone();
                thread::spawn(move || this.take(stream, behaviour, listening));
            }
        });
        Ok(address)
    }

    /// Listens at another port, as a client does that starts anew: what comes to the one before
    /// comes to nobody.
    ///
    /// # Errors
    /// As [`Self::listen`].
    pub fn listen_anew(&self) -> Result<SocketAddr, Failure> {
        // Nobody is in the middle of taking something.
        let heard = self.heard();
        self.listening.fetch_add(1, Ordering::SeqCst);
        drop(heard);
        self.listen(0)
    }

    fn is(&self, listening: u64) -> bool {
        self.listening.load(Ordering::SeqCst) == listening
    }

    /// Hangs from now on.
    pub fn hang(&self) {
        *lock(&self.behaviour) = Behaviour::Hangs;
    }

    /// Answers again after it hung.
    pub fn answer(&self) {
        *lock(&self.behaviour) = Behaviour::Answers;
    }

    /// Stops listening: who connects from now on is refused.
    pub fn close(&self, address: SocketAddr) {
        *lock(&self.behaviour) = Behaviour::Gone;
        // The thread that accepts looks at the behaviour when somebody comes.
        drop(TcpStream::connect(address));
    }

    fn take(&self, mut stream: TcpStream, behaviour: Behaviour, listening: u64) {
        let _ = stream.set_read_timeout(Some(HANGS));
        let mut bytes = Vec::with_capacity(2048);
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer) {
                Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
                _ => return,
            }
            // Whoever hangs reads on, until the server has had enough.
            if behaviour == Behaviour::Answers && is_whole(&bytes) {
                break;
            }
        }
        if !self.note(&String::from_utf8_lossy(&bytes), listening) {
            return;
        }
        // The server may have gone; the next one asks again.
        let _sent = stream.write_all(ANSWER);
    }

    /// Takes it down; false: whoever listened is gone.
    fn note(&self, notify: &str, listening: u64) -> bool {
        let mut heard = self.heard();
        if !self.is(listening) {
            return false;
        }
        if let Some(state) = between(notify, "<r:state><r:", "/>")
            && let Some(from) = between(notify, "/instmsg/aliases/", "</d:href>")
        {
            let news = (state.to_owned(), Instant::now());
            heard.states.insert(from.to_owned(), news);
        } else if let Some(message) = between(notify, MARK, "]]>") {
            heard.messages.insert(message.to_owned());
        }
        true
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What stands after `start` up to `end`, for the body of a notification.
#[must_use]
pub fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let body = text.split_once("\r\n\r\n").map_or(text, |(_, body)| body);
    body.split_once(start)?.1.split_once(end).map(|(it, _)| it)
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .and_then(|length| length.parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}
