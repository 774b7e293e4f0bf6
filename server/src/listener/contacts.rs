//! `GET` and `PUT` of one's own contact list at `/rollcall/contacts`, for scripts that run at
//! logon and logoff. It is the one thing beside RVP on this listener, and off unless switched
//! on: elsewhere both methods stay what the RVP document says, 501.

use super::answer::Answer;
use super::sender::Identity;
use crate::admin::{Admin, CONTACTS_PATH, contact_format};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderValue};
use http::{Method, StatusCode, Uri};
use rvp::Alias;
use std::fmt::Write as _;

/// Whether a request is about contact lists.
pub(super) fn is_asked(method: &Method, uri: &Uri) -> bool {
    matches!(*method, Method::GET | Method::PUT) && named(uri).is_some()
}

/// What the path has after `/rollcall/contacts`: nothing, or an alias.
fn named(uri: &Uri) -> Option<&str> {
    let rest = uri.path().strip_prefix(CONTACTS_PATH)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// `GET /rollcall/contacts?format=reg|reg4`, `PUT /rollcall/contacts`; with `/alias` after it if
/// one likes, which must be one's own.
pub(super) async fn handle(
    admin: &Admin,
    who: &Identity,
    method: &Method,
    uri: &Uri,
    body: &Bytes,
) -> Answer {
    let alias = named(uri).unwrap_or_default();
    if !alias.is_empty() && Alias::new(alias).ok().as_ref() != Some(&who.alias) {
        return Answer::refusal(
            StatusCode::FORBIDDEN,
            "the contacts of others are not yours to read or save",
        );
    }
    let answer = if *method == Method::PUT {
        save(admin, who, body).await
    } else {
        give(admin, who, uri.query().unwrap_or_default()).await
    };
    answer.unwrap_or_else(|error| refusal(&error))
}

async fn give(admin: &Admin, who: &Identity, query: &str) -> Result<Answer, api::Error> {
    let format = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "format");
    let word = format.map_or_else(|| "reg".to_owned(), |(_, word)| word.into_owned());
    let file = admin
        .own_contacts_file(&who.alias, who.generation, contact_format(&word)?)
        .await?;
    let mut answer = Answer::empty(StatusCode::OK);
    answer.headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    answer.body = file.bytes.into();
    Ok(answer.with(ETAG, &format!("\"{}\"", file.revision)))
}

async fn save(admin: &Admin, who: &Identity, body: &Bytes) -> Result<Answer, api::Error> {
    let taken = admin
        .keep_own_contacts(&who.alias, who.generation, body)
        .await?;
    let summary = &taken.summary;
    tracing::info!(principal = %who.alias, contacts = summary.contacts, revision = summary.revision, "contacts saved");
    let mut text = format!(
        "{} contacts, {} values saved as revision {}\n",
        summary.contacts, summary.values, summary.revision
    );
    for refused in &taken.refused {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "not taken: {refused}");
    }
    Ok(Answer::refusal(StatusCode::OK, text.trim_end()))
}

fn refusal(error: &api::Error) -> Answer {
    let status = match error {
        api::Error::Invalid { .. } => StatusCode::BAD_REQUEST,
        api::Error::NotFound(_) => StatusCode::NOT_FOUND,
        api::Error::Forbidden => StatusCode::FORBIDDEN,
        api::Error::Conflict(_) | api::Error::Stale { .. } => StatusCode::CONFLICT,
        api::Error::Unauthorized(_) => StatusCode::UNAUTHORIZED,
        api::Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        api::Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Answer::refusal(status, &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_path_and_two_methods_are_for_contacts() {
        let asked = |method: &str, target: &str| {
            is_asked(&method.parse().unwrap(), &target.parse().unwrap())
        };
        assert!(asked("GET", "/rollcall/contacts?format=reg4"));
        assert!(asked("PUT", "/rollcall/contacts/alice"));
        for (method, target) in [
            ("HEAD", "/rollcall/contacts"),
            ("POST", "/rollcall/contacts"),
            ("GET", "/rollcall/contactsx"),
            ("GET", "/instmsg/aliases/alice"),
            ("GET", "/"),
        ] {
            assert!(!asked(method, target), "{method} {target}");
        }
    }
}
