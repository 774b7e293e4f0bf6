//! Client policies: saving, deleting, and handing them out as files.

use super::order::{Order, browser_address};
use crate::Problem;
use crate::backend::{Actor, BackendError};
use crate::model::{Flash, PolicySummary, Role};
use crate::query::path;
use crate::ssr::guard::{self, SignedIn};
use crate::ssr::sheet;
use crate::ssr::state::AppState;
use crate::ssr::{page, session};
use axum::Router;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use policies::Policy;
use serde::Deserialize;
use tower_sessions::Session;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies/new", post(create))
        .route("/policies/{name}", post(edit))
        .route("/policies/{name}/delete", post(delete))
        .route("/policies/{name}/export", get(export))
}

/// `POST /policies/new`: name, description, mode, and the options.
async fn create(order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let name = order.fields.text("name");
    let said = if matches!(name.as_str(), "" | "new" | "." | "..") {
        Err(BackendError::Invalid {
            field: "name",
            message: "A policy needs a name of its own, such as “WAN branch”.".to_owned(),
        })
    } else {
        save(&order, Policy::new(name), 0).await
    };
    match said {
        Ok(saved) => order.done(&address(&saved.name), told(&saved)).await,
        Err(error) => order.refused("/policies/new", error).await,
    }
}

/// `POST /policies/{name}`: base (the revision that was edited), description, mode, and the
/// options.
async fn edit(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    match edited(&order, &name).await {
        Ok(saved) => order.done(&address(&saved.name), told(&saved)).await,
        Err(error) => order.refused(&address(&name), error).await,
    }
}

async fn edited(order: &Order, name: &str) -> Result<PolicySummary, BackendError> {
    let stored = order.state.backend().policy(name).await?;
    // A form without a readable base is of no revision, and refused as old by the server.
    let base = order.fields.get("base").parse().unwrap_or(0);
    save(order, sheet::open(&stored)?, base).await
}

async fn save(order: &Order, policy: Policy, base: u32) -> Result<PolicySummary, BackendError> {
    let policy = sheet::from_form(policy, &order.fields)?;
    let json = serde_json::to_string(&policy).map_err(|error| {
        BackendError::Internal(format!("the policy cannot be written: {error}"))
    })?;
    order
        .state
        .backend()
        .save_policy(&order.actor(), &json, base)
        .await
}

fn told(saved: &PolicySummary) -> String {
    format!("{} was saved as revision {}.", saved.name, saved.revision)
}

/// `POST /policies/{name}/delete`.
async fn delete(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    match order
        .state
        .backend()
        .delete_policy(&order.actor(), &name)
        .await
    {
        Ok(()) => {
            order
                .done("/policies", format!("{name} was deleted."))
                .await
        }
        Err(error) => order.refused(&address(&name), error).await,
    }
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    format: String,
}

/// `GET /policies/{name}/export?format=reg`: the file.
async fn export(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
    session: Session,
    Extension(signed_in): Extension<SignedIn>,
    request: Request,
) -> Response {
    let actor = Actor {
        name: signed_in.viewer.name.clone(),
        role: signed_in.viewer.role,
        from: browser_address(&request),
    };
    match state
        .backend()
        .export_policy(&actor, &name, &wanted.format)
        .await
    {
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
            match session::leave(&session, &Flash::failed(message)).await {
                Ok(()) => Redirect::to(&address(&name)).into_response(),
                Err(error) => {
                    let problem = guard::broken_session(&error).into();
                    page::problem(&state, problem, Some(&signed_in)).await
                }
            }
        }
        Err(error) => page::problem(&state, Problem::from(error), Some(&signed_in)).await,
    }
}

/// Names the file twice: plainly, and exactly for names that are not ASCII (RFC 6266).
fn attachment(file_name: &str) -> HeaderValue {
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

fn address(name: &str) -> String {
    path(&["policies", name])
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
