//! Everything the console serves, under one roof.

use super::state::{AppState, ConsoleState};
use super::{assets, forms, guard, headers, live, page};
use crate::Problem;
use crate::app::App;
use axum::extract::{DefaultBodyLimit, Extension, State};
use axum::response::Response;
use axum::routing::get;
use axum::{Router, middleware};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use std::sync::LazyLock;

/// The addresses of the pages. Made once: while it is made, leptos keeps every page of the
/// process from reading, and a page that is being rendered then would wait for ever.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The console. The caller puts the session layer (`tower_sessions::SessionManagerLayer`)
/// around it, and serves it with connect information (`SocketAddr`), which is what the audit
/// names as the address of the browser.
pub fn router(console: ConsoleState) -> Router {
    let state = AppState::new(console);
    let guarded = Router::new()
        .leptos_routes(&state, ROUTES.clone(), page::shell)
        .merge(forms::routes())
        .merge(live::routes())
        .fallback(nowhere)
        .layer(middleware::from_fn_with_state(state.clone(), guard::guard));
    Router::new()
        .route("/assets/{name}", get(assets::asset))
        .route("/pkg/{*name}", get(assets::package))
        .merge(guarded)
        // Routes that take files have a limit of their own.
        .layer(DefaultBodyLimit::max(forms::LARGEST_FORM))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            headers::headers,
        ))
        .with_state(state)
}

async fn nowhere(
    State(state): State<AppState>,
    signed_in: Option<Extension<guard::SignedIn>>,
) -> Response {
    let problem = Problem::NotFound("There is no page at this address.".to_owned());
    page::problem(&state, problem, signed_in.as_deref()).await
}
