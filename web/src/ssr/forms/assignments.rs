//! For whom policies count, and the proxy script.

use super::order::{Fields, Order};
use crate::model::{Assignment, Role};
use crate::query::path;
use crate::ssr::state::AppState;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies/{name}/assign", post(assign))
        .route("/policies/{name}/proxy-script", post(serve))
}

/// What a form says of for whom a policy counts; nobody, where it does not ask.
pub(super) fn assignment(fields: &Fields) -> Result<Assignment, api::Error> {
    if fields.get("counts") != "shown" {
        return Ok(Assignment::default());
    }
    let priority = match fields.text("priority").as_str() {
        "" => 0,
        typed => typed.parse().map_err(|_| {
            api::Error::invalid(
                "priority",
                format!("“{typed}” is not a whole number. Type digits only, such as 10."),
            )
        })?,
    };
    let users = fields.text("users");
    Ok(Assignment {
        everyone: fields.get("everyone") == "true",
        groups: fields.all("groups").map(str::to_owned).collect(),
        users: users
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
            .filter(|alias| !alias.is_empty())
            .map(str::to_owned)
            .collect(),
        priority,
    })
}

/// `POST /policies/{name}/assign`: everyone (`true` or nothing), groups (any number), users
/// (aliases in one text), priority.
async fn assign(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let said = match assignment(&order.fields) {
        Ok(assignment) => order
            .state
            .backend()
            .assign_policy(&order.actor(), &name, &assignment)
            .await
            .map(|()| format!("{name} counts for {} from now on.", assignment.words())),
        Err(error) => Err(error),
    };
    end(&order, &name, said).await
}

/// `POST /policies/{name}/proxy-script`: serve (`yes` or `no`).
async fn serve(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let wanted = order.fields.get("serve") == "yes";
    let actor = order.actor();
    let said = order
        .state
        .backend()
        .serve_proxy_script(&actor, wanted.then_some(name.as_str()))
        .await;
    let told = if wanted {
        format!("The proxy settings of {name} are handed out from now on.")
    } else {
        "No proxy script is handed out any more.".to_owned()
    };
    end(&order, &name, said.map(|()| told)).await
}

async fn end(order: &Order, name: &str, said: Result<String, api::Error>) -> Response {
    let address = path(&["policies", name]);
    match said {
        Ok(told) => order.done(&address, told).await,
        Err(error) => order.refused(&address, error).await,
    }
}
