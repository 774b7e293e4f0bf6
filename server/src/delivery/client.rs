//! One NOTIFY to one client.
//!
//! Written by hand because the clients read it by hand: canonical header names, one
//! connection each, and an answer that ends with its headers, as they name no length and some
//! of them leave the connection open.

use crate::timeouts::Timeouts;
use bytes::Bytes;
use rustix::io::Errno;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

/// The longest answer head that is read, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// The pause before another try when this machine had no room for a connection.
const PAUSE: Duration = Duration::from_millis(50);

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
    /// This server had no room for another connection: that says nothing of the client.
    NoRoom,
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
            Self::NoRoom => "no_room",
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
    let mut stream = match connect(address, limits).await {
        Ok(stream) => stream,
        Err(outcome) => return outcome,
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
    connect(address, limits).await.is_ok()
}

/// Connects. What this machine runs out of is waited for.
async fn connect(address: SocketAddr, limits: Timeouts) -> Result<TcpStream, Outcome> {
    let end = Instant::now() + limits.connect;
    loop {
        match timeout_at(end, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) if is_ours(&error) => {
                tracing::debug!(%address, %error, "no room for a connection to a call-back");
                if Instant::now() + PAUSE >= end {
                    return Err(Outcome::NoRoom);
                }
                sleep(PAUSE).await;
            }
            Ok(Err(_)) | Err(_) => return Err(Outcome::Unreachable),
        }
    }
}

/// Whether a connection failed for want of something on this machine: file handles, memory, ports.
fn is_ours(error: &io::Error) -> bool {
    let ours = [
        Errno::MFILE,
        Errno::NFILE,
        Errno::NOBUFS,
        Errno::NOMEM,
        Errno::ADDRNOTAVAIL,
    ];
    Errno::from_io_error(error).is_some_and(|errno| ours.contains(&errno))
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
    use super::{is_ours, status};
    use std::io;

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

    #[test]
    fn what_this_machine_lacks_is_no_fault_of_the_client() {
        for (errno, ours) in [
            (24, true),
            (23, true),
            (99, true),
            (111, false),
            (113, false),
        ] {
            assert_eq!(
                is_ours(&io::Error::from_raw_os_error(errno)),
                ours,
                "{errno}"
            );
        }
    }
}
