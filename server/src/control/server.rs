//! The server's end of the control socket.

use super::order::{Failure, Order, Reply};
use super::path::SocketPath;
use crate::admin::Admin;
use crate::net::Acceptor;
use crate::stop::Stop;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use web::backend::Actor;
use web::model::Role;

/// The longest order, in bytes: a list of some hundred thousand users.
const LONGEST: u64 = 64 * 1024 * 1024;

/// How long the command line may take to send its order, and to take the answer.
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
        source: io::Error,
    },
}

/// The bound control socket; it is removed when this is dropped.
#[derive(Debug)]
pub struct ControlSocket {
    acceptor: Acceptor<UnixListener>,
    path: SocketPath,
}

impl ControlSocket {
    /// Binds the socket in `directory`, unless a server that runs has it.
    pub async fn bind(directory: &Path) -> Result<Self, SocketError> {
        let path = SocketPath::in_directory(directory);
        let running = match UnixStream::connect(path.short()).await {
            Ok(_) => true,
            // It has more to do than it can: all the same it runs.
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        };
        if running {
            return Err(SocketError::Running {
                directory: directory.to_owned(),
            });
        }
        let io = |source| SocketError::Io {
            path: path.real().to_owned(),
            source,
        };
        // What a server that was killed left behind.
        match std::fs::remove_file(path.real()) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        let listener = UnixListener::bind(path.short()).map_err(io)?;
        std::fs::set_permissions(path.real(), std::fs::Permissions::from_mode(0o600))
            .map_err(io)?;
        Ok(Self {
            acceptor: Acceptor::new(listener, "control"),
            path,
        })
    }

    /// Carries out what comes, so many at once, until `closed`; once the end has begun it is
    /// refused. `under_way` holds the orders that are being carried out.
    pub async fn serve(
        mut self,
        admin: Admin,
        at_once: usize,
        under_way: TaskTracker,
        stop: Stop,
        closed: CancellationToken,
    ) {
        let places = Arc::new(Semaphore::new(at_once));
        loop {
            let accepted = async {
                // Whoever has to wait gives up after a time of its own.
                let place = places.clone().acquire_owned().await;
                (self.acceptor.next().await.0, place)
            };
            let (stream, place) = tokio::select! {
                accepted = accepted => accepted,
                () = closed.cancelled() => return,
            };
            let (admin, stop) = (admin.clone(), stop.clone());
            let under_way = under_way.clone();
            tokio::spawn(async move {
                if let Err(error) = answer(stream, &admin, &under_way, &stop).await {
                    tracing::warn!(%error, "an order from the command line broke off");
                }
                drop(place);
            });
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // If it is gone already, so much the better.
        let _ = std::fs::remove_file(self.path.real());
    }
}

async fn answer(
    stream: UnixStream,
    admin: &Admin,
    under_way: &TaskTracker,
    stop: &Stop,
) -> io::Result<()> {
    let name = stream
        .peer_cred()
        .map_or_else(|_| "?".to_owned(), |cred| user_name(cred.uid()));
    let actor = Actor {
        name,
        role: Role::Administrator,
        from: "command line".to_owned(),
    };
    let (read, mut write) = stream.into_split();
    let mut line = Vec::new();
    let mut read = BufReader::new(read.take(LONGEST));
    within(PATIENCE, read.read_until(b'\n', &mut line)).await?;
    let reply = match line.pop() {
        // Somebody looked whether a server runs.
        None => return Ok(()),
        Some(b'\n') if stop.has_begun() => Err(Failure(
            "The server is being stopped; nothing was changed. Try again in a moment.".to_owned(),
        )),
        Some(b'\n') => {
            let _token = under_way.token();
            carry_out(admin, &actor, &line).await
        }
        Some(_) if line.len() as u64 + 1 >= LONGEST => Err(Failure(format!(
            "The order is larger than {} MiB; nothing was changed. Give it in smaller parts.",
            LONGEST / (1024 * 1024)
        ))),
        Some(_) => return Err(ErrorKind::UnexpectedEof.into()),
    };
    let mut text = serde_json::to_vec::<Result<Reply, Failure>>(&reply)?;
    text.push(b'\n');
    within(PATIENCE, write.write_all(&text)).await
}

async fn carry_out(admin: &Admin, actor: &Actor, line: &[u8]) -> Result<Reply, Failure> {
    match serde_json::from_slice::<Order>(line) {
        Ok(order) => admin.carry_out(actor, order).await,
        Err(error) => Err(Failure(format!(
            "The server does not understand this order ({error}). Use the program of the same version."
        ))),
    }
}

async fn within<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(time, work)
        .await
        .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
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
