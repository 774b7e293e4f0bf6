//! Serving HTTP/1.1 on one listener, within its bounds, to its end.

use super::limiter::Admitted;
use super::slow_client::{Answering, Progress, SlowClientTimeout};
use super::{Acceptor, ClientBody, ConnectionLimiter};
use crate::config::ListenerLimits;
use crate::stop::Stop;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

/// How long a request may still come on a connection that is open when the end begins: it may
/// be on its way.
const LAST_CALL: Duration = Duration::from_millis(250);

/// A listener and its bounds.
pub(crate) struct Listener {
    /// Bound.
    pub(crate) socket: TcpListener,
    /// Which one, for the log and the figures.
    pub(crate) name: &'static str,
    /// What it allows.
    pub(crate) limits: ListenerLimits,
    /// The largest head of a request, in bytes.
    pub(crate) largest_head: usize,
    /// The most headers in it.
    pub(crate) most_headers: usize,
    /// Addresses that speak for many, and may have as many connections as there is room for.
    pub(crate) proxies: Arc<[IpNet]>,
}

/// Serves the listener until the end. `connect` makes what answers the requests of one
/// connection; an answer that is an error ends it.
pub(crate) async fn serve<H, A, B, E>(
    listener: Listener,
    stop: Stop,
    connect: impl Fn(SocketAddr) -> H,
) where
    H: Fn(Request<ClientBody>) -> A + Send + 'static,
    A: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
{
    let Listener {
        socket,
        name,
        limits,
        largest_head,
        most_headers,
        proxies,
    } = listener;
    let limiter = Arc::new(ConnectionLimiter::new(
        limits.connections,
        limits.connections_per_address,
        proxies,
    ));
    let mut acceptor = Acceptor::new(socket, name);
    let connections = TaskTracker::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.times.idle)
        .max_headers(most_headers)
        .max_buf_size(largest_head)
        // RVP clients compare header names with their own spelling of them.
        .title_case_headers(true);
    let admit = |stream: TcpStream, peer: SocketAddr, place| {
        let Some(admitted) = limiter.admit(peer.ip(), place) else {
            metrics::counter!("rollcall_connections_refused_total", "listener" => name)
                .increment(1);
            tracing::debug!(%peer, listener = name, "too many connections from this address: one was closed");
            return;
        };
        let connection = Connection {
            stream,
            peer,
            limits,
            stop: stop.clone(),
            _admitted: admitted,
        };
        connections.spawn(connection.run(http.clone(), connect(peer)));
    };
    loop {
        let accepted = async {
            // Meanwhile the system keeps those who connect waiting, which is better than an end
            // they cannot explain.
            let place = limiter.room().await;
            (acceptor.next().await, place)
        };
        tokio::select! {
            ((stream, peer), place) = accepted => {
                if let Some(place) = place {
                    admit(stream, peer, place);
                }
            }
            () = stop.begun() => break,
        }
    }
    // Who has connected already was promised to be served.
    while let Some(place) = limiter.room_now()
        && let Some((stream, peer)) = acceptor.waiting()
    {
        admit(stream, peer, place);
    }
    drop(acceptor);
    connections.close();
    connections.wait().await;
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    limits: ListenerLimits,
    stop: Stop,
    _admitted: Admitted,
}

impl Connection {
    /// Serves it to its end.
    async fn run<H, A, B, E>(self, http: http1::Builder, answer: H)
    where
        H: Fn(Request<ClientBody>) -> A + Send + 'static,
        A: Future<Output = Result<Response<B>, E>> + Send + 'static,
        B: Body<Data = Bytes> + Unpin + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        let (peer, stop, times) = (self.peer, &self.stop, self.limits.times);
        // Answers are small, and clients wait for each.
        let _ = self.stream.set_nodelay(true);
        let progress = Progress::default();
        let stream = SlowClientTimeout::new(self.stream, progress.clone(), times);
        let begun = progress.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let answering = begun.answering();
            let body = |body| ClientBody::new(body, times.body, begun.clone());
            let answer = answer(request.map(body));
            async move {
                let response = answer.await?;
                Ok::<_, E>(response.map(|body| Answered {
                    body,
                    _answering: answering,
                }))
            }
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let result = tokio::select! {
            result = connection.as_mut() => result,
            () = stop.begun() => {
                let last_call = tokio::time::timeout(LAST_CALL, connection.as_mut()).await;
                if let Ok(result) = last_call {
                    result
                } else {
                    if progress.is_idle() {
                        return;
                    }
                    connection.as_mut().graceful_shutdown();
                    let given_up = async {
                        stop.late().await;
                        if progress.is_answering() {
                            stop.over().await;
                        }
                    };
                    tokio::select! {
                        result = connection => result,
                        () = given_up => {
                            tracing::debug!(%peer, "a connection was cut off by the end of the server");
                            return;
                        }
                    }
                }
            }
        };
        if let Err(error) = result {
            tracing::debug!(%peer, %error, "a connection ended");
        }
    }
}

/// A body that belongs to a request which is being answered as long as there is more of it.
struct Answered<B> {
    body: B,
    _answering: Answering,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answered<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
