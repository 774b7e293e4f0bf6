//! A server at the other end of the network, and the token that it knows.

use crate::admin_socket::ControlError;
use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpStream;

#[derive(Clone, Debug, Default, Args)]
pub(super) struct NetworkArgs {
    /// Ask the server whose console is at this URL, instead of the one on the data directory.
    #[arg(long, global = true, env = "ROLLCALL_SERVER", value_name = "URL")]
    // A text: `contacts scripts` has a --server of its own in the place of this one.
    server: Option<String>,
    /// File with the API token, for --server.
    #[arg(long, global = true, env = "ROLLCALL_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// A server at the other end of the network.
pub(super) struct Network {
    authority: Authority,
    port: u16,
    bearer: HeaderValue,
}

impl NetworkArgs {
    /// The server that is named; none: none is.
    pub(super) fn open(&self) -> anyhow::Result<Option<Network>> {
        let Some(server) = &self.server else {
            return Ok(None);
        };
        let server: Uri = server.parse().with_context(|| {
            format!(
                "--server takes a URL such as http://im.example.com:8081, and {server:?} is none"
            )
        })?;
        let Some(authority) = server.authority().cloned() else {
            bail!("--server takes a URL such as http://im.example.com:8081, and {server} is none")
        };
        if server.scheme() != Some(&Scheme::HTTP) {
            bail!(
                "--server takes a URL that begins with http://; reach a server behind TLS by a tunnel, such as ssh -L"
            )
        }
        let file = self.token_file.as_ref().ok_or_else(|| {
            anyhow!("--server needs a token: make one with `rollcall token add`, write it to a file, and name that with --token-file")
        })?;
        let token = std::fs::read_to_string(file)
            .with_context(|| format!("the token file {} cannot be read", file.display()))?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
            .map_err(|_| anyhow!("the token file {} holds no token", file.display()))?;
        bearer.set_sensitive(true);
        Ok(Some(Network {
            port: authority.port_u16().unwrap_or(80),
            authority,
            bearer,
        }))
    }
}

impl Network {
    /// Asks it, and waits so long for its answer.
    pub(super) async fn ask(
        &self,
        request: Request<Full<Bytes>>,
        within: Duration,
    ) -> anyhow::Result<Response<Bytes>> {
        let (head, body) = self.follow(request, within).await?.into_parts();
        match tokio::time::timeout(within, body.collect()).await {
            Ok(Ok(body)) => Ok(Response::from_parts(head, body.to_bytes())),
            Ok(Err(error)) => Err(ControlError::Broken(error.to_string()).into()),
            Err(_) => Err(self.silent(within)),
        }
    }

    /// Asks it, and waits so long for the beginning of its answer.
    pub(super) async fn follow(
        &self,
        mut request: Request<Full<Bytes>>,
        within: Duration,
    ) -> anyhow::Result<Response<Incoming>> {
        let host = HeaderValue::from_str(self.authority.as_str())?;
        request.headers_mut().insert(header::HOST, host);
        let bearer = self.bearer.clone();
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let name = self.authority.host().trim_matches(['[', ']']);
        let connect = TcpStream::connect((name, self.port));
        let stream = tokio::time::timeout(within, connect)
            .await
            .map_err(|_| anyhow!("{} does not answer; nothing was changed", self.authority))?
            .with_context(|| format!("cannot connect to {}", self.authority))?;
        let answer = async {
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            // It lives as long as the answer is read.
            tokio::spawn(connection);
            sender.send_request(request).await
        };
        match tokio::time::timeout(within, answer).await {
            Ok(answer) => answer.map_err(|error| ControlError::Broken(error.to_string()).into()),
            Err(_) => Err(self.silent(within)),
        }
    }

    fn silent(&self, within: Duration) -> anyhow::Error {
        anyhow!(
            "{} did not answer within {} s: the order may have been carried out or not, so look what is there before you give it again",
            self.authority,
            within.as_secs()
        )
    }
}
