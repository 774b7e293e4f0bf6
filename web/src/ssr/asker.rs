//! Who asks, for what is no page and no form.

use super::forms::browser;
use super::guard::SignedIn;
use super::page;
use super::state::AppState;
use crate::Problem;
use api::Actor;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;

/// Somebody who is signed in.
pub(crate) struct Asker(Actor);

impl Asker {
    pub(crate) fn actor(&self) -> &Actor {
        &self.0
    }
}

impl FromRequestParts<AppState> for Asker {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Some(signed_in) = parts.extensions.get::<SignedIn>() else {
            return Err(page::problem(state, Problem::SignedOut, None).await);
        };
        Ok(Self(signed_in.actor(browser(&parts.extensions))))
    }
}
