//! Letting in again who was locked out.

use super::order::Order;
use crate::ssr::state::AppState;
use api::Unlock;
use axum::Router;
use axum::response::Response;
use axum::routing::post;

const PAGE: &str = "/lockouts";

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route(PAGE, post(unlock))
}

/// `POST /lockouts`: what, a name or an address.
async fn unlock(order: Order) -> Response {
    let what = order.fields.text("what");
    let told = format!("{what} may sign in again.");
    match order.call(Unlock { what }).await {
        Ok(_) => order.done(PAGE, told).await,
        Err(error) => order.refused(PAGE, error).await,
    }
}
