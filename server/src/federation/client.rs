//! One request to a server of another domain, on a connection of its own.

use super::{FederationError, Peer};
use crate::net::connect;
use crate::timeouts::Timeouts;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 256 * 1024;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// `host[:port]` as the client that it comes from spells it: the answer names the node so.
    pub host: String,
    /// The logical path of the node.
    pub path: String,
    /// What else it says.
    pub headers: HeaderMap,
    /// Its body, byte for byte.
    pub body: Bytes,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status.
    pub status: StatusCode,
    /// What else it says.
    pub headers: HeaderMap,
    /// Its body, whole.
    pub body: Bytes,
}

/// Sends to the first server that can be connected. No redirect is followed.
pub(super) async fn send(
    peer: &Peer,
    servers: &[SocketAddr],
    outgoing: Request,
    limits: Timeouts,
) -> Result<Response, FederationError> {
    let silent = || FederationError::Silent(peer.domain.to_string());
    for server in servers {
        let Ok(stream) = connect(*server, limits.connect).await else {
            continue;
        };
        // Small writes that somebody waits for.
        let _ = stream.set_nodelay(true);
        let answer = tokio::time::timeout(limits.answer, exchange(stream, outgoing)).await;
        return match answer {
            Ok(Some(returned)) => Ok(returned),
            Ok(None) => Err(FederationError::Broken(peer.domain.to_string())),
            Err(_) => Err(silent()),
        };
    }
    Err(silent())
}

async fn exchange(stream: TcpStream, outgoing: Request) -> Option<Response> {
    let (mut sender, connection) = http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await
        .ok()?;
    // Ends with this exchange, however that ends.
    let connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let mut request = http::Request::new(Full::new(outgoing.body));
    *request.method_mut() = outgoing.method;
    *request.uri_mut() = outgoing.path.parse().ok()?;
    *request.headers_mut() = outgoing.headers;
    request
        .headers_mut()
        .insert(HOST, outgoing.host.parse().ok()?);
    let answer = sender.send_request(request).await.ok()?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await.ok()?;
    drop(sender);
    drop(connection);
    Some(Response {
        status: parts.status,
        headers: parts.headers,
        body: body.to_bytes(),
    })
}
