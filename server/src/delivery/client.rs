//! One NOTIFY to one client.
//!
//! Written by hand because the clients read it by hand: canonical header names, one
//! connection each, and an answer that ends with its headers, as they name no length and some
//! of them leave the connection open.

use crate::timeouts::Timeouts;
use bytes::Bytes;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The longest answer head that is read, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// What became of a NOTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client answered with this status.
    Answered(u16),
    /// It cannot be connected: nobody listens, or the machine is off.
    Unreachable,
    /// It was connected, but no answer came in time.
    TimedOut,
    /// The connection broke, or what came was no HTTP.
    Broken,
}

impl Outcome {
    /// The client has taken it.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }

    /// The client is there, whatever it thinks of what it got.
    #[must_use]
    pub const fn is_alive(self) -> bool {
        matches!(self, Self::Answered(_))
    }

    /// A label for counters.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Answered(200..=299) => "delivered",
            Self::Answered(_) => "refused",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Broken => "broken",
        }
    }
}

/// Sends head and body on a connection of its own, and reads the status of the answer.
pub(super) async fn notify(
    address: SocketAddr,
    head: &str,
    body: &Bytes,
    limits: Timeouts,
) -> Outcome {
    let Some(mut stream) = connect(address, limits).await else {
        return Outcome::Unreachable;
    };
    // Small writes that nobody should wait for.
    let _ = stream.set_nodelay(true);
    match tokio::time::timeout(limits.answer, exchange(&mut stream, head, body)).await {
        Ok(Some(status)) => Outcome::Answered(status),
        Ok(None) => Outcome::Broken,
        Err(_) => Outcome::TimedOut,
    }
}

/// Whether somebody listens there. Nothing is sent.
pub(super) async fn listens(address: SocketAddr, limits: Timeouts) -> bool {
    connect(address, limits).await.is_some()
}

async fn connect(address: SocketAddr, limits: Timeouts) -> Option<TcpStream> {
    tokio::time::timeout(limits.connect, TcpStream::connect(address))
        .await
        .ok()?
        .ok()
}

async fn exchange(stream: &mut TcpStream, head: &str, body: &Bytes) -> Option<u16> {
    let mut request = Vec::with_capacity(head.len() + body.len());
    request.extend_from_slice(head.as_bytes());
    request.extend_from_slice(body);
    stream.write_all(&request).await.ok()?;
    let mut answer = Vec::with_capacity(512);
    loop {
        if stream.read_buf(&mut answer).await.ok()? == 0 {
            // Closed: a status line without the blank line is still an answer.
            answer.extend_from_slice(b"\r\n\r\n");
            return status(&answer);
        }
        if let Some(status) = status(&answer) {
            return Some(status);
        }
        if answer.len() > LONGEST_HEAD {
            return None;
        }
    }
}

/// The status, once the head of the answer is complete. Bare line feeds are taken (Miranda).
fn status(answer: &[u8]) -> Option<u16> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(answer) {
        Ok(httparse::Status::Complete(_)) => response.code,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn reads_what_clients_answer() {
        assert_eq!(
            status(b"HTTP/1.1 200 Successful\r\nRVP-Notifications-Version: 0.2\r\n\r\n"),
            Some(200)
        );
        assert_eq!(
            status(b"HTTP/1.1 200 OK\nContent-Length: 5\n\n<html"),
            Some(200)
        );
        assert_eq!(status(b"HTTP/1.1 500 \r\n\r\n"), Some(500));
        assert_eq!(status(b"HTTP/1.1 200 OK\r\nContent"), None);
        assert_eq!(status(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), None);
    }
}
