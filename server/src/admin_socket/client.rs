//! The command line's end of the control socket.

use super::path::SocketPath;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;

/// The pause before it is tried again to connect to a server that has too many to answer.
const PAUSE: Duration = Duration::from_millis(50);

/// Why the server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No server runs on this directory.
    #[error("no server runs on this data directory; start it with `rollcall serve`")]
    NotRunning,
    /// It runs, but not for this user.
    #[error(
        "this user may not use the control socket {}; run this as the user that the server runs as",
        .0.display()
    )]
    Denied(PathBuf),
    /// It cannot be used.
    #[error("cannot use the control socket {}: {source}; see what is there, and whether the server runs", path.display())]
    Unusable {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It does not take the order.
    #[error(
        "the server{server} did not take the order within {seconds} s, so nothing was changed; see whether it still works or is stopped, start it anew if not, or wait longer with --timeout"
    )]
    NotTaken {
        /// Which process.
        server: ProcessName,
        /// How long it was waited for.
        seconds: u64,
    },
    /// It does not answer.
    #[error(
        "the server{server} took the order and did not answer within {seconds} s: the order may have been carried out or not, or may be later, so look what is there before you give it again; see whether the server still works or is stopped, start it anew if not, or wait longer with --timeout"
    )]
    NotAnswered {
        /// Which process.
        server: ProcessName,
        /// How long it was waited for.
        seconds: u64,
    },
    /// It broke off.
    #[error(
        "the server broke off before it answered ({0}): the order may have been carried out or not, so look what is there before you give it again; the server's log says more"
    )]
    Broken(String),
}

/// The number of a process, if it is known, as a text speaks of it.
#[derive(Clone, Copy, Debug)]
pub struct ProcessName(Option<i32>);

impl std::fmt::Display for ProcessName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(id) => write!(f, " (process {id})"),
            None => Ok(()),
        }
    }
}

/// Asks the server that runs on `directory`, and waits so long for its answer.
pub async fn ask(
    directory: &Path,
    request: Request<Full<Bytes>>,
    within: Duration,
) -> Result<Response<Bytes>, ControlError> {
    let not_answered = |server| ControlError::NotAnswered {
        server,
        seconds: within.as_secs(),
    };
    let (server, response) = begin(directory, request, within).await?;
    let (head, body) = response.into_parts();
    match tokio::time::timeout(within, body.collect()).await {
        Ok(Ok(body)) => Ok(Response::from_parts(head, body.to_bytes())),
        Ok(Err(error)) => Err(ControlError::Broken(error.to_string())),
        Err(_) => Err(not_answered(server)),
    }
}

/// Asks the server that runs on `directory`, and waits so long for the beginning of its answer.
pub async fn follow(
    directory: &Path,
    request: Request<Full<Bytes>>,
    within: Duration,
) -> Result<Response<Incoming>, ControlError> {
    let (_, response) = begin(directory, request, within).await?;
    Ok(response)
}

async fn begin(
    directory: &Path,
    request: Request<Full<Bytes>>,
    within: Duration,
) -> Result<(ProcessName, Response<Incoming>), ControlError> {
    let seconds = within.as_secs();
    let broken = |error: hyper::Error| ControlError::Broken(error.to_string());
    let Ok(stream) = tokio::time::timeout(within, connect(directory)).await else {
        let server = ProcessName(None);
        return Err(ControlError::NotTaken { server, seconds });
    };
    let stream = stream?;
    let credentials = stream.peer_cred().ok();
    let server = ProcessName(credentials.and_then(|it| it.pid()));
    let answer = async {
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It lives as long as the answer is read.
        tokio::spawn(connection);
        sender.send_request(request).await
    };
    match tokio::time::timeout(within, answer).await {
        Ok(answer) => Ok((server, answer.map_err(broken)?)),
        Err(_) => Err(ControlError::NotAnswered { server, seconds }),
    }
}

async fn connect(directory: &Path) -> Result<UnixStream, ControlError> {
    let path = SocketPath::in_directory(directory);
    loop {
        match UnixStream::connect(path.short()).await {
            Ok(stream) => return Ok(stream),
            // More wait to be accepted than the system keeps in line.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(refused(path.real(), error)),
        }
    }
}

fn refused(path: &Path, source: io::Error) -> ControlError {
    match source.kind() {
        // No file, or one that a server left behind which was killed.
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => ControlError::NotRunning,
        ErrorKind::PermissionDenied => ControlError::Denied(path.to_owned()),
        _ => ControlError::Unusable {
            path: path.to_owned(),
            source,
        },
    }
}
