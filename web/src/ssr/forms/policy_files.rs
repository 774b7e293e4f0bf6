//! Client policies handed out as files: single formats, their undo, and client kits.

use super::download::Looker;
use crate::query::path;
use crate::ssr::state::AppState;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

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
async fn export(Path(name): Path<String>, Query(wanted): Query<Wanted>, who: Looker) -> Response {
    let undo = wanted.undo.is_some();
    let (actor, backend) = (who.actor(), who.backend());
    let made = backend
        .export_policy(&actor, &name, &wanted.format, undo)
        .await;
    // The policy is there but cannot be exported so: that is said where it can be changed.
    who.give(made, &path(&["policies", &name])).await
}

/// `GET /policies/{name}/kit?windows=xp`
async fn kit(Path(name): Path<String>, Query(wanted): Query<Wanted>, who: Looker) -> Response {
    let (actor, backend) = (who.actor(), who.backend());
    let made = backend.policy_kit(&actor, &name, &wanted.windows).await;
    who.give(made, &path(&["policies", &name])).await
}
