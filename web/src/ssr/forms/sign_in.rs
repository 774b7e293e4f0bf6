//! Signing in and out.

use super::order::{Application, Order};
use crate::backend::{Account, SignInError};
use crate::model::Flash;
use crate::ssr::guard::{broken_session, local};
use crate::ssr::state::AppState;
use crate::ssr::{page, session};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use tower_sessions::Session;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
}

/// `POST /sign-in`: name, password, next.
async fn sign_in(
    State(state): State<AppState>,
    session: Session,
    application: Application,
) -> Response {
    let fields = &application.fields;
    let next = local(fields.get("next")).to_owned();
    let name = fields.text("name");
    let checked = state
        .backend()
        .sign_in(&name, fields.get("password"), &application.from)
        .await;
    let (status, error) = match checked {
        Ok(account) => match begin(&state, &session, &account, &application.from).await {
            Ok(()) => return Redirect::to(&next).into_response(),
            Err(error) => {
                let error = SignInError::Backend(broken_session(&error));
                (StatusCode::INTERNAL_SERVER_ERROR, error)
            }
        },
        Err(error @ SignInError::Refused) => (StatusCode::UNAUTHORIZED, error),
        Err(error @ SignInError::LockedOut { .. }) => (StatusCode::TOO_MANY_REQUESTS, error),
        Err(error @ SignInError::Busy) => (StatusCode::SERVICE_UNAVAILABLE, error),
        Err(error @ SignInError::Backend(_)) => (StatusCode::INTERNAL_SERVER_ERROR, error),
    };
    if let SignInError::Backend(error) = &error {
        tracing::error!(%error, "a sign-in could not be checked");
    }
    let flash = Flash {
        field: (error == SignInError::Refused).then(|| "password".to_owned()),
        typed: fields.typed(),
        ..Flash::failed(error.to_string())
    };
    let mut response = page::again(&state, "/sign-in", status, flash).await;
    if let Some(seconds) = error.retry_after() {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Begins the session of somebody who has just proved who they are.
pub(super) async fn begin(
    state: &AppState,
    session: &Session,
    account: &Account,
    from: &str,
) -> Result<(), tower_sessions::session::Error> {
    session::begin(session, account, from, state.console.random).await
}

/// `POST /sign-out`.
async fn sign_out(order: Order) -> Response {
    match order.session.flush().await {
        Ok(()) => {
            if let Err(error) = order.state.backend().signed_out(&order.actor()).await {
                tracing::warn!(%error, "a sign-out could not be written down");
            }
            Redirect::to("/sign-in").into_response()
        }
        Err(error) => order.fail(broken_session(&error).into()).await,
    }
}
