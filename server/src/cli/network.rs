//! A server at the other end of the network, and the token that it knows.

use crate::admin_socket::ControlError;
use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use clap::Args;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpStream;

#[derive(Clone, Debug, Default, Args)]
pub(super) struct NetworkArgs {
    /// Ask the server whose console is at this URL, instead of the one on the data directory.
    #[arg(long, global = true, env = "ROLLCALL_SERVER", value_name = "URL")]
    server: Option<Uri>,
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
        mut request: Request<Full<Bytes>>,
        within: Duration,
    ) -> anyhow::Result<Response<Bytes>> {
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
        let broken = |error: hyper::Error| ControlError::Broken(error.to_string());
        let exchange = async {
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
                .await
                .map_err(broken)?;
            let exchange = async {
                let (head, body) = sender.send_request(request).await?.into_parts();
                let body = body.collect().await?.to_bytes();
                drop(sender);
                Ok(Response::from_parts(head, body))
            };
            tokio::select! {
                answer = exchange => answer.map_err(broken),
                ended = connection => match ended {
                    Err(error) => Err(broken(error)),
                    Ok(()) => Err(ControlError::Broken("it closed the connection".to_owned())),
                },
            }
        };
        match tokio::time::timeout(within, exchange).await {
            Ok(answer) => Ok(answer?),
            Err(_) => bail!(
                "{} did not answer within {} s: the order may have been carried out or not, so look what is there before you give it again",
                self.authority,
                within.as_secs()
            ),
        }
    }
}
