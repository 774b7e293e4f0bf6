//! Answers: JSON, or problem details.

use api::{Error, ProblemDetails};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// The answer to an operation that was carried out. What has a revision bears it as `ETag`.
pub(super) fn done(output: &Value) -> Response {
    let mut response = json(StatusCode::OK, "application/json", output);
    if let Some(revision) = output.get("revision").and_then(Value::as_u64)
        && let Ok(tag) = HeaderValue::from_str(&format!("\"{revision}\""))
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Why an operation was not carried out.
pub(crate) fn problem(error: &Error) -> Response {
    let details = ProblemDetails::from(error);
    let status = StatusCode::from_u16(details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, "application/problem+json", &details);
    let headers = response.headers_mut();
    if let Some(seconds) = details.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"rollcall\"");
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn json(status: StatusCode, media_type: &'static str, value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (status, headers, text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
