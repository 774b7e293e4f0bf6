//! Who reads, for server functions: the guard has let the request in, this looks up as whom.

use super::forms::browser;
use super::guard::SignedIn;
use super::set_status;
use super::state::AppState;
use crate::Problem;
use crate::backend::Backend;
use crate::model::{ImportPreview, Role, Viewer};
use api::{Actor, Door, Operation};
use axum::http::request::Parts;
use leptos::prelude::use_context;
use tower_sessions::Session;

/// Somebody who is signed in and may read.
pub(crate) struct Reader {
    state: AppState,
    pub(crate) viewer: Viewer,
    actor: Actor,
}

/// The reader of the request that is being answered.
///
/// # Errors
/// Nobody is signed in, or the role is below `least`.
pub(crate) async fn reader(least: Role) -> Result<Reader, Problem> {
    let state = use_context::<AppState>();
    let signed_in =
        use_context::<Parts>().and_then(|parts| parts.extensions.get::<SignedIn>().cloned());
    let from = use_context::<Parts>().map_or_else(String::new, |parts| browser(&parts.extensions));
    let problem = match (state, signed_in) {
        (Some(state), Some(signed_in)) if signed_in.viewer.role >= least => {
            return Ok(Reader {
                state,
                actor: signed_in.actor(from),
                viewer: signed_in.viewer,
            });
        }
        (Some(_), Some(_)) => Problem::Forbidden,
        _ => Problem::SignedOut,
    };
    set_status(&problem);
    Err(problem)
}

impl Reader {
    /// Asks the server.
    pub(crate) async fn call<O: Operation>(&self, asked: O) -> Result<O::Output, Problem> {
        self.answer(self.ask(asked).await)
    }

    /// The same, for whom an error may be an answer.
    pub(crate) async fn ask<O: Operation>(&self, asked: O) -> Result<O::Output, api::Error> {
        let door: &dyn Door = self.state.backend();
        door.call(&self.actor, asked).await
    }

    /// The key of the reader's own session in lists.
    pub(crate) fn session_key(&self) -> String {
        let session = use_context::<Parts>()
            .and_then(|parts| parts.extensions.get::<Session>().and_then(Session::id));
        session.map_or_else(String::new, |id| {
            self.backend().session_key(&id.to_string())
        })
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        self.state.backend()
    }

    /// What the reader uploaded under this number.
    pub(crate) async fn upload(&self, id: &str) -> Result<ImportPreview, Problem> {
        let found = self.state.uploads.preview(&self.viewer.name, id).await;
        found.ok_or_else(|| {
            let problem = Problem::NotFound(
                "This upload is not there any more: it was saved, another took its place, or the server was started anew. Upload the file once more.".to_owned(),
            );
            set_status(&problem);
            problem
        })
    }

    /// Turns what the server said into what the page gets, and the response's status with it.
    pub(crate) fn answer<T>(&self, said: Result<T, api::Error>) -> Result<T, Problem> {
        said.map_err(|error| {
            if let api::Error::Internal(text) = &error {
                tracing::error!(
                    reader = self.viewer.name,
                    error = text,
                    "a page could not be read"
                );
            }
            let problem = Problem::from(error);
            set_status(&problem);
            problem
        })
    }
}

impl From<api::Error> for Problem {
    fn from(error: api::Error) -> Self {
        match error {
            api::Error::Invalid { message, .. } => Self::Refused(message),
            api::Error::Conflict(text) | api::Error::Stale { message: text, .. } => {
                Self::Conflict(text)
            }
            api::Error::Unauthorized(_) => Self::SignedOut,
            api::Error::TooMany { message, .. } => Self::Refused(message),
            api::Error::NotFound(text) => Self::NotFound(text),
            api::Error::Forbidden => Self::Forbidden,
            api::Error::Internal(text) => Self::Failed(text),
        }
    }
}
