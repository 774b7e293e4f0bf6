//! Where a client is notified. It remembers the last state of each contact, with the time it
//! heard of it, and every message; it can hang, and it can be gone.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tests::Failure;
use tokio::time::Instant;

const ANSWER: &[u8] = b"HTTP/1.1 200 Successful\r\nRVP-Notifications-Version: 0.2\r\n\r\n";

/// How long a client that hangs keeps a connection, at the most.
const HANGS: Duration = Duration::from_secs(20);

/// What a client has heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// By alias: the last state, and when.
    pub(crate) states: HashMap<String, (String, Instant)>,
    pub(crate) messages: HashSet<String>,
}

/// How a client listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It takes what comes and answers.
    Answers,
    /// It takes connections and says nothing.
    Hangs,
    /// It is about to be gone.
    Gone,
}

/// An ear.
#[derive(Clone, Debug)]
pub(crate) struct Ear {
    heard: Arc<Mutex<Heard>>,
    mood: Arc<Mutex<Mood>>,
}

impl Ear {
    pub(crate) fn new() -> Self {
        Self {
            heard: Arc::default(),
            mood: Arc::new(Mutex::new(Mood::Gone)),
        }
    }

    /// What was heard so far.
    pub(crate) fn heard(&self) -> MutexGuard<'_, Heard> {
        lock(&self.heard)
    }

    /// Listens at an address; port 0 is any.
    pub(crate) fn listen(&self, port: u16) -> Result<SocketAddr, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .map_err(Failure::io("listening for notifications"))?;
        let address = listener
            .local_addr()
            .map_err(Failure::io("asking for the own address"))?;
        *lock(&self.mood) = Mood::Answers;
        let ear = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mood = *lock(&ear.mood);
                match mood {
                    Mood::Gone => return,
                    Mood::Answers | Mood::Hangs => {
                        let ear = ear.clone();
                        thread::spawn(move || ear.take(stream, mood));
                    }
                }
            }
        });
        Ok(address)
    }

    /// Hangs from now on.
    pub(crate) fn hang(&self) {
        *lock(&self.mood) = Mood::Hangs;
    }

    /// Answers again after it hung.
    pub(crate) fn answer(&self) {
        *lock(&self.mood) = Mood::Answers;
    }

    /// Stops listening: who connects from now on is refused.
    pub(crate) fn close(&self, address: SocketAddr) {
        *lock(&self.mood) = Mood::Gone;
        // The thread that accepts looks at the mood when somebody comes.
        drop(TcpStream::connect(address));
    }

    fn take(&self, mut stream: TcpStream, mood: Mood) {
        let _ = stream.set_read_timeout(Some(HANGS));
        let mut bytes = Vec::with_capacity(2048);
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer) {
                Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
                _ => return,
            }
            // Whoever hangs reads on, until the server has had enough.
            if mood == Mood::Answers && is_whole(&bytes) {
                break;
            }
        }
        self.note(&String::from_utf8_lossy(&bytes));
        // The server may have gone; the next one asks again.
        let _sent = stream.write_all(ANSWER);
    }

    fn note(&self, notify: &str) {
        let mut heard = self.heard();
        if let Some(state) = between(notify, "<r:state><r:", "/>")
            && let Some(from) = between(notify, "/instmsg/aliases/", "</d:href>")
        {
            let news = (state.to_owned(), Instant::now());
            heard.states.insert(from.to_owned(), news);
        } else if let Some(message) = between(notify, "soak:", "]]>") {
            heard.messages.insert(message.to_owned());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What stands after `start` up to `end`, for the body of a notification.
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
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
