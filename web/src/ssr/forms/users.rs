//! Accounts of people who sign on with a client.

use super::order::Order;
use crate::model::{NewUser, Role, UserEdit};
use crate::ssr::state::AppState;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/users/new", post(create))
        .route("/users/{alias}", post(edit))
        .route("/users/{alias}/password", post(set_password))
        .route("/users/{alias}/unblock", post(unblock))
        .route("/users/{alias}/delete", post(delete))
}

/// `POST /users/new`: alias, `display_name`, email, password.
async fn create(order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let user = NewUser {
        alias: order.fields.text("alias"),
        display_name: order.fields.text("display_name"),
        email: order.fields.text("email"),
        password: order.fields.get("password").into(),
    };
    match order
        .state
        .backend()
        .create_user(&order.actor(), &user)
        .await
    {
        Ok(()) => {
            let told = format!("{} was created and may sign on now.", user.alias);
            order.done(&address(&user.alias), told).await
        }
        Err(error) => order.refused("/users/new", error).await,
    }
}

/// `POST /users/{alias}`: `display_name`, email, enabled (`true` or nothing); each once more with
/// `was_` before its name, as the page showed it. What is as it was is not named in the order, so
/// that it does not undo what somebody else changed meanwhile.
async fn edit(Path(alias): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let fields = &order.fields;
    let changed = |name: &str, was: &str| {
        let text = fields.text(name);
        (!fields.has(was) || fields.text(was) != text).then_some(text)
    };
    let edit = UserEdit {
        display_name: changed("display_name", "was_display_name"),
        email: changed("email", "was_email"),
        enabled: changed("enabled", "was_enabled").map(|text| text == "true"),
    };
    let said = order
        .state
        .backend()
        .edit_user(&order.actor(), &alias, &edit)
        .await;
    let told = match edit.enabled {
        Some(true) => format!("Saved. {alias} may sign on."),
        Some(false) => format!("Saved. {alias} is disabled and may not sign on."),
        None => "Saved.".to_owned(),
    };
    end(&order, &alias, said, told).await
}

/// `POST /users/{alias}/password`: password, `password_again`.
async fn set_password(Path(alias): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let password = order.fields.get("password");
    let said = if password == order.fields.get("password_again") {
        order
            .state
            .backend()
            .set_password(&order.actor(), &alias, password)
            .await
    } else {
        Err(api::Error::invalid(
            "password_again",
            "The two passwords differ. Type the same password twice.",
        ))
    };
    let told =
        format!("The password of {alias} was set. Sessions that are live stay until they renew.");
    end(&order, &alias, said, told).await
}

/// `POST /users/{alias}/unblock`.
async fn unblock(Path(alias): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let said = order
        .state
        .backend()
        .unblock_user(&order.actor(), &alias)
        .await;
    end(&order, &alias, said, format!("{alias} may sign on again.")).await
}

/// `POST /users/{alias}/delete`.
async fn delete(Path(alias): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    match order
        .state
        .backend()
        .delete_user(&order.actor(), &alias)
        .await
    {
        Ok(()) => order.done("/users", format!("{alias} was deleted.")).await,
        Err(error) => order.refused(&address(&alias), error).await,
    }
}

async fn end(order: &Order, alias: &str, said: Result<(), api::Error>, told: String) -> Response {
    match said {
        Ok(()) => order.done(&address(alias), told).await,
        Err(error) => order.refused(&address(alias), error).await,
    }
}

fn address(alias: &str) -> String {
    crate::query::path(&["users", alias])
}
