//! Making and revoking tokens of the REST API.

use super::order::Order;
use crate::model::Role;
use crate::ssr::state::AppState;
use api::{CreateToken, DeleteToken, Done};
use axum::Router;
use axum::response::Response;
use axum::routing::post;

const PAGE: &str = "/tokens";

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(PAGE, post(create))
        .route("/tokens/revoke", post(revoke))
}

/// `POST /tokens`: name, role, days, operations.
async fn create(order: Order) -> Response {
    match wish(&order) {
        Ok(wish) => match order.call(wish).await {
            Ok(made) => {
                let told = format!(
                    "The token {} was made. Its word is shown this once: {}",
                    made.row.name,
                    made.token.expose()
                );
                // Not by way of the session, which is kept on the disk.
                order.done_here(PAGE, told).await
            }
            Err(error) => order.refused(PAGE, error).await,
        },
        Err(error) => order.refused(PAGE, error).await,
    }
}

fn wish(order: &Order) -> Result<CreateToken, api::Error> {
    let fields = &order.fields;
    let role = match fields.get("role") {
        "administrator" => Role::Administrator,
        "operator" => Role::Operator,
        "viewer" => Role::Viewer,
        _ => return Err(api::Error::invalid("role", "Choose a role.")),
    };
    let days = match fields.text("days").as_str() {
        "" => None,
        typed => Some(typed.parse().map_err(|_| {
            api::Error::invalid("days", format!("“{typed}” is no whole number of days."))
        })?),
    };
    let words = fields.text("operations");
    let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
    Ok(CreateToken {
        name: fields.text("name"),
        role,
        operations: (!words.is_empty()).then_some(words),
        days,
    })
}

/// `POST /tokens/revoke`: name.
async fn revoke(order: Order) -> Response {
    let name = order.fields.text("name");
    match order.call(DeleteToken { name: name.clone() }).await {
        Ok(Done {}) => {
            let told = format!("The token {name} is good for nothing from now on.");
            order.done(PAGE, told).await
        }
        Err(error) => order.refused(PAGE, error).await,
    }
}
