//! The live stream of the page Online, read as bytes.

use std::net::SocketAddr;
use std::time::Duration;

use tests::Failure;
use tokio::time::timeout;

use super::{NAME, PASSWORD, Viewer};
use crate::system::wall_clock;
use crate::wire::Wire;

/// How long a change may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open stream.
#[derive(Debug)]
pub(super) struct Stream {
    wire: Wire,
    alias: String,
}

impl Stream {
    /// Signs in to the console and opens the stream, which begins with the page as it is.
    pub(super) async fn open(console: SocketAddr, alias: &str) -> Result<Self, Failure> {
        let cookie = sign_in(console).await?;
        let mut wire = Wire::connect(console).await?;
        // HTTP/1.0: a stream for it is not chunked.
        let request = format!(
            "GET /live/online HTTP/1.0\r\nHost: {console}\r\nCookie: {cookie}\r\n\
             Accept: text/event-stream\r\n\r\n"
        );
        wire.send(request.as_bytes()).await?;
        wire.answer().await?.with_status(200)?;
        let mut stream = Self {
            wire,
            alias: alias.to_owned(),
        };
        stream.saw("online").await?;
        Ok(stream)
    }

    /// The state of the principal in the next page that the stream brings.
    async fn next(&mut self) -> Result<String, Failure> {
        loop {
            let event = self.wire.until(b"\n\n").await?;
            let Some(data) = event
                .strip_prefix(b"data: ")
                .or(event.strip_prefix(b"data:"))
            else {
                continue;
            };
            let page: serde_json::Value = serde_json::from_slice(data).map_err(|error| {
                Failure::Unexpected(format!("the live stream sent no JSON: {error}"))
            })?;
            let row = page["rows"]
                .as_array()
                .and_then(|rows| rows.iter().find(|row| row["alias"] == *self.alias));
            if let Some(state) = row.and_then(|row| row["state"].as_str()) {
                return Ok(state.to_lowercase());
            }
        }
    }
}

impl Viewer for Stream {
    async fn saw(&mut self, state: &'static str) -> Result<f64, Failure> {
        let seen = async {
            while self.next().await? != state {}
            Ok(wall_clock())
        };
        timeout(PATIENCE, seen)
            .await
            .unwrap_or_else(|_| Err(missing(state)))
    }
}

fn missing(state: &str) -> Failure {
    Failure::TimedOut {
        what: format!("the state {state} on the live stream"),
        waited: PATIENCE,
        seen: String::new(),
    }
}

/// The cookie of a fresh session.
pub(super) async fn sign_in(console: SocketAddr) -> Result<String, Failure> {
    let body = format!(
        "next=%2F&name={NAME}&password={}",
        PASSWORD.replace(' ', "+")
    );
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {console}\r\nOrigin: http://{console}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut wire = Wire::connect(console).await?;
    let answer = wire.ask(request.as_bytes()).await?.with_status(303)?;
    answer
        .headers("set-cookie")
        .find_map(|cookie| cookie.split(';').next())
        .map(str::to_owned)
        .ok_or_else(|| answer.unexpected("a session's cookie"))
}
