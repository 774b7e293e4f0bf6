//! HTTP/1.1 to the byte: requests are written as told, answers are kept whole.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::Failure;

/// How long an answer may take before a test calls it a hang. Clients of the
/// time give up after 30 s (observed: librvp).
const ANSWER: Duration = Duration::from_secs(30);

/// A request whose headers are sent in the order and spelling they were added.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    line_end: &'static str,
    length: bool,
}

impl Request {
    /// A request with no header but `Content-Length`.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            line_end: "\r\n",
            length: true,
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The target as it stands in the request line.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Its body; XML gets its `Content-Type` by the caller.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Ends header lines with a bare LF, as Miranda does.
    #[must_use]
    pub const fn bare_line_feeds(mut self) -> Self {
        self.line_end = "\n";
        self
    }

    /// Sends no `Content-Length`, as `Net::RVP` does without a body.
    #[must_use]
    pub const fn without_length(mut self) -> Self {
        self.length = false;
        self
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let end = self.line_end;
        let mut head = format!("{} {} HTTP/1.1{end}", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}{end}"));
        }
        if self.length {
            head.push_str(&format!("Content-Length: {}{end}", self.body.len()));
        }
        head.push_str(end);
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// A message head and its body, as they came.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The head to the byte, blank line included.
    pub head: String,
    /// The body to the byte.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// All headers of this name, in any case, in their order.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        header_values(&self.head, name)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The values of a header in a head, name in any case.
pub(crate) fn header_values<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .filter(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .collect()
}

/// One TCP connection to the server.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// [`Failure::Io`] if nobody listens there.
    pub fn open(server: SocketAddr) -> Result<Self, Failure> {
        Self::open_within(server, ANSWER)
    }

    /// As [`Self::open`], for who does not wait until the system has room for one more that the
    /// server has yet to accept.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_within(server: SocketAddr, wait: Duration) -> Result<Self, Failure> {
        let stream = TcpStream::connect_timeout(&server, wait)
            .map_err(Failure::io(format!("connecting to {server}")))?;
        stream
            .set_read_timeout(Some(ANSWER))
            .map_err(Failure::io("setting a time-out"))?;
        stream
            .set_nodelay(true)
            .map_err(Failure::io("switching Nagle off"))?;
        Ok(Self {
            stream,
            unread: Vec::new(),
        })
    }

    /// The address it speaks from.
    ///
    /// # Errors
    /// [`Failure::Io`] if the connection is gone.
    pub fn local(&self) -> Result<SocketAddr, Failure> {
        self.stream
            .local_addr()
            .map_err(Failure::io("the connection's own address"))
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// [`Failure::Io`] if the server closed.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.stream.write_all(bytes).map_err(Failure::io("sending"))
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// As [`Self::write`] and [`Self::read`].
    pub fn send(&mut self, request: &Request) -> Result<Response, Failure> {
        self.write(&request.to_bytes())?;
        self.read()
    }

    /// Reads one answer, by its `Content-Length`; by the end of the connection
    /// where it has none.
    ///
    /// # Errors
    /// [`Failure::Io`] on a time-out, [`Failure::Unexpected`] if what comes is
    /// no HTTP or is cut off.
    pub fn read(&mut self) -> Result<Response, Failure> {
        let head = loop {
            if let Some(end) = end_of_head(&self.unread) {
                break self.take(end)?;
            }
            if !self.more()? {
                return Err(Failure::Unexpected(format!(
                    "the server closed the connection after {:?}",
                    String::from_utf8_lossy(&self.unread)
                )));
            }
        };
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head
            .split_ascii_whitespace()
            .nth(1)
            .and_then(|it| it.parse().ok())
            .ok_or_else(|| Failure::Unexpected(format!("no status line: {head:?}")))?;
        let length = header_values(&head, "Content-Length")
            .first()
            .map(|it| it.parse::<usize>());
        let body = match length {
            Some(Ok(length)) => {
                while self.unread.len() < length {
                    if !self.more()? {
                        return Err(Failure::Unexpected(format!(
                            "the body was cut off after {head:?}"
                        )));
                    }
                }
                self.take(length)?
            }
            Some(Err(error)) => return Err(Failure::Unexpected(format!("{error} in {head:?}"))),
            None => {
                while self.more()? {}
                std::mem::take(&mut self.unread)
            }
        };
        Ok(Response { status, head, body })
    }

    /// Whether the server has closed its side; waits for it up to the time-out.
    ///
    /// # Errors
    /// [`Failure::Io`] on a time-out.
    pub fn is_closed(&mut self) -> Result<bool, Failure> {
        Ok(self.unread.is_empty() && !self.more()?)
    }

    fn take(&mut self, count: usize) -> Result<Vec<u8>, Failure> {
        let rest = self.unread.split_off(count);
        Ok(std::mem::replace(&mut self.unread, rest))
    }

    fn more(&mut self) -> Result<bool, Failure> {
        let mut buffer = [0; 8192];
        match self.stream.read(&mut buffer) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.unread.extend_from_slice(&buffer[..count]);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(false),
            Err(error) => Err(Failure::Io {
                what: format!("reading; {} bytes came before", self.unread.len()),
                source: error,
            }),
        }
    }
}

/// The length of a complete head in `bytes`, blank line included.
pub(crate) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let strict = bytes
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .map(|at| at + 4);
    let lenient = bytes
        .windows(2)
        .position(|it| it == b"\n\n")
        .map(|at| at + 2);
    match (strict, lenient) {
        (Some(strict), Some(lenient)) => Some(strict.min(lenient)),
        (strict, lenient) => strict.or(lenient),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_as_told() {
        let request = Request::new("NOTIFY", "/x").header("host", "h").body("ab");
        assert_eq!(
            request.to_bytes(),
            b"NOTIFY /x HTTP/1.1\r\nhost: h\r\nContent-Length: 2\r\n\r\nab"
        );
        let bare = Request::new("ACL", "/x").bare_line_feeds().without_length();
        assert_eq!(bare.to_bytes(), b"ACL /x HTTP/1.1\n\n");
    }

    #[test]
    fn a_head_ends_at_the_first_blank_line() {
        assert_eq!(end_of_head(b"A\r\nB\r\n\r\nrest\n\n"), Some(8));
        assert_eq!(end_of_head(b"A\nB\n\nrest"), Some(5));
        assert_eq!(end_of_head(b"A\r\nB\r\n"), None);
    }
}
