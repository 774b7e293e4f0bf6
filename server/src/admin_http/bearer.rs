//! Who asks over the network: whoever has a token. It is taken from the header alone, never from an
//! address, which proxies write down.

use super::answer::problem;
use crate::admin::Admin;
use crate::config::Rate;
use crate::net::{Decision, TokenBuckets};
use api::{Actor, Error, Secret};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// What whoever is far too fast is told to wait.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The word of the token that a request came with.
#[derive(Clone, Debug)]
pub(super) struct Word(pub(super) Secret);

/// Tells who asks, and keeps each token to its rate.
#[derive(Clone)]
pub(super) struct Bearers {
    admin: Admin,
    rates: Arc<TokenBuckets<String>>,
}

impl Bearers {
    pub(super) fn new(admin: Admin, rate: Rate) -> Self {
        Self {
            admin,
            rates: Arc::new(TokenBuckets::new(rate)),
        }
    }

    async fn actor(&self, word: &str, from: &str) -> Result<Actor, Error> {
        let actor = self.admin.token_actor(word, from).await?;
        let wait = match self.rates.ask(&actor.name, self.admin.clock.now_ms()) {
            Decision::Now => return Ok(actor),
            Decision::Later(wait) => wait,
            Decision::Never => MAX_WAIT,
        };
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000))
            .unwrap_or(u32::MAX)
            .max(1);
        metrics::counter!("rollcall_api_too_many_total").increment(1);
        Err(Error::TooMany {
            message: format!(
                "This token asks too often. Try again in {seconds} s; an administrator can raise console.limits.requests_per_token."
            ),
            seconds,
        })
    }
}

/// Says who asks, or refuses.
pub(super) async fn actor(
    State(bearers): State<Bearers>,
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
    match bearers.actor(&word, &from).await {
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
