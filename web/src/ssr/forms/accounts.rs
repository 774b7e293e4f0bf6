//! Accounts of the console, one's own, and sessions.

use super::order::Order;
use crate::model::Role;
use crate::query::path;
use crate::ssr::guard::broken_session;
use crate::ssr::session;
use crate::ssr::state::AppState;
use api::{
    ChangeOwnPassword, CreateAccount, DeleteAccount, DisableAccount, Done, EnableAccount,
    EndSession, ResetAccountPassword, SetAccountRole,
};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::post;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/account/password", post(change_own_password))
        .route("/account/sessions/{key}/end", post(end_own_session))
        .route("/accounts/new", post(create))
        .route("/accounts/{name}/role", post(set_role))
        .route("/accounts/{name}/password", post(reset_password))
        .route("/accounts/{name}/enable", post(enable))
        .route("/accounts/{name}/disable", post(disable))
        .route("/accounts/{name}/delete", post(delete))
        .route("/accounts/{name}/sessions/{key}/end", post(end_session))
}

/// `POST /accounts/new`: name, role, password, `password_again`.
async fn create(order: Order) -> Response {
    let name = order.fields.text("name");
    let said = match (role(&order), twice(&order)) {
        (Ok(role), Ok(())) => {
            let password = order.fields.get("password").into();
            let create = CreateAccount {
                name: name.clone(),
                role,
                password,
            };
            order.call(create).await
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    match said {
        Ok(Done {}) => {
            let told = format!("{name} was added and may sign in now.");
            order.done(&address(&name), told).await
        }
        Err(error) => order.refused("/accounts/new", error).await,
    }
}

/// `POST /accounts/{name}/role`: role, revision.
async fn set_role(Path(name): Path<String>, order: Order) -> Response {
    let said = match role(&order) {
        Ok(role) => {
            let set = SetAccountRole {
                name: name.clone(),
                revision: order.revision(),
                role,
            };
            order.call(set).await
        }
        Err(error) => Err(error),
    };
    end(&order, &name, said, "Saved.").await
}

/// `POST /accounts/{name}/password`: password, `password_again`.
async fn reset_password(Path(name): Path<String>, order: Order) -> Response {
    let said = match twice(&order) {
        Ok(()) => {
            let password = order.fields.get("password").into();
            let name = name.clone();
            order.call(ResetAccountPassword { name, password }).await
        }
        Err(error) => Err(error),
    };
    let told = "The password was set. Whoever was signed in with the old one is out.";
    end(&order, &name, said, told).await
}

/// `POST /accounts/{name}/enable`.
async fn enable(Path(name): Path<String>, order: Order) -> Response {
    let enable = EnableAccount { name: name.clone() };
    let said = order.call(enable).await;
    end(&order, &name, said, "The account may sign in again.").await
}

/// `POST /accounts/{name}/disable`.
async fn disable(Path(name): Path<String>, order: Order) -> Response {
    let disable = DisableAccount { name: name.clone() };
    let said = order.call(disable).await;
    end(&order, &name, said, "The account may sign in no more.").await
}

/// `POST /accounts/{name}/delete`.
async fn delete(Path(name): Path<String>, order: Order) -> Response {
    let delete = DeleteAccount {
        name: name.clone(),
        revision: order.revision(),
    };
    match order.call(delete).await {
        Ok(Done {}) => {
            let told = format!("The account {name} was removed.");
            order.done("/accounts", told).await
        }
        Err(error) => order.refused(&address(&name), error).await,
    }
}

/// `POST /accounts/{name}/sessions/{key}/end`.
async fn end_session(Path((name, key)): Path<(String, String)>, order: Order) -> Response {
    let said = order.call(EndSession { key }).await;
    end(&order, &name, said, "The session was ended.").await
}

/// `POST /account/sessions/{key}/end`.
async fn end_own_session(Path(key): Path<String>, order: Order) -> Response {
    match order.call(EndSession { key }).await {
        Ok(Done {}) => order.done(OWN, "The session was ended.".to_owned()).await,
        Err(error) => order.refused(OWN, error).await,
    }
}

const OWN: &str = "/account";

/// `POST /account/password`: `old_password`, password, `password_again`.
async fn change_own_password(order: Order) -> Response {
    let said = match twice(&order) {
        Ok(()) => {
            let change = ChangeOwnPassword {
                old_password: order.fields.get("old_password").into(),
                password: order.fields.get("password").into(),
            };
            order.call(change).await
        }
        Err(error) => Err(error),
    };
    match said {
        Ok(changed) => match session::keep(&order.session, changed.generation).await {
            Ok(()) => {
                let told = "Your password was changed. Your other sessions were ended.";
                order.done(OWN, told.to_owned()).await
            }
            Err(error) => order.fail(broken_session(&error).into()).await,
        },
        Err(error) => order.refused(OWN, error).await,
    }
}

fn role(order: &Order) -> Result<Role, api::Error> {
    match order.fields.get("role") {
        "viewer" => Ok(Role::Viewer),
        "operator" => Ok(Role::Operator),
        "administrator" => Ok(Role::Administrator),
        other => Err(api::Error::invalid(
            "role",
            format!("There is no role {other:?}. Choose one from the list."),
        )),
    }
}

fn twice(order: &Order) -> Result<(), api::Error> {
    if order.fields.get("password") == order.fields.get("password_again") {
        return Ok(());
    }
    Err(api::Error::invalid(
        "password_again",
        "The two passwords differ. Type the same password twice.",
    ))
}

async fn end(order: &Order, name: &str, said: Result<Done, api::Error>, told: &str) -> Response {
    match said {
        Ok(Done {}) => order.done(&address(name), told.to_owned()).await,
        Err(error) => order.refused(&address(name), error).await,
    }
}

fn address(name: &str) -> String {
    path(&["accounts", name])
}
