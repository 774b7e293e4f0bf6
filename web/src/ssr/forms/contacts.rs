//! Contact lists of users' clients: uploads, downloads, and the scripts that carry them.

use super::download::Looker;
use super::order::Order;
use super::upload::{FIELDS, LARGEST, Upload, code_page};
use crate::backend::Download;
use crate::format::counted;
use crate::query::path;
use crate::ssr::state::AppState;
use api::{
    Base64, ContactsTaken, DeleteContacts, Done, Error, ExportContacts, GetContactScripts,
    ImportContacts, Operation as _,
};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use policies::CodePage;
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

/// `POST /users/{alias}/contacts`: code page, skip (what cannot be read), file, as a form with a
/// file sends them.
async fn import(Path(alias): Path<String>, upload: Upload) -> Response {
    let (order, file) = upload.one();
    let wanted = file
        .map_err(|message| Error::invalid("file", message))
        .and_then(|file| {
            Ok(ImportContacts {
                alias: alias.clone(),
                file: Base64(file),
                code_page: code_page(&order.fields)?.map(CodePage::number),
                skip_bad_lines: order.fields.get("skip") == "yes",
            })
        });
    let said = match wanted {
        Ok(wanted) => order.call(wanted).await,
        // Whoever may not do it need not hear what is wrong with it.
        Err(error) => order
            .need(ImportContacts::ROLE)
            .await
            .map_or_else(|_| Err(Error::Forbidden), |()| Err(error)),
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
    let export = ExportContacts {
        alias: alias.clone(),
        format: wanted.format,
    };
    let said = looker.call(export).await.map(Download::from);
    looker.give(said, &address(&alias)).await
}

/// `POST /users/{alias}/contacts/remove`.
async fn remove(Path(alias): Path<String>, order: Order) -> Response {
    let delete = DeleteContacts {
        alias: alias.clone(),
    };
    match order.call(delete).await {
        Ok(Done {}) => {
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
    let share = Some(wanted.share.trim().to_owned()).filter(|share| !share.is_empty());
    let missing = || Error::NotFound(format!("There is no script {}.", wanted.name));
    let said = looker.call(GetContactScripts { share }).await;
    let said = said.and_then(|files| {
        let mut files = files.into_iter();
        files
            .find(|file| file.name == wanted.name)
            .ok_or_else(missing)
    });
    looker.give(said.map(Download::from), "/contacts").await
}

fn address(alias: &str) -> String {
    path(&["users", alias])
}
