//! Registry files become policies: the upload, and, after a look at what is in it, the saving.

use super::assignments::assignment;
use super::order::Order;
use super::upload::{LARGEST, Upload};
use crate::backend::BackendError;
use crate::model::{Assignment, Role};
use crate::query::path;
use crate::ssr::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::post;
use policies::{Catalogue, Hive, import, read_file};

const PAGE: &str = "/policies/import";
/// What a form carries besides its file.
const FIELDS: usize = 64 * 1024;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(PAGE, post(upload))
        .route("/policies/import/save", post(save))
        .layer(DefaultBodyLimit::max(LARGEST + FIELDS))
}

/// `POST /policies/import`: hive (of a Registry.pol), file. Leads to the page that shows what is
/// in it; nothing is saved yet.
async fn upload(upload: Upload) -> Response {
    let Upload { order, name, file } = upload;
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let hive = Hive::named(order.fields.get("hive"));
    let read = file.and_then(|bytes| {
        read_file(&bytes, hive).map_err(|error| format!("{name} was not taken: {error}."))
    });
    match read {
        Ok(file) => {
            let imported = import("", file, Catalogue::get());
            let id = number(&order.state);
            let account = order.actor().name;
            order
                .state
                .uploads
                .keep(&account, id.clone(), name, imported);
            axum::response::IntoResponse::into_response(axum::response::Redirect::to(&format!(
                "{PAGE}?upload={id}"
            )))
        }
        Err(message) => {
            let field = "file";
            order
                .refused(PAGE, BackendError::Invalid { field, message })
                .await
        }
    }
}

/// A number that nobody else can guess.
fn number(state: &AppState) -> String {
    let mut bytes = [0_u8; 16];
    (state.console.random)(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `POST /policies/import/save`: upload, name, description, `keep.N` for each unknown value
/// that is to be kept, for whom it counts, and whether it may take a policy's place.
async fn save(order: Order) -> Response {
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let id = order.fields.text("upload");
    let back = format!("{PAGE}?upload={}", path(&[&id]).trim_start_matches('/'));
    match saved(&order, &id).await {
        Ok(name) => {
            order.state.uploads.forget(&order.actor().name);
            let told = format!("{name} was made from the file. Below stands for whom it counts.");
            order.done(&path(&["policies", &name]), told).await
        }
        Err(error) => order.refused(&back, error).await,
    }
}

async fn saved(order: &Order, id: &str) -> Result<String, BackendError> {
    let keep = |at: usize| !order.fields.get(&format!("keep.{at}")).is_empty();
    let actor = order.actor();
    let Some((mut policy, file)) = order.state.uploads.policy(&actor.name, id, keep) else {
        return Err(BackendError::NotFound(
            "The upload is not there any more. Upload the file once more.".to_owned(),
        ));
    };
    policy.name = order.fields.text("name");
    policy.description = order.fields.text("description");
    let json = serde_json::to_string(&policy).map_err(|error| {
        BackendError::Internal(format!("the policy cannot be written: {error}"))
    })?;
    let name: String = file.chars().filter(|c| !c.is_control()).take(200).collect();
    let comment = format!("Imported from {name}");
    let counts = assignment(&order.fields)?;
    let replace = order.fields.get("replace") == "yes";
    // Whoever replaces a policy and says nothing leaves it as it counts.
    let said = !replace || counts != Assignment::default();
    let saved = order
        .state
        .backend()
        .import_policy(&actor, &json, &comment, said.then_some(&counts), replace)
        .await?;
    Ok(saved.name)
}
