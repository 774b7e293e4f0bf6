//! The first administrator.

use super::order::{Application, Fields};
use super::sign_in::begin;
use crate::backend::Account;
use crate::model::Flash;
use crate::ssr::guard::broken_session;
use crate::ssr::page;
use crate::ssr::state::AppState;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use tower_sessions::Session;

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/first-run", post(first_run))
}

/// `POST /first-run`: token, name, password, `password_again`. The new administrator is signed
/// in at once.
async fn first_run(
    State(state): State<AppState>,
    session: Session,
    application: Application,
) -> Response {
    let fields = &application.fields;
    match create(&state, fields, &application.from).await {
        Ok(account) => match begin(&state, &session, &account, &application.from).await {
            Ok(()) => Redirect::to("/").into_response(),
            Err(error) => refused(&state, fields, broken_session(&error)).await,
        },
        Err(error) => refused(&state, fields, error).await,
    }
}

async fn create(state: &AppState, fields: &Fields, from: &str) -> Result<Account, api::Error> {
    if fields.get("password") != fields.get("password_again") {
        return Err(api::Error::invalid(
            "password_again",
            "The two passwords differ. Type the same password twice.",
        ));
    }
    let token = fields.text("token");
    let name = fields.text("name");
    state
        .backend()
        .create_first_admin(&token, &name, fields.get("password"), from)
        .await
}

async fn refused(state: &AppState, fields: &Fields, error: api::Error) -> Response {
    let field = match &error {
        api::Error::Invalid { field, .. } => Some(field.to_string()),
        api::Error::Internal(_) => {
            tracing::error!(%error, "the first administrator could not be made");
            None
        }
        _ => None,
    };
    // The token is no secret of a person, and nobody wants to paste it twice.
    let mut typed = fields.typed();
    typed.push(("token".to_owned(), fields.text("token")));
    let flash = Flash {
        field,
        typed,
        ..Flash::failed(error.to_string())
    };
    page::again(state, "/first-run", StatusCode::UNPROCESSABLE_ENTITY, flash).await
}
