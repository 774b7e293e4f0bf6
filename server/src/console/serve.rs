//! The console's listener.

use crate::config::ListenerLimits;
use crate::net::{self, BodyError, ClientBody, Listener};
use crate::stop::Stop;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, header};
use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use ipnet::IpNet;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// The largest head of a request that is read, in bytes: browsers send cookies and long
/// addresses.
const LARGEST_HEAD: usize = 64 * 1024;

/// The most headers in it: proxies add some.
const MOST_HEADERS: usize = 100;

/// Serves the console until the end. Its `proxies` may have more connections than others.
pub async fn serve(
    socket: TcpListener,
    console: Router,
    limits: ListenerLimits,
    proxies: Arc<[IpNet]>,
    stop: Stop,
) {
    let listener = Listener {
        socket,
        name: "console",
        limits,
        largest_head: LARGEST_HEAD,
        most_headers: MOST_HEADERS,
        proxies,
    };
    let connect = |peer: SocketAddr| {
        let (console, stop) = (console.clone(), stop.clone());
        move |request: Request<ClientBody>| {
            let (console, stop) = (console.clone(), stop.clone());
            let mut request = request.map(|body| Body::new(body.map_err(as_io_error)));
            request.extensions_mut().insert(ConnectInfo(peer));
            async move {
                let response = console.oneshot(request).await?;
                let is_live = is_live(response.headers());
                Ok::<_, std::convert::Infallible>(response.map(|body| Ending {
                    body,
                    end: is_live.then(|| -> BoxFuture<'static, ()> {
                        Box::pin(async move { stop.begun().await })
                    }),
                }))
            }
        }
    };
    net::serve(listener, stop.clone(), connect).await;
}

/// In a form that the pages understand without knowing this floor.
fn as_io_error(error: BodyError) -> io::Error {
    let kind = match error {
        BodyError::TooSlow(_) => io::ErrorKind::TimedOut,
        BodyError::Broken(_) => io::ErrorKind::UnexpectedEof,
    };
    io::Error::new(kind, error)
}

fn is_live(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|it| it.as_bytes().starts_with(b"text/event-stream"))
}

/// A body that has no end of its own ends with the server.
struct Ending {
    body: Body,
    end: Option<BoxFuture<'static, ()>>,
}

impl hyper::body::Body for Ending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(end) = &mut self.end
            && end.as_mut().poll(cx).is_ready()
        {
            self.end = None;
            self.body = Body::empty();
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
