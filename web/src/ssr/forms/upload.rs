//! A form with files in it (`multipart/form-data`).

use super::order::{Fields, Order, Sender, unread};
use crate::Problem;
use crate::ssr::page;
use crate::ssr::state::AppState;
use api::Error;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::Response;
use policies::CodePage;

/// The largest file, or several together, in bytes. Policies of a whole enterprise are a tenth
/// of it.
pub(super) const LARGEST: usize = 1024 * 1024;

/// What a form has beside its files, in bytes.
pub(super) const FIELDS: usize = 64 * 1024;

/// An order with files, each with its name. `Err` in `files` says why they could not be taken;
/// there is one at least.
pub(super) struct Upload {
    pub(super) order: Order,
    pub(super) files: Result<Vec<(String, Vec<u8>)>, String>,
}

impl Upload {
    /// The order, and the one file that it is about.
    pub(super) fn one(self) -> (Order, Result<Vec<u8>, String>) {
        let file = self.files.and_then(|files| {
            let mut files = files.into_iter();
            match (files.next(), files.next()) {
                (Some((_, file)), None) => Ok(file),
                _ => Err("Choose one file.".to_owned()),
            }
        });
        (self.order, file)
    }
}

/// In which code page a file is, if the form says so.
pub(super) fn code_page(fields: &Fields) -> Result<Option<CodePage>, Error> {
    let word = fields.text("code_page");
    if word.is_empty() {
        return Ok(None);
    }
    let named = CodePage::named(&word).map(Some);
    named.ok_or_else(|| {
        Error::invalid(
            "code_page",
            format!(
                "“{word}” is no code page of Windows. Type its number, such as 1252 or 932, or nothing."
            ),
        )
    })
}

impl FromRequest<AppState> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let Some(sender) = Sender::of(&request) else {
            return Err(page::problem(state, Problem::SignedOut, None).await);
        };
        let said = match Multipart::from_request(request, state).await {
            Ok(parts) => read(parts).await,
            Err(rejection) => Err(unread(
                rejection.status(),
                &rejection,
                &rejection.body_text(),
            )),
        };
        match said {
            Ok(parts) => Ok(Self {
                order: sender.order(state, Fields::of(parts.fields)).await?,
                files: parts.files,
            }),
            Err(problem) => Err(page::problem(state, problem, None).await),
        }
    }
}

struct Parts {
    fields: Vec<(String, String)>,
    files: Result<Vec<(String, Vec<u8>)>, String>,
}

/// Reads all parts; the token stands before the file, so that a file that is too large still
/// leads back to its form.
async fn read(mut parts: Multipart) -> Result<Parts, Problem> {
    let mut read = Parts {
        fields: Vec::new(),
        files: Err("Choose a file first.".to_owned()),
    };
    let mut left = LARGEST + 1;
    while let Some(part) = parts.next_field().await.map_err(why)? {
        let field = part.name().unwrap_or_default().to_owned();
        let Some(name) = part.file_name().map(str::to_owned) else {
            let text = part.text().await.map_err(why)?;
            read.fields.push((field, text));
            continue;
        };
        if name.is_empty() {
            continue;
        }
        let bytes = match part.bytes().await {
            Ok(bytes) => bytes,
            Err(error) if is_too_large(&error) => {
                read.files = Err(too_large());
                return Ok(read);
            }
            Err(error) => return Err(why(error)),
        };
        left = left.saturating_sub(bytes.len());
        if left == 0 {
            read.files = Err(too_large());
            return Ok(read);
        }
        let file = (last_segment(&name).to_owned(), bytes.to_vec());
        match &mut read.files {
            Ok(files) => files.push(file),
            Err(_) => read.files = Ok(vec![file]),
        }
    }
    Ok(read)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn why(error: MultipartError) -> Problem {
    unread(error.status(), &error, &error.body_text())
}

fn is_too_large(error: &MultipartError) -> bool {
    error.status() == StatusCode::PAYLOAD_TOO_LARGE
}

fn too_large() -> String {
    format!(
        "The file is larger than {} KB. Take the keys out of it that are not about these clients.",
        LARGEST / 1024
    )
}

/// Old browsers send the whole path.
fn last_segment(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or_default()
}
