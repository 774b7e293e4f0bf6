//! What renewals are compared with: one bare axum route, in a process of its own as the server
//! is, asked by the same client with requests of the same size.

use std::env;
use std::net::Ipv4Addr;

use axum::Router;
use axum::http::header::{HeaderName, HeaderValue};
use axum::routing::any;
use tests::Failure;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::child::Child;

/// The two headers that the answer to a renewal has.
const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (
        HeaderName::from_static("subscription-id"),
        HeaderValue::from_static("4711"),
    ),
    (
        HeaderName::from_static("subscription-lifetime"),
        HeaderValue::from_static("14400"),
    ),
];

/// Is the bare server, until it is killed.
pub(crate) async fn serve() -> Result<bool, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .map_err(Failure::io("listening"))?;
    let address = listener
        .local_addr()
        .map_err(Failure::io("asking for the own address"))?;
    println!("listening bare=http://{address}");
    let route = any(|| async { HEADERS });
    axum::serve(
        listener,
        Router::new().route("/instmsg/aliases/{alias}", route),
    )
    .await
    .map_err(Failure::io("serving"))?;
    Ok(true)
}

/// Starts the bare server.
pub(crate) async fn start() -> Result<Child, Failure> {
    let program = env::current_exe().map_err(Failure::io("asking for the own program"))?;
    Child::start(Command::new(program).arg("bare-axum")).await
}
