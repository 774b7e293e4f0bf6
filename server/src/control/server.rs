//! The server's end of the control socket.

use super::order::{Failure, Order, Reply};
use super::socket_path;
use crate::orders::Orders;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use web::backend::Actor;
use web::model::Role;

/// The longest order, in bytes: a list of some hundred thousand users.
const LONGEST: u64 = 64 * 1024 * 1024;

/// How long the command line may take to send its order.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no control socket.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another server runs here.
    #[error("another server runs on the data directory {}; stop it, or name another directory with --data-dir", directory.display())]
    Running {
        /// The data directory.
        directory: PathBuf,
    },
    /// It cannot be made.
    #[error("cannot make the control socket {}: {source}; check who owns the data directory", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The bound control socket; it is removed when this is dropped.
#[derive(Debug)]
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Binds the socket in `directory`, unless a server that runs has it.
    pub async fn bind(directory: &Path) -> Result<Self, SocketError> {
        let path = socket_path(directory);
        if UnixStream::connect(&path).await.is_ok() {
            return Err(SocketError::Running {
                directory: directory.to_owned(),
            });
        }
        let io = |source| SocketError::Io {
            path: path.clone(),
            source,
        };
        // What a server that was killed left behind.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(io)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(io)?;
        Ok(Self { listener, path })
    }

    /// Carries out what comes, until `stop`.
    pub async fn serve(self, orders: Orders, stop: CancellationToken) {
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            match stream {
                Ok((stream, _)) => {
                    let orders = orders.clone();
                    tokio::spawn(async move {
                        if let Err(error) = answer(stream, &orders).await {
                            tracing::warn!(%error, "an order from the command line broke off");
                        }
                    });
                }
                Err(error) => tracing::warn!(%error, "the control socket failed"),
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // If it is gone already, so much the better.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn answer(stream: UnixStream, orders: &Orders) -> std::io::Result<()> {
    let name = stream
        .peer_cred()
        .map_or_else(|_| "?".to_owned(), |cred| user_name(cred.uid()));
    let actor = Actor {
        name,
        role: Role::Administrator,
        from: "command line".to_owned(),
    };
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    tokio::time::timeout(
        PATIENCE,
        BufReader::new(read.take(LONGEST)).read_line(&mut line),
    )
    .await??;
    let reply = match serde_json::from_str::<Order>(&line) {
        Ok(order) => orders.carry_out(&actor, order).await,
        Err(error) => Err(Failure(format!(
            "The server does not understand this order ({error}). Use the program of the same version."
        ))),
    };
    let mut text = serde_json::to_vec::<Result<Reply, Failure>>(&reply)?;
    text.push(b'\n');
    write.write_all(&text).await
}

/// The system's name of a user, for the audit; the number where there is none.
fn user_name(uid: u32) -> String {
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {uid}"))
}
