//! Groups of users.

use super::order::Order;
use crate::format::counted;
use crate::model::{NewGroup, Role};
use crate::query::path;
use crate::ssr::state::AppState;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/groups/new", post(create))
        .route("/groups/{name}", post(describe))
        .route("/groups/{name}/add", post(add))
        .route("/groups/{name}/remove", post(remove))
        .route("/groups/{name}/delete", post(delete))
}

/// `POST /groups/new`: name, description, members (aliases in one text).
async fn create(order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let group = NewGroup {
        name: order.fields.text("name"),
        description: order.fields.text("description"),
        members: vec![order.fields.text("members")],
    };
    let actor = order.actor();
    match order.state.backend().create_group(&actor, &group).await {
        Ok(()) => {
            let told = format!("The group {} was created.", group.name);
            order.done(&address(&group.name), told).await
        }
        Err(error) => order.refused("/groups/new", error).await,
    }
}

/// `POST /groups/{name}`: description.
async fn describe(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let actor = order.actor();
    let description = order.fields.text("description");
    let said = order
        .state
        .backend()
        .describe_group(&actor, &name, &description)
        .await;
    end(&order, &name, said.map(|()| "Saved.".to_owned())).await
}

/// `POST /groups/{name}/add`: members (aliases in one text).
async fn add(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let aliases = [order.fields.text("members")];
    let actor = order.actor();
    let said = order
        .state
        .backend()
        .add_members(&actor, &name, &aliases)
        .await;
    let told = |added| match added {
        0 => "Nothing changed: all of them were in the group already.".to_owned(),
        added => format!("{} added.", counted(added, "member was", "members were")),
    };
    end(&order, &name, said.map(told)).await
}

/// `POST /groups/{name}/remove`: members (any number).
async fn remove(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let aliases: Vec<_> = order.fields.all("members").map(str::to_owned).collect();
    let actor = order.actor();
    let said = order
        .state
        .backend()
        .remove_members(&actor, &name, &aliases)
        .await;
    let told = |removed| {
        format!(
            "{} taken out.",
            counted(removed, "member was", "members were")
        )
    };
    end(&order, &name, said.map(told)).await
}

/// `POST /groups/{name}/delete`.
async fn delete(Path(name): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    match order
        .state
        .backend()
        .delete_group(&order.actor(), &name)
        .await
    {
        Ok(()) => {
            order
                .done("/groups", format!("The group {name} was deleted."))
                .await
        }
        Err(error) => order.refused(&address(&name), error).await,
    }
}

async fn end(order: &Order, name: &str, said: Result<String, api::Error>) -> Response {
    match said {
        Ok(told) => order.done(&address(name), told).await,
        Err(error) => order.refused(&address(name), error).await,
    }
}

fn address(name: &str) -> String {
    path(&["groups", name])
}
