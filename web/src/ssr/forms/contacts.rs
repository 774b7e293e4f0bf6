//! Contact lists of users' clients: uploads, downloads, and the scripts that carry them.

use super::download::Looker;
use super::order::Order;
use super::upload::{FIELDS, LARGEST, Upload};
use crate::format::counted;
use crate::model::{ContactsTaken, Role};
use crate::query::path;
use crate::ssr::state::AppState;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(
            "/users/{alias}/contacts",
            post(import)
                .layer(DefaultBodyLimit::max(LARGEST + FIELDS))
                .get(export),
        )
        .route("/users/{alias}/contacts/remove", post(remove))
        .route("/contacts/script", get(script))
}

/// How many refused keys are named in full.
const NAMED: usize = 5;

/// `POST /users/{alias}/contacts`: file, as a form with a file sends it.
async fn import(Path(alias): Path<String>, upload: Upload) -> Response {
    let (order, file) = upload.one();
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let said = match file {
        Ok(file) => {
            let backend = order.state.backend();
            let actor = order.actor();
            backend.import_contacts(&actor, &alias, &file).await
        }
        Err(message) => Err(api::Error::invalid("file", message)),
    };
    match said {
        Ok(taken) => {
            let to = format!("{}#contacts", address(&alias));
            order.done(&to, told(&taken)).await
        }
        Err(error) => order.refused(&address(&alias), error).await,
    }
}

fn told(taken: &ContactsTaken) -> String {
    let summary = &taken.summary;
    let mut text = format!(
        "{} of {} kept as revision {}.",
        counted(summary.contacts, "contact", "contacts"),
        summary.alias,
        summary.revision
    );
    let (named, more) = taken.refused.split_at(taken.refused.len().min(NAMED));
    if !named.is_empty() {
        text += &format!(" Not taken: {}", named.join("; "));
        if !more.is_empty() {
            text += &format!("; and {} more", more.len());
        }
        text.push('.');
    }
    for notice in taken.notices.iter().take(NAMED) {
        text += &format!(" Note: {notice}.");
    }
    text
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    format: String,
}

/// `GET /users/{alias}/contacts?format=reg`: the file.
async fn export(
    Path(alias): Path<String>,
    Query(wanted): Query<Wanted>,
    looker: Looker,
) -> Response {
    let said = looker
        .backend()
        .export_contacts(&looker.actor(), &alias, &wanted.format)
        .await;
    looker.give(said, &address(&alias)).await
}

/// `POST /users/{alias}/contacts/remove`.
async fn remove(Path(alias): Path<String>, order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let said = order
        .state
        .backend()
        .remove_contacts(&order.actor(), &alias)
        .await;
    match said {
        Ok(()) => {
            let told = format!("The contacts of {alias} are not kept here any more.");
            order.done(&address(&alias), told).await
        }
        Err(error) => order.refused(&address(&alias), error).await,
    }
}

#[derive(Deserialize)]
struct Script {
    #[serde(default)]
    name: String,
    #[serde(default)]
    share: String,
}

/// `GET /contacts/script?name=contacts-logon.vbs&share=\\server\share`: the file; without a
/// share the one that asks the server.
async fn script(Query(wanted): Query<Script>, looker: Looker) -> Response {
    let share = Some(wanted.share.trim()).filter(|share| !share.is_empty());
    let missing = || api::Error::NotFound(format!("There is no script {}.", wanted.name));
    let said = looker.backend().contact_scripts(share).await;
    let said = said.and_then(|files| {
        let mut files = files.into_iter();
        files
            .find(|file| file.file_name == wanted.name)
            .ok_or_else(missing)
    });
    looker.give(said, "/contacts").await
}

fn address(alias: &str) -> String {
    path(&["users", alias])
}
