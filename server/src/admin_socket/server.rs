//! The server's end of the control socket.

use super::path::SocketPath;
use crate::admin_http::{MAX_BODY, problem};
use crate::net::Acceptor;
use crate::stop::Stop;
use api::{Actor, Error, Role};
use axum::Router;
use axum::body::Body;
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

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
        router: Router,
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
            let (router, stop) = (router.clone(), stop.clone());
            let under_way = under_way.clone();
            tokio::spawn(async move {
                serve(stream, router, under_way, stop).await;
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

/// Serves one connection, which asks once.
async fn serve(stream: UnixStream, router: Router, under_way: TaskTracker, stop: Stop) {
    let name = stream
        .peer_cred()
        .map_or_else(|_| "?".to_owned(), |cred| user_name(cred.uid()));
    let actor = Actor {
        name,
        role: Role::Administrator,
        from: "command line".to_owned(),
        only: None,
    };
    let answered = Arc::new(Notify::new());
    let service = service_fn({
        let answered = answered.clone();
        move |request: Request<Incoming>| {
            let (router, actor, stop) = (router.clone(), actor.clone(), stop.clone());
            let (token, answered) = (under_way.token(), answered.clone());
            async move {
                let response = match whole(request).await {
                    Err(error) => problem(&error),
                    Ok(_) if stop.has_begun() => problem(&Error::Conflict(
                        "The server is being stopped; nothing was changed. Try again in a moment."
                            .to_owned(),
                    )),
                    Ok(mut request) => {
                        request.extensions_mut().insert(actor);
                        router.oneshot(request).await?
                    }
                };
                drop(token);
                if !is_endless(&response) {
                    answered.notify_one();
                }
                Ok::<_, Infallible>(response)
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Ok(ended),
        () = answered.notified() => tokio::time::timeout(PATIENCE, connection).await,
    };
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "an order from the command line broke off"),
        Err(_) => tracing::warn!("the command line does not take its answer"),
    }
}

/// Whether an answer goes on as long as somebody reads it.
fn is_endless(response: &Response<Body>) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE);
    media_type.is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"))
}

/// Takes a request as a whole, in its time.
async fn whole(request: Request<Incoming>) -> Result<Request<Body>, Error> {
    let (head, body) = request.into_parts();
    let body = tokio::time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await;
    match body {
        Ok(Ok(body)) => Ok(Request::from_parts(head, Body::from(body.to_bytes()))),
        Ok(Err(error)) => Err(Error::invalid(
            "",
            format!(
                "The order could not be read ({error}); nothing was changed. At most {} MiB are taken: give it in smaller parts.",
                MAX_BODY / (1024 * 1024)
            ),
        )),
        Err(_) => Err(Error::invalid(
            "",
            "The order did not come whole in its time; nothing was changed. Give it again.",
        )),
    }
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
