//! One TCP connection of a client: HTTP/1.1 as clients of the time need it.

use super::authenticate::NtlmConnection;
use super::router::Rvp;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a connection may stand without a request. Clients open some that they never use,
/// and keep others for the next request.
const IDLE: Duration = Duration::from_secs(180);

/// The pause after the system could not accept a connection (no file descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves the listener until `stop`, then lets requests that are under way end.
pub async fn serve(listener: TcpListener, rvp: Arc<Rvp>, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
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
        // Answers are small, and clients wait for each.
        let _ = stream.set_nodelay(true);
        let (rvp, stop) = (rvp.clone(), stop.clone());
        connections.spawn(async move {
            let ntlm = Arc::new(NtlmConnection::default());
            let service = service_fn(move |request| {
                let (rvp, ntlm) = (rvp.clone(), ntlm.clone());
                async move { Ok::<_, std::convert::Infallible>(rvp.answer(request, peer, &ntlm).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(IDLE)
                .max_headers(64)
                .max_buf_size(64 * 1024)
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
        });
    }
    connections.close();
    // A client that does not read its answer must not keep the server from ending.
    let _ = tokio::time::timeout(Duration::from_secs(5), connections.wait()).await;
}
