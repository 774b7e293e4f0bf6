//! Registry files become policies: the upload, and, after a look at what is in it, the saving.

use super::assignments::assignment;
use super::order::Order;
use super::policies::written;
use super::upload::{FIELDS, LARGEST, Upload};
use crate::model::{Assignment, Role};
use crate::query::path;
use crate::ssr::off_thread;
use crate::ssr::state::AppState;
use api::ImportPolicy;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::post;
use policies::{
    Catalogue, CodePage, Hive, ImportError, Imported, ReadOptions, SourceFile, import, read_files,
};

const PAGE: &str = "/policies/import";

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(PAGE, post(upload))
        .route("/policies/import/save", post(save))
        .layer(DefaultBodyLimit::max(LARGEST + FIELDS))
}

/// Lines that cannot be read which are named on the page.
const NAMED: usize = 20;

/// `POST /policies/import`: hive (of a Registry.pol), code page, skip (what cannot be read), one
/// file or several. Leads to the page that shows what is in them; nothing is saved yet.
async fn upload(upload: Upload) -> Response {
    let Upload { order, files } = upload;
    if let Err(refusal) = order.need(Role::Administrator).await {
        return refusal;
    }
    let options = match options(&order) {
        Ok(options) => options,
        Err(error) => return order.refused(PAGE, error).await,
    };
    let read = match files {
        Ok(files) => read(files, options).await,
        Err(why) => Err(why),
    };
    match read {
        Ok((name, imported)) => {
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
                .refused(PAGE, api::Error::invalid(field, message))
                .await
        }
    }
}

/// How the form wants files to be read.
fn options(order: &Order) -> Result<ReadOptions, api::Error> {
    let page = order.fields.text("code_page");
    let code_page = match page.as_str() {
        "" => None,
        word => Some(CodePage::named(word).ok_or_else(|| api::Error::invalid("code_page", format!("“{word}” is no code page of Windows. Type its number, such as 1252 or 932, or nothing.")))?),
    };
    Ok(ReadOptions {
        hive: Hive::named(order.fields.get("hive")),
        code_page,
        skip_bad_lines: order.fields.get("skip") == "yes",
    })
}

/// Reads files as one, on a thread that nobody waits on: large ones take a while.
async fn read(
    files: Vec<(String, Vec<u8>)>,
    options: ReadOptions,
) -> Result<(String, Imported), String> {
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let name = names.join(", ");
    let reading = tokio::task::spawn_blocking(move || {
        let sources = files
            .into_iter()
            .map(|(name, bytes)| SourceFile::asked(name, bytes));
        read_files(sources.collect(), &options).map(|file| import("", file, Catalogue::get()))
    });
    let read = match reading.await {
        Ok(read) => read,
        Err(error) => return Err(format!("{name} could not be read: {error}.")),
    };
    read.map(|imported| (name.clone(), imported))
        .map_err(|error| match error {
            ImportError::Lines(bad) if bad.count() > 1 => format!(
                "{name} was not taken: {} lines cannot be read. Correct or remove them, or tick “Skip what cannot be read”.\n{}",
                bad.count(),
                bad.listed(NAMED)
            ),
            error => format!("{name} was not taken: {error}."),
        })
}

/// A number that nobody else can guess.
fn number(state: &AppState) -> String {
    let mut bytes = [0_u8; 16];
    (state.console.random)(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `POST /policies/import/save`: upload, name, description, `keep.N` for each unknown value
/// that is to be kept and `keep.rest` for those that the page does not list, for whom it counts, and whether it may take a policy's place.
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

async fn saved(order: &Order, id: &str) -> Result<String, api::Error> {
    let keep = |at: usize| !order.fields.get(&format!("keep.{at}")).is_empty();
    let actor = order.actor();
    let keep_rest = !order.fields.get("keep.rest").is_empty();
    let upload = order
        .state
        .uploads
        .policy(&actor.name, id, &keep, keep_rest);
    let Some((mut policy, file)) = upload.await else {
        return Err(api::Error::NotFound(
            "The upload is not there any more. Upload the file once more.".to_owned(),
        ));
    };
    policy.name = order.fields.text("name");
    policy.description = order.fields.text("description");
    let policy = off_thread(move || written(&policy)).await?;
    let name: String = file.chars().filter(|c| !c.is_control()).take(200).collect();
    let comment = format!("Imported from {name}");
    let counts = assignment(&order.fields)?;
    let replace = order.fields.get("replace") == "yes";
    // Whoever replaces a policy and says nothing leaves it as it counts.
    let said = !replace || counts != Assignment::default();
    let import = ImportPolicy {
        policy,
        comment,
        assignment: said.then_some(counts),
        replace,
        // The page has not shown what it replaces.
        revision: None,
    };
    Ok(order.call(import).await?.name)
}
