//! The command line's end of the control socket.

use super::order::{Failure, Order, Reply};
use super::socket_path;
use std::path::Path;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// Why the server could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No server runs on this directory.
    #[error("no server runs on this data directory; start it with `rollcall serve`")]
    NotRunning,
    /// It runs, but not for this user.
    #[error("cannot use the control socket: {0}; run this as the user that the server runs as")]
    Denied(std::io::Error),
    /// It broke off.
    #[error("the server broke off: {0}; look at its log")]
    Broken(String),
}

/// Sends an order to the server that runs on `directory`.
pub async fn send(directory: &Path, order: &Order) -> Result<Result<Reply, Failure>, ControlError> {
    use std::io::ErrorKind;
    let mut stream =
        UnixStream::connect(socket_path(directory))
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound | ErrorKind::ConnectionRefused => ControlError::NotRunning,
                _ => ControlError::Denied(error),
            })?;
    let broken = |error: &dyn std::fmt::Display| ControlError::Broken(error.to_string());
    let mut line = serde_json::to_vec(order).map_err(|e| broken(&e))?;
    line.push(b'\n');
    stream.write_all(&line).await.map_err(|e| broken(&e))?;
    let mut reply = Vec::new();
    stream
        .read_to_end(&mut reply)
        .await
        .map_err(|e| broken(&e))?;
    serde_json::from_slice(&reply).map_err(|e| broken(&e))
}
