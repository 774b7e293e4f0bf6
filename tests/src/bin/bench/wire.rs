//! HTTP/1.1 as cheap as it can be: one buffer a connection, an answer that is looked at where
//! it lies. The load shares two cores with the server it measures.

use std::net::SocketAddr;

use ::tests::Failure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer in the connection's buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    head: &'a str,
    pub(crate) body: &'a str,
}

impl<'a> Answer<'a> {
    /// All headers of this name, given in lower case.
    pub(crate) fn headers(&self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.split("\r\n").filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// A header that holds a number.
    pub(crate) fn number(&self, name: &'a str) -> Result<u32, Failure> {
        self.headers(name)
            .find_map(|value| value.parse().ok())
            .ok_or_else(|| self.unexpected(&format!("an answer with {name}")))
    }

    /// The answer, if it has this status.
    pub(crate) fn with_status(self, status: u16) -> Result<Self, Failure> {
        if self.status == status {
            Ok(self)
        } else {
            Err(self.unexpected(&format!("status {status}")))
        }
    }

    /// That something else was expected.
    pub(crate) fn unexpected(&self, wanted: &str) -> Failure {
        Failure::Unexpected(format!(
            "expected {wanted}, got:\n{}{}",
            self.head, self.body
        ))
    }
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the answer that was given out last ends.
    used: usize,
}

impl Wire {
    /// Connects.
    pub(crate) async fn connect(to: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(to)
            .await
            .map_err(Failure::io(format!("connecting to {to}")))?;
        stream
            .set_nodelay(true)
            .map_err(Failure::io("setting TCP_NODELAY"))?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(2048),
            used: 0,
        })
    }

    /// Sends a request and reads the answer to its end.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>, Failure> {
        self.send(request).await?;
        self.answer().await
    }

    /// Sends bytes.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<(), Failure> {
        self.stream
            .write_all(request)
            .await
            .map_err(Failure::io("sending a request"))
    }

    /// Reads one answer to its end.
    pub(crate) async fn answer(&mut self) -> Result<Answer<'_>, Failure> {
        self.buffer.drain(..self.used);
        self.used = 0;
        let head = loop {
            if let Some(head) = end_of_head(&self.buffer) {
                break head;
            }
            self.read().await?;
        };
        let length = content_length(&self.buffer[..head]);
        while self.buffer.len() < head + length {
            self.read().await?;
        }
        self.used = head + length;
        let text = |bytes| {
            std::str::from_utf8(bytes)
                .map_err(|_| Failure::Unexpected("an answer is not UTF-8".to_owned()))
        };
        let head_text = text(&self.buffer[..head])?;
        let status = head_text
            .get(9..12)
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| Failure::Unexpected(format!("not HTTP: {head_text:?}")))?;
        Ok(Answer {
            status,
            head: head_text,
            body: text(&self.buffer[head..self.used])?,
        })
    }

    /// Reads what comes next of an answer without an end, up to and without `end`.
    pub(crate) async fn until(&mut self, end: &[u8]) -> Result<Vec<u8>, Failure> {
        self.buffer.drain(..self.used);
        self.used = 0;
        let mut looked_at = 0;
        loop {
            let from = looked_at.min(self.buffer.len());
            let found = self.buffer[from..]
                .windows(end.len())
                .position(|window| window == end);
            if let Some(place) = found {
                let part = self.buffer[..from + place].to_vec();
                self.used = from + place + end.len();
                return Ok(part);
            }
            looked_at = (self.buffer.len() + 1).saturating_sub(end.len());
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<(), Failure> {
        let read = self
            .stream
            .read_buf(&mut self.buffer)
            .await
            .map_err(Failure::io("reading an answer"))?;
        if read == 0 {
            return Err(Failure::Unexpected(format!(
                "the server closed the connection after {:?}",
                String::from_utf8_lossy(&self.buffer)
            )));
        }
        Ok(())
    }
}

/// How many bytes the head takes, its blank line included.
pub(crate) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let place = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(place + 4)
}

/// What `Content-Length` says; 0 if there is none.
pub(crate) fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length:";
    head.split(|byte| *byte == b'\n')
        .find(|line| {
            line.get(..NAME.len())
                .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
        })
        .and_then(|line| std::str::from_utf8(&line[NAME.len()..]).ok())
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{content_length, end_of_head};

    #[test]
    fn a_head_ends_at_its_first_blank_line() {
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\nA: b\r\n"), None);
        assert_eq!(end_of_head(b"A\r\n\r\n"), Some(5));
        assert_eq!(end_of_head(b"A\r\n\r\nbody\r\n\r\n"), Some(5));
    }

    #[test]
    fn a_length_is_found_in_any_case() {
        assert_eq!(content_length(b"X\r\ncontent-length: 12\r\n\r\n"), 12);
        assert_eq!(content_length(b"X\r\nContent-Length:7\r\n\r\n"), 7);
        assert_eq!(content_length(b"X\r\nX-Content-Length: 7\r\n\r\n"), 0);
    }
}
