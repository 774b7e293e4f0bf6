//! One TCP connection of a client: HTTP/1.1 as clients of the time need it.

use super::authenticate::NtlmConnection;
use super::limits::{Allowance, Gate, Patience, Progress};
use super::router::Rvp;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The largest head of a request that is read, in bytes. Those of the clients are below 2 KiB.
const LARGEST_HEAD: usize = 32 * 1024;

/// The most headers in it.
const MOST_HEADERS: usize = 64;

/// The pause after the system could not accept a connection (no file descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves the listener until `stop`, then lets requests that are under way end.
pub async fn serve(
    listener: TcpListener,
    rvp: Arc<Rvp>,
    allowance: Allowance,
    stop: CancellationToken,
) {
    let connections = TaskTracker::new();
    let gate = Arc::new(Gate::new(
        allowance.connections,
        allowance.connections_per_address,
    ));
    loop {
        let accepted = async {
            let place = gate.room().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accepted => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Some(admission) = place.and_then(|place| gate.admit(peer.ip(), place)) else {
            metrics::counter!("rollcall_connections_refused_total").increment(1);
            tracing::debug!(%peer, "too many connections from this address: one was closed");
            continue;
        };
        let (rvp, stop) = (rvp.clone(), stop.clone());
        connections.spawn(async move {
            converse(stream, peer, &rvp, allowance, &stop).await;
            drop(admission);
        });
    }
    connections.close();
    // A client that does not read its answer must not keep the server from ending.
    let _ = tokio::time::timeout(Duration::from_secs(5), connections.wait()).await;
}

/// Serves one connection to its end.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    rvp: &Arc<Rvp>,
    allowance: Allowance,
    stop: &CancellationToken,
) {
    // Answers are small, and clients wait for each.
    let _ = stream.set_nodelay(true);
    let times = allowance.times;
    let progress = Progress::default();
    let stream = Patience::new(stream, progress.clone(), times);
    let ntlm = Arc::new(NtlmConnection::default());
    let service = service_fn(move |request| {
        let (rvp, ntlm) = (rvp.clone(), ntlm.clone());
        let answering = progress.answering();
        async move {
            let answer = rvp.answer(request, peer, &ntlm, times.body).await;
            drop(answering);
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(times.idle)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LARGEST_HEAD)
        // Clients compare header names with their own spelling of them.
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "a connection ended");
    }
}
