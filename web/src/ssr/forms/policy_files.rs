//! Client policies handed out as files: single formats, their undo, and client kits.

use super::order::browser_address;
use crate::Problem;
use crate::backend::{Actor, BackendError, Download};
use crate::model::Flash;
use crate::query::path;
use crate::ssr::guard::{self, SignedIn};
use crate::ssr::state::AppState;
use crate::ssr::{page, session};
use axum::Router;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use tower_sessions::Session;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies/{name}/export", get(export))
        .route("/policies/{name}/kit", get(kit))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    format: String,
    /// There for the file that takes the policy back.
    undo: Option<String>,
    #[serde(default)]
    windows: String,
}

/// `GET /policies/{name}/export?format=reg`, `&undo` for the file that takes it back.
async fn export(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
    session: Session,
    Extension(signed_in): Extension<SignedIn>,
    request: Request,
) -> Response {
    let actor = actor(&signed_in, &request);
    let undo = wanted.undo.is_some();
    let made = state
        .backend()
        .export_policy(&actor, &name, &wanted.format, undo)
        .await;
    hand_out(&state, &name, &session, &signed_in, made).await
}

/// `GET /policies/{name}/kit?windows=xp`
async fn kit(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
    session: Session,
    Extension(signed_in): Extension<SignedIn>,
    request: Request,
) -> Response {
    let actor = actor(&signed_in, &request);
    let made = state
        .backend()
        .policy_kit(&actor, &name, &wanted.windows)
        .await;
    hand_out(&state, &name, &session, &signed_in, made).await
}

fn actor(signed_in: &SignedIn, request: &Request) -> Actor {
    Actor {
        name: signed_in.viewer.name.clone(),
        role: signed_in.viewer.role,
        from: browser_address(request),
    }
}

async fn hand_out(
    state: &AppState,
    name: &str,
    session: &Session,
    signed_in: &SignedIn,
    made: Result<Download, BackendError>,
) -> Response {
    match made {
        Ok(file) => {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_DISPOSITION, attachment(&file.file_name));
            let media_type = HeaderValue::from_str(&file.media_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream"));
            headers.insert(header::CONTENT_TYPE, media_type);
            (headers, file.bytes).into_response()
        }
        Err(BackendError::Invalid { message, .. } | BackendError::Conflict(message)) => {
            // The policy is there but cannot be exported so: say it where it can be changed.
            match session::leave(session, &Flash::failed(message)).await {
                Ok(()) => Redirect::to(&path(&["policies", name])).into_response(),
                Err(error) => {
                    let problem = guard::broken_session(&error).into();
                    page::problem(state, problem, Some(signed_in)).await
                }
            }
        }
        Err(error) => page::problem(state, Problem::from(error), Some(signed_in)).await,
    }
}

/// Names the file twice: plainly, and exactly for names that are not ASCII (RFC 6266).
pub(super) fn attachment(file_name: &str) -> HeaderValue {
    let plain = file_name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_. ".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect::<String>();
    let exact = path(&[file_name]);
    let text = format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        &exact[1..]
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(
            attachment("Büro \"A\"\r\n.reg"),
            "attachment; filename=\"B_ro _A___.reg\"; filename*=UTF-8''B%C3%BCro%20%22A%22%0D%0A.reg"
        );
    }
}
