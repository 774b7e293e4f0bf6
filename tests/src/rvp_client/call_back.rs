//! The other half of an RVP client: the address it is notified at. It keeps
//! every NOTIFY to the byte and answers as told.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::http::{end_of_head, header_values};
use crate::{Deadline, Failure};

/// How a call-back answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// These bytes, then the connection is closed.
    Close(Vec<u8>),
    /// These bytes, and the connection stays open, as that of `Net::RVP` does.
    KeepOpen(Vec<u8>),
    /// Nothing, and the connection stays open.
    Hang,
    /// Nothing, and the connection is closed.
    HangUp,
    /// These bytes, then the others again and again without end.
    Endless {
        /// What comes once.
        start: Vec<u8>,
        /// What comes for ever.
        again: Vec<u8>,
        /// The pause before each time.
        pause: Duration,
    },
}

impl Answer {
    /// What librvp says: no `Content-Length`, connection closed.
    #[must_use]
    pub fn successful() -> Self {
        Self::Close(b"HTTP/1.1 200 Successful\r\nRVP-Notifications-Version: 0.2\r\n\r\n".to_vec())
    }

    /// A status without a body, connection closed.
    #[must_use]
    pub fn status(code: u16) -> Self {
        Self::Close(format!("HTTP/1.1 {code} Answer\r\nContent-Length: 0\r\n\r\n").into_bytes())
    }
}

/// One NOTIFY, as it came.
#[derive(Debug, Clone)]
pub struct Received {
    /// The head to the byte, blank line included.
    pub head: String,
    /// The body to the byte.
    pub body: Vec<u8>,
}

impl Received {
    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header_values(&self.head, name).first().copied()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether it tells that the principal's state is now `state`.
    #[must_use]
    pub fn tells_state(&self, principal: &str, state: &str) -> bool {
        let body = self.text();
        body.contains("propnotification")
            && body.contains(&format!("<d:href>{principal}</d:href>"))
            && body.contains(&format!("<r:state><r:{state}/></r:state>"))
    }
}

/// A listener for NOTIFYs on the loopback.
#[derive(Debug)]
pub struct CallBack {
    address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    received: Receiver<Received>,
    seen: Vec<Received>,
}

impl CallBack {
    /// Listens on a free port and answers as librvp does.
    ///
    /// # Errors
    /// [`Failure::Io`] if no port is free.
    pub fn listen() -> Result<Self, Failure> {
        Self::listen_at(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// As [`Self::listen`] at a given address.
    ///
    /// # Errors
    /// [`Failure::Io`] if it is taken.
    pub fn listen_at(address: SocketAddr) -> Result<Self, Failure> {
        let listener =
            TcpListener::bind(address).map_err(Failure::io("listening for call-backs"))?;
        let address = listener
            .local_addr()
            .map_err(Failure::io("listening for call-backs"))?;
        let answer = Arc::new(Mutex::new(Answer::successful()));
        let (sender, received) = mpsc::channel();
        let answers = Arc::clone(&answer);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sender, answers) = (sender.clone(), Arc::clone(&answers));
                thread::spawn(move || serve(stream, &sender, &answers));
            }
        });
        Ok(Self {
            address,
            answer,
            received,
            seen: Vec::new(),
        })
    }

    /// A URL as clients send it in `Call-Back`: no path, no slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on, answer so.
    pub fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// Waits for a NOTIFY. What came before it is passed over.
    ///
    /// # Errors
    /// [`Failure::TimedOut`] with all that came.
    pub fn expect(
        &mut self,
        wait: Duration,
        what: &str,
        predicate: impl Fn(&Received) -> bool,
    ) -> Result<Received, Failure> {
        let deadline = Deadline::within(wait);
        loop {
            match self.received.recv_timeout(deadline.left()) {
                Ok(notify) => {
                    self.seen.push(notify.clone());
                    if predicate(&notify) {
                        return Ok(notify);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let seen: Vec<_> = self.seen.iter().map(Received::text).collect();
                    return Err(Failure::TimedOut {
                        what: format!("{what} at the call-back"),
                        waited: wait,
                        seen: format!("it got: {seen:#?}"),
                    });
                }
            }
        }
    }

    /// Waits until the principal's state is told.
    ///
    /// # Errors
    /// As [`Self::expect`].
    pub fn expect_state(
        &mut self,
        wait: Duration,
        principal: &str,
        state: &str,
    ) -> Result<Received, Failure> {
        self.expect(wait, &format!("{principal} {state}"), |it| {
            it.tells_state(principal, state)
        })
    }

    /// Everything that has come by now and was not looked at yet.
    pub fn drain(&mut self) -> Vec<Received> {
        let new: Vec<_> = self.received.try_iter().collect();
        self.seen.extend(new.iter().cloned());
        new
    }
}

fn serve(mut stream: TcpStream, sender: &Sender<Received>, answers: &Mutex<Answer>) {
    while let Some(notify) = read(&mut stream) {
        // The test may have ended; its client still answers.
        let _unheard = sender.send(notify);
        let answer = answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match answer {
            Answer::Close(bytes) => {
                let _gone = stream.write_all(&bytes);
                return;
            }
            Answer::KeepOpen(bytes) => {
                let _gone = stream.write_all(&bytes);
            }
            Answer::Hang => {}
            Answer::HangUp => return,
            Answer::Endless {
                start,
                again,
                pause,
            } => {
                let mut sent = stream.write_all(&start);
                while sent.is_ok() {
                    thread::sleep(pause);
                    sent = stream.write_all(&again);
                }
                return;
            }
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(end) = end_of_head(&bytes) {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = header_values(&head, "Content-Length")
                .first()
                .and_then(|it| it.parse::<usize>().ok())
                .unwrap_or(0);
            if bytes.len() >= end + length {
                let body = bytes[end..end + length].to_vec();
                return Some(Received { head, body });
            }
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}
