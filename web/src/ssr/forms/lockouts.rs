//! Letting in again who was locked out.

use super::order::Order;
use crate::model::Role;
use crate::ssr::state::AppState;
use axum::Router;
use axum::response::Response;
use axum::routing::post;

const PAGE: &str = "/lockouts";

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route(PAGE, post(unlock))
}

/// `POST /lockouts`: what, a name or an address.
async fn unlock(order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Operator).await {
        return refusal;
    }
    let what = order.fields.text("what");
    match order.state.backend().unlock(&order.actor(), &what).await {
        Ok(_) => order.done(PAGE, format!("{what} may sign in again.")).await,
        Err(error) => order.refused(PAGE, error).await,
    }
}
