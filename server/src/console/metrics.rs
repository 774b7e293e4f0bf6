//! `/metrics`: figures for Prometheus, for console accounts that sign in with HTTP Basic.

use crate::orders::Orders;
use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::SocketAddr;
use web::backend::SignInError;

#[derive(Clone)]
struct Metrics {
    orders: Orders,
    figures: PrometheusHandle,
}

pub(super) fn router(orders: Orders, figures: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(Metrics { orders, figures })
}

async fn metrics(
    State(state): State<Metrics>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let Some((name, password)) = basic(&headers) else {
        return challenge();
    };
    match state
        .orders
        .sign_in(&name, &password, &peer.ip().to_string())
        .await
    {
        Ok(_) => {
            if let Some(live) = &state.orders.live {
                ::metrics::gauge!("rollcall_users_online").set(f64::from(live.nodes.signed_on()));
            }
            (
                [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
                state.figures.render(),
            )
                .into_response()
        }
        Err(SignInError::Refused) => challenge(),
        Err(error @ SignInError::LockedOut { .. }) => {
            (StatusCode::TOO_MANY_REQUESTS, format!("{error}\n")).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

fn challenge() -> Response {
    let text = "Sign in with a console account (HTTP Basic) to read the figures.\n";
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, "Basic realm=\"rollcall\"")],
        text,
    )
        .into_response()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let encoded = value
        .strip_prefix("Basic ")
        .or_else(|| value.strip_prefix("basic "))?;
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded.trim())
        .ok()?;
    let (name, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}
