//! Who asks over the network: whoever has a token. It is taken from the header alone, never from an
//! address, which proxies write down.

use super::answer::problem;
use crate::admin::Admin;
use api::{Error, Secret};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use std::net::SocketAddr;

/// The word of the token that a request came with.
#[derive(Clone, Debug)]
pub(super) struct Word(pub(super) Secret);

/// Says who asks, or refuses.
pub(super) async fn actor(
    State(admin): State<Admin>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(word) = word(request.headers()) else {
        return problem(&Error::Unauthorized(
            "This needs a token: Authorization: Bearer and its word. Make one in the console or with `rollcall token add`.".to_owned(),
        ));
    };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let from = peer.map_or_else(
        || "unknown address".to_owned(),
        |ConnectInfo(peer)| peer.ip().to_canonical().to_string(),
    );
    match admin.token_actor(&word, &from).await {
        Ok(actor) => {
            request.extensions_mut().insert(Word(word.into()));
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(error) => problem(&error),
    }
}

fn word(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, word) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Bearer")
        .then(|| word.trim().to_owned())
}
