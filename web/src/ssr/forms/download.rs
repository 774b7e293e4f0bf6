//! Files that a page hands out: who asks, and the two ends.

use super::order::browser_address;
use crate::Problem;
use crate::backend::Download;
use crate::model::Flash;
use crate::query::path;
use crate::ssr::guard::{self, SignedIn};
use crate::ssr::state::AppState;
use crate::ssr::{page, session};
use api::{Actor, Door, Operation};
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures::Stream;
use tower_sessions::Session;

/// Somebody who is signed in and asks for a file.
pub(crate) struct Looker {
    state: AppState,
    session: Session,
    signed_in: SignedIn,
    from: String,
}

impl FromRequest<AppState> for Looker {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let extensions = request.extensions();
        let (Some(signed_in), Some(session)) = (
            extensions.get::<SignedIn>().cloned(),
            extensions.get::<Session>().cloned(),
        ) else {
            return Err(page::problem(state, Problem::SignedOut, None).await);
        };
        Ok(Self {
            state: state.clone(),
            session,
            signed_in,
            from: browser_address(&request),
        })
    }
}

impl Looker {
    /// Who asks, for the audit.
    pub(crate) fn actor(&self) -> Actor {
        self.signed_in.actor(self.from.clone())
    }

    /// Has the server carry something out.
    pub(crate) async fn call<O: Operation>(&self, operation: O) -> Result<O::Output, api::Error> {
        let door: &dyn Door = self.state.backend();
        door.call(&self.actor(), operation).await
    }

    /// The file; where it cannot be made, `back` says why.
    pub(crate) async fn give(&self, said: Result<Download, api::Error>, back: &str) -> Response {
        match said {
            Ok(file) => {
                let mut headers = HeaderMap::new();
                headers.insert(header::CONTENT_DISPOSITION, attachment(&file.file_name));
                let media_type = HeaderValue::from_str(&file.media_type)
                    .unwrap_or(HeaderValue::from_static("application/octet-stream"));
                headers.insert(header::CONTENT_TYPE, media_type);
                (headers, file.bytes).into_response()
            }
            Err(api::Error::Invalid { message, .. } | api::Error::Conflict(message)) => {
                match session::leave(&self.session, &Flash::failed(message)).await {
                    Ok(()) => Redirect::to(back).into_response(),
                    Err(error) => self.fail(guard::broken_session(&error).into()).await,
                }
            }
            Err(error) => self.fail(error.into()).await,
        }
    }

    /// A file that is made while it is sent; where it cannot be begun, `back` says why.
    pub(crate) async fn give_stream<S>(
        &self,
        said: Result<S, api::Error>,
        file_name: &str,
        media_type: &'static str,
        back: &str,
    ) -> Response
    where
        S: Stream<Item = Result<String, api::Error>> + Send + 'static,
    {
        match said {
            Ok(parts) => {
                let mut headers = HeaderMap::new();
                headers.insert(header::CONTENT_DISPOSITION, attachment(file_name));
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
                (headers, Body::from_stream(parts)).into_response()
            }
            Err(error) => self.give(Err(error), back).await,
        }
    }

    async fn fail(&self, problem: Problem) -> Response {
        page::problem(&self.state, problem, Some(&self.signed_in)).await
    }
}

/// Names the file twice: plainly, and exactly for names that are not ASCII (RFC 6266).
fn attachment(file_name: &str) -> HeaderValue {
    let plain = file_name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_. ".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect::<String>();
    let exact = path(&[file_name]);
    let text = format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        &exact[1..]
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(
            attachment("Büro \"A\"\r\n.reg"),
            "attachment; filename=\"B_ro _A___.reg\"; filename*=UTF-8''B%C3%BCro%20%22A%22%0D%0A.reg"
        );
    }
}
