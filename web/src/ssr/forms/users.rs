//! Accounts of people who sign on with a client.

use super::order::Order;
use crate::query::path;
use crate::ssr::state::AppState;
use api::{
    CreateUser, DeleteUser, DisableUser, Done, EditUser, EnableUser, Error, NewUser, SetPassword,
    UnblockUser,
};
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
    let user = NewUser {
        alias: order.fields.text("alias"),
        display_name: order.fields.text("display_name"),
        email: order.fields.text("email"),
        password: order.fields.get("password").into(),
    };
    let (to, told) = (
        address(&user.alias),
        format!("{} was created and may sign on now.", user.alias),
    );
    match order.call(CreateUser { user }).await {
        Ok(Done {}) => order.done(&to, told).await,
        Err(error) => order.refused("/users/new", error).await,
    }
}

/// `POST /users/{alias}`: revision, `display_name`, email, enabled (`true` or nothing); the last
/// three once more with `was_` before their names, as the page showed them. What is as it was is
/// not named in the order, so that it does not undo what somebody else changed meanwhile.
async fn edit(Path(alias): Path<String>, order: Order) -> Response {
    let fields = &order.fields;
    let changed = |name: &str, was: &str| {
        let text = fields.text(name);
        (!fields.has(was) || fields.text(was) != text).then_some(text)
    };
    let edit = EditUser {
        alias: alias.clone(),
        revision: order.revision(),
        display_name: changed("display_name", "was_display_name"),
        email: changed("email", "was_email"),
    };
    let enabled = changed("enabled", "was_enabled").map(|text| text == "true");
    let texts = edit.display_name.is_some() || edit.email.is_some();
    let said = match order.call(edit).await {
        Ok(Done {}) => enable(&order, &alias, enabled)
            .await
            .map_err(|error| match texts {
                true => half_done(error),
                false => error,
            }),
        Err(error) => Err(error),
    };
    end(&order, &alias, said).await
}

/// Lets somebody sign on or not, where the form says something of it.
async fn enable(order: &Order, alias: &str, enabled: Option<bool>) -> Result<String, Error> {
    let alias = alias.to_owned();
    match enabled {
        None => Ok("Saved.".to_owned()),
        Some(true) => {
            let told = format!("Saved. {alias} may sign on.");
            order.call(EnableUser { alias }).await.map(|Done {}| told)
        }
        Some(false) => {
            let told = format!("Saved. {alias} is disabled and may not sign on.");
            order.call(DisableUser { alias }).await.map(|Done {}| told)
        }
    }
}

fn half_done(error: Error) -> Error {
    match error {
        Error::Forbidden => error,
        error => Error::Conflict(format!(
            "The name and the mail address were saved; whether the user may sign on was not changed. {error}"
        )),
    }
}

/// `POST /users/{alias}/password`: password, `password_again`.
async fn set_password(Path(alias): Path<String>, order: Order) -> Response {
    let password = order.fields.get("password");
    let said = if password == order.fields.get("password_again") {
        let set = SetPassword {
            alias: alias.clone(),
            password: password.into(),
        };
        order.call(set).await
    } else {
        Err(Error::invalid(
            "password_again",
            "The two passwords differ. Type the same password twice.",
        ))
    };
    let told =
        format!("The password of {alias} was set. Sessions that are live stay until they renew.");
    end(&order, &alias, said.map(|Done {}| told)).await
}

/// `POST /users/{alias}/unblock`.
async fn unblock(Path(alias): Path<String>, order: Order) -> Response {
    let lift = UnblockUser {
        alias: alias.clone(),
    };
    let told = format!("{alias} may sign on again.");
    let said = order.call(lift).await;
    end(&order, &alias, said.map(|Done {}| told)).await
}

/// `POST /users/{alias}/delete`: revision.
async fn delete(Path(alias): Path<String>, order: Order) -> Response {
    let delete = DeleteUser {
        alias: alias.clone(),
        revision: order.revision(),
    };
    match order.call(delete).await {
        Ok(Done {}) => order.done("/users", format!("{alias} was deleted.")).await,
        Err(error) => order.refused(&address(&alias), error).await,
    }
}

async fn end(order: &Order, alias: &str, said: Result<String, Error>) -> Response {
    match said {
        Ok(told) => order.done(&address(alias), told).await,
        Err(error) => order.refused(&address(alias), error).await,
    }
}

fn address(alias: &str) -> String {
    path(&["users", alias])
}
