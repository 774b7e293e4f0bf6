//! Groups of users.

use super::order::Order;
use crate::format::counted;
use crate::query::path;
use crate::ssr::state::AppState;
use api::{AddMembers, CreateGroup, DeleteGroup, Done, EditGroup, NewGroup, RemoveMembers};
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
    let group = NewGroup {
        name: order.fields.text("name"),
        description: order.fields.text("description"),
        members: vec![order.fields.text("members")],
    };
    let (to, told) = (
        address(&group.name),
        format!("The group {} was created.", group.name),
    );
    match order.call(CreateGroup { group }).await {
        Ok(Done {}) => order.done(&to, told).await,
        Err(error) => order.refused("/groups/new", error).await,
    }
}

/// `POST /groups/{name}`: description, revision.
async fn describe(Path(name): Path<String>, order: Order) -> Response {
    let edit = EditGroup {
        name: name.clone(),
        revision: order.revision(),
        description: Some(order.fields.text("description")),
    };
    let said = order.call(edit).await;
    end(&order, &name, said.map(|Done {}| "Saved.".to_owned())).await
}

/// `POST /groups/{name}/add`: members (aliases in one text).
async fn add(Path(name): Path<String>, order: Order) -> Response {
    let add = AddMembers {
        name: name.clone(),
        members: vec![order.fields.text("members")],
    };
    let told = |added| match added {
        0 => "Nothing changed: all of them were in the group already.".to_owned(),
        added => format!("{} added.", counted(added, "member was", "members were")),
    };
    let said = order.call(add).await;
    end(&order, &name, said.map(told)).await
}

/// `POST /groups/{name}/remove`: members (any number).
async fn remove(Path(name): Path<String>, order: Order) -> Response {
    let remove = RemoveMembers {
        name: name.clone(),
        members: order.fields.all("members").map(str::to_owned).collect(),
    };
    let told = |removed| {
        let removed = counted(removed, "member was", "members were");
        format!("{removed} taken out.")
    };
    let said = order.call(remove).await;
    end(&order, &name, said.map(told)).await
}

/// `POST /groups/{name}/delete`: revision.
async fn delete(Path(name): Path<String>, order: Order) -> Response {
    let delete = DeleteGroup {
        name: name.clone(),
        revision: order.revision(),
    };
    match order.call(delete).await {
        Ok(Done {}) => {
            let told = format!("The group {name} was deleted.");
            order.done("/groups", told).await
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
