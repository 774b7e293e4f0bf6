//! Client policies handed out as files: single formats, their undo, and client kits.

use super::download::Looker;
use crate::backend::Download;
use crate::query::path;
use crate::ssr::state::AppState;
use api::{Base64, ExportPolicy, File, GetKit};
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use policies::Windows;
use serde::Deserialize;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies/{name}/export", get(export))
        .route("/policies/{name}/kit", get(kit))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    format: String,
    /// There for the file that takes the policy back.
    undo: Option<String>,
    #[serde(default)]
    windows: String,
}

/// `GET /policies/{name}/export?format=reg`, `&undo` for the file that takes it back.
async fn export(Path(name): Path<String>, Query(wanted): Query<Wanted>, who: Looker) -> Response {
    let back = path(&["policies", &name]);
    let export = ExportPolicy {
        name,
        format: wanted.format,
        undo: wanted.undo.is_some(),
        archive: true,
    };
    let made = who.call(export).await.and_then(|mut files| {
        let none = || api::Error::Internal("an export made no file".to_owned());
        files.pop().map(download).ok_or_else(none)
    });
    // The policy is there but cannot be exported so: that is said where it can be changed.
    who.give(made, &back).await
}

/// `GET /policies/{name}/kit?windows=xp`
async fn kit(Path(name): Path<String>, Query(wanted): Query<Wanted>, who: Looker) -> Response {
    let windows = wanted.windows;
    let back = path(&["policies", &name]);
    if Windows::named(&windows).is_none() {
        let why = "There is no such kit. Choose one on the policy's page.";
        return who
            .give(Err(api::Error::NotFound(why.to_owned())), &back)
            .await;
    }
    let made = who.call(GetKit { name, windows }).await;
    who.give(made.map(download), &back).await
}

/// A file as browsers save it: without the folder that it belongs into.
fn download(file: File) -> Download {
    let Base64(bytes) = file.bytes;
    let name = file.name.rsplit('/').next().unwrap_or_default();
    Download {
        file_name: name.to_owned(),
        media_type: file.media_type,
        bytes,
    }
}
