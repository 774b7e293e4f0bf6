//! The RVP listener: its bounds, and what becomes of a request that the end of the server meets
//! on its way.

use super::authenticate::NtlmConnection;
use super::limits::RateLimited;
use super::router::{Rvp, version};
use crate::config::ListenerLimits;
use crate::net::{self, ClientBody, Listener};
use crate::stop::Stop;
use http::Request;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// The largest head of a request that is read, in bytes. Those of the clients are below 2 KiB.
const LARGEST_HEAD: usize = 32 * 1024;

/// The most headers in it.
const MOST_HEADERS: usize = 64;

/// Why a connection ends instead of an answer. Every client knows that from bad networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unanswered {
    /// Somebody sent so much that waiting is no answer any more.
    #[error(transparent)]
    RateLimited(#[from] RateLimited),
    /// The server ends.
    #[error("the server stops")]
    Stopping,
}

/// Serves the listener until the end.
pub async fn serve(socket: TcpListener, rvp: Arc<Rvp>, limits: ListenerLimits, stop: Stop) {
    let listener = Listener {
        socket,
        name: "rvp",
        limits,
        largest_head: LARGEST_HEAD,
        most_headers: MOST_HEADERS,
        proxies: Arc::default(),
    };
    let connect = |peer: SocketAddr| {
        // NTLM's state belongs to the connection.
        let ntlm = Arc::new(NtlmConnection::default());
        let (rvp, stop) = (rvp.clone(), stop.clone());
        move |request: Request<ClientBody>| {
            let (rvp, ntlm, stop) = (rvp.clone(), ntlm.clone(), stop.clone());
            let message = (request.method().as_str() == "NOTIFY")
                .then(|| (request.method().clone(), version(request.headers())));
            async move {
                tokio::select! {
                    biased;
                    answer = rvp.answer(request, peer, &ntlm) => Ok(answer?),
                    // A sender is told that the message did not arrive; of the statuses that
                    // could say so to others, clients log off or hang.
                    () = stop.late() => match message {
                        Some((method, version)) => Ok(rvp.undelivered(&method, version)),
                        None => Err(Unanswered::Stopping),
                    },
                }
            }
        }
    };
    net::serve(listener, stop.clone(), connect).await;
}
