//! One delivery: a POST on a connection of its own. No redirect is followed, and of the answer only
//! the status counts.

use super::{Hook, Patience};
use crate::net::connect;
use crate::store::DueDelivery;
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac as _};
use http::{Request, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

/// Why a delivery did not go well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PostError {
    /// Its name has no address.
    #[error("the name {0} cannot be found; correct hooks.url, or the DNS")]
    Unknown(String),
    /// Nobody is there.
    #[error("cannot connect to {0}; see whether it runs and can be reached from here")]
    Unreachable(String),
    /// It takes too long.
    #[error("{0} did not answer in time")]
    Silent(String),
    /// It did not speak HTTP.
    #[error("{0} closed the connection, or answered something else than HTTP")]
    Broken(String),
    /// It did not want it.
    #[error(
        "it answered {0}; a delivery counts as taken with 200 to 299, and no redirect is followed"
    )]
    Refused(u16),
}

impl PostError {
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(status) => Some(*status),
            _ => None,
        }
    }

    /// Whether it says something of the hook rather than of this delivery.
    pub(super) fn is_of_the_hook(&self) -> bool {
        self.status().is_none_or(|it| it >= 500 || it == 429)
    }
}

/// Delivers, and gives the status.
pub(super) async fn post(
    hook: &Hook,
    delivery: &DueDelivery,
    patience: &Patience,
) -> Result<u16, PostError> {
    let name = || hook.url.authority().to_owned();
    let stream = connected(hook, patience).await?;
    // Small writes that somebody waits for.
    let _ = stream.set_nodelay(true);
    let request = request(hook, delivery).ok_or_else(|| PostError::Broken(name()))?;
    let status = timeout(patience.answer, exchange(stream, request))
        .await
        .map_err(|_| PostError::Silent(name()))?
        .map_err(|_| PostError::Broken(name()))?;
    if (200..300).contains(&status) {
        Ok(status)
    } else {
        Err(PostError::Refused(status))
    }
}

async fn connected(hook: &Hook, patience: &Patience) -> Result<TcpStream, PostError> {
    let until = Instant::now() + patience.connect;
    let host = hook.url.host();
    let unknown = || PostError::Unknown(host.to_owned());
    let found = timeout(patience.connect, lookup_host((host, hook.url.port()))).await;
    let addresses = found.map_err(|_| unknown())?.map_err(|_| unknown())?;
    for address in addresses {
        let left = until.saturating_duration_since(Instant::now());
        if let Ok(stream) = connect(address, left).await {
            return Ok(stream);
        }
    }
    Err(PostError::Unreachable(hook.url.authority().to_owned()))
}

fn request(hook: &Hook, delivery: &DueDelivery) -> Option<Request<Full<bytes::Bytes>>> {
    let mut request = Request::post(hook.url.path())
        .header(header::HOST, hook.url.authority())
        .header(header::CONTENT_TYPE, "application/json")
        .header(
            header::USER_AGENT,
            concat!("Rollcall/", env!("CARGO_PKG_VERSION")),
        )
        .header(header::CONNECTION, "close")
        .header("X-Rollcall-Event", &delivery.kind)
        .header("X-Rollcall-Delivery", delivery.id);
    if let Some(secret) = &hook.secret {
        let signature = signature(secret.expose(), delivery.body.as_bytes())?;
        request = request.header("X-Rollcall-Signature", format!("sha256={signature}"));
    }
    request.body(delivery.body.clone().into()).ok()
}

fn signature(secret: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    Some(HEXLOWER.encode(&mac.finalize().into_bytes()))
}

async fn exchange(
    stream: TcpStream,
    request: Request<Full<bytes::Bytes>>,
) -> Result<u16, hyper::Error> {
    let (mut sender, connection) = http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await?;
    // Ends with this exchange, however that ends.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let answer = sender.send_request(request).await?;
    Ok(answer.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        let made = signature("Jefe", b"what do ya want for nothing?").unwrap();
        assert_eq!(
            made,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
