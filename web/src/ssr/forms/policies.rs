//! Client policies: saving and deleting.

use super::assignments::assignment;
use super::order::{Fields, Order};
use crate::model::{PolicySummary, Role};
use crate::query::path;
use crate::ssr::state::AppState;
use crate::ssr::{off_thread, sheet};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;
use policies::Policy;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies/new", post(create))
        .route("/policies/{name}", post(edit))
        .route("/policies/{name}/values", post(values))
        .route("/policies/{name}/delete", post(delete))
        .route("/policies/{name}/revert", post(revert))
}

/// `POST /policies/new`: name, description, mode, and the options.
async fn create(order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let name = order.fields.text("name");
    let said = if matches!(name.as_str(), "" | "." | "..") {
        Err(api::Error::invalid(
            "name",
            "A policy needs a name of its own, such as “WAN branch”.",
        ))
    } else {
        make(&order, Policy::new(name)).await
    };
    match said {
        Ok(saved) => order.done(&address(&saved.name), told(&saved)).await,
        Err(error) => order.refused("/policies/new", error).await,
    }
}

/// Makes a policy that counts from its first moment on for whom the form says.
async fn make(order: &Order, policy: Policy) -> Result<PolicySummary, api::Error> {
    let assignment = assignment(&order.fields)?;
    let fields = order.fields.clone();
    let json = off_thread(move || written(&sheet::from_form(policy, &fields)?)).await?;
    order
        .state
        .backend()
        .create_policy(
            &order.actor(),
            &json,
            &order.fields.text("comment"),
            &assignment,
        )
        .await
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

async fn edited(order: &Order, name: &str) -> Result<PolicySummary, api::Error> {
    save(order, name, |policy, fields| {
        sheet::from_form(policy, fields)
    })
    .await
}

/// `POST /policies/{name}/values`: base, and `drop.N` for each value that no option knows and
/// that is to go; `all` for every one of them.
async fn values(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let said = save(&order, &name, |mut policy, fields| {
        if fields.get("all").is_empty() {
            sheet::take_out(&mut policy, fields);
        } else {
            policy.other_values.clear();
        }
        Ok(policy)
    });
    match said.await {
        Ok(saved) => order.done(&address(&saved.name), told(&saved)).await,
        Err(error) => {
            let back = path(&["policies", &name, "values"]);
            order.refused(&back, error).await
        }
    }
}

/// Saves a stored policy with what the form changes in it. It may be a large one.
async fn save(
    order: &Order,
    name: &str,
    change: fn(Policy, &Fields) -> Result<Policy, api::Error>,
) -> Result<PolicySummary, api::Error> {
    let stored = order.state.backend().policy(name).await?;
    // A form without a readable base is of no revision, and refused as old by the server.
    let base = order.fields.get("base").parse().unwrap_or(0);
    let fields = order.fields.clone();
    let json = off_thread(move || written(&change(sheet::open(&stored)?, &fields)?)).await?;
    order
        .state
        .backend()
        .save_policy(&order.actor(), &json, base, order.fields.get("comment"))
        .await
}

fn written(policy: &Policy) -> Result<String, api::Error> {
    serde_json::to_string(policy)
        .map_err(|error| api::Error::Internal(format!("the policy cannot be written: {error}")))
}

fn told(saved: &PolicySummary) -> String {
    format!("{} was saved as revision {}.", saved.name, saved.revision)
}

/// `POST /policies/{name}/revert`: revision, base (the newest that the page showed).
async fn revert(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let number = |field: &str| order.fields.get(field).parse().unwrap_or(0);
    let said = order
        .state
        .backend()
        .revert_policy(&order.actor(), &name, number("revision"), number("base"))
        .await;
    match said {
        Ok(saved) => {
            let told = format!(
                "{} is as it was in revision {}; that is revision {} now.",
                saved.name,
                order.fields.get("revision"),
                saved.revision
            );
            order.done(&address(&saved.name), told).await
        }
        Err(error) => {
            let history = path(&["policies", &name, "history"]);
            order.refused(&history, error).await
        }
    }
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

fn address(name: &str) -> String {
    path(&["policies", name])
}
