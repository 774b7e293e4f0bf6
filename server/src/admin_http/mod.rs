//! Every operation over HTTP: the REST API of the console's listener, and the same on the socket in
//! the data directory.

mod answer;
mod bearer;
mod events;
mod fields;
mod openapi;
mod rest;

pub(crate) use answer::problem;
use rest::router;
pub(crate) use rest::{MAX_BODY, PREFIX};

use crate::admin::Admin;
use crate::config::Rate;
use api::Error;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bearer::Bearers;
use std::sync::LazyLock;

/// The API for programs that come over the network with a token, and its document, which is for
/// everybody.
pub(crate) fn network(admin: Admin, rate: Rate) -> Router {
    let operations = router(admin.clone())
        .fallback_service(nothing())
        .layer(from_fn_with_state(Bearers::new(admin, rate), bearer::actor));
    Router::new()
        .route("/api/openapi.json", get(document))
        .nest_service(PREFIX, operations)
}

/// The same for whoever may use the socket in the data directory; it says who that is.
pub(crate) fn local(admin: Admin) -> Router {
    Router::new()
        .nest(PREFIX, router(admin))
        .fallback_service(nothing())
}

async fn document() -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| openapi::document().to_string());
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::OK, headers, TEXT.as_str()).into_response()
}

fn nothing() -> Router {
    Router::new().fallback(|| async {
        problem(&Error::NotFound(
            "There is no such operation. GET /api/openapi.json is the document of all.".to_owned(),
        ))
    })
}
