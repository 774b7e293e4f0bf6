//! `/metrics`: figures for Prometheus, for console accounts that sign in with HTTP Basic.

use crate::admin::Admin;
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
    admin: Admin,
    figures: PrometheusHandle,
}

pub(super) fn router(admin: Admin, figures: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(Metrics { admin, figures })
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
        .admin
        .check_password(&name, &password, &peer.ip().to_string())
        .await
    {
        Ok(_) => {
            if let Some(live) = &state.admin.live {
                ::metrics::gauge!("rollcall_users_online").set(f64::from(live.nodes.signed_on()));
            }
            (
                [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
                state.figures.render(),
            )
                .into_response()
        }
        Err(SignInError::Refused) => challenge(),
        Err(error @ SignInError::LockedOut { .. }) => later(StatusCode::TOO_MANY_REQUESTS, &error),
        Err(error @ SignInError::Busy) => later(StatusCode::SERVICE_UNAVAILABLE, &error),
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

fn later(status: StatusCode, error: &SignInError) -> Response {
    let after = error.retry_after().unwrap_or(1).to_string();
    let text = format!("{error}\n");
    (status, [(header::RETRY_AFTER, after)], text).into_response()
}

/// Name and password of HTTP Basic: UTF-8, else Latin-1 (RFC 7617 leaves it open).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, encoded) = value.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded.trim_ascii())
        .ok()?;
    let text = String::from_utf8(decoded).unwrap_or_else(|error| {
        let bytes = error.as_bytes().iter();
        bytes.copied().map(char::from).collect()
    });
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &[u8]) -> Option<(String, String)> {
        let mut headers = HeaderMap::new();
        let value = http::HeaderValue::from_bytes(header).unwrap();
        headers.insert(header::AUTHORIZATION, value);
        basic(&headers)
    }

    #[test]
    fn names_and_passwords_come_in_two_character_sets() {
        let encoded = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let name = |bytes: &[u8]| {
            let header = format!("BASIC  {}", encoded(bytes));
            read(header.as_bytes()).map(|(name, password)| format!("{name} {password}"))
        };
        assert_eq!(
            name("jörg:straße".as_bytes()).as_deref(),
            Some("jörg straße")
        );
        assert_eq!(name(b"j\xf6rg:a:b").as_deref(), Some("jörg a:b"));
        assert_eq!(name(b"no colon"), None);
        assert_eq!(read(b"Basic \xfc"), None);
        assert_eq!(read(b"Bearer x"), None);
    }
}
