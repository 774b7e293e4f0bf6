//! Who may come in. Every request but those for files passes here: it is let in with its
//! account, sent to the sign-in, or, while there is no administrator, to the first run.

use super::page;
use super::session;
use super::state::AppState;
use crate::Problem;
use crate::model::{Frame, Viewer};
use api::Actor;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Json, Redirect, Response};
use tower_sessions::Session;

/// The account behind a request. In the request's extensions once the guard let it in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) viewer: Viewer,
    /// The token that each form of the session carries.
    pub(crate) csrf: String,
}

impl SignedIn {
    /// The same as whoever asks or orders from an address.
    pub(crate) fn actor(&self, from: String) -> Actor {
        Actor {
            name: self.viewer.name.clone(),
            role: self.viewer.role,
            from,
            only: None,
        }
    }
}

/// Looks who is behind a session, as the account is now.
pub(crate) async fn signed_in(
    state: &AppState,
    session: &Session,
) -> Result<Option<SignedIn>, api::Error> {
    let owner = session::owner(session)
        .await
        .map_err(|error| broken_session(&error))?;
    let Some(owner) = owner else {
        return Ok(None);
    };
    let viewer = state
        .backend()
        .viewer(&owner.name, owner.generation)
        .await?;
    let csrf = owner.csrf;
    Ok(viewer.map(|viewer| SignedIn { viewer, csrf }))
}

/// A session that cannot be read or written is the server's failure.
pub(crate) fn broken_session(error: &tower_sessions::session::Error) -> api::Error {
    api::Error::Internal(format!("the session store failed: {error}"))
}

pub(crate) async fn guard(
    State(state): State<AppState>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let (mut request, body) = request.into_parts();
    match admit(&state, &session, &mut request).await {
        Ok(None) => next.run(Request::from_parts(request, body)).await,
        Ok(Some(elsewhere)) => elsewhere,
        Err(error) => {
            tracing::error!(%error, path = request.uri.path(), "a request could not be let in");
            refuse(&state, &request, error.into()).await
        }
    }
}

/// `None` lets the request in.
async fn admit(
    state: &AppState,
    session: &Session,
    request: &mut Parts,
) -> Result<Option<Response>, api::Error> {
    let path = request.uri.path();
    let at_door = matches!(path, "/sign-in" | "/first-run");
    if let Some(signed_in) = signed_in(state, session).await? {
        if at_door {
            let next = next_of(request.uri.query());
            return Ok(Some(Redirect::to(&next).into_response()));
        }
        let flash = if is_page(request) {
            session::take(session)
                .await
                .map_err(|error| broken_session(&error))?
        } else {
            None
        };
        let frame = Frame {
            viewer: Some(signed_in.viewer.clone()),
            csrf: signed_in.csrf.clone(),
            flash,
            problem: None,
        };
        request.extensions.insert(frame);
        request.extensions.insert(signed_in);
        return Ok(None);
    }
    let first_run = state.backend().first_run().await?;
    Ok(match (first_run, path) {
        (true, "/first-run") | (false, "/sign-in") => None,
        _ if wants_data(&request.uri, &request.headers) => {
            Some(problem_as_data(&Problem::SignedOut))
        }
        (true, _) => Some(Redirect::to("/first-run").into_response()),
        (false, _) => Some(Redirect::to(&sign_in_address(request)).into_response()),
    })
}

async fn refuse(state: &AppState, request: &Parts, problem: Problem) -> Response {
    if wants_data(&request.uri, &request.headers) {
        problem_as_data(&problem)
    } else {
        page::problem(state, problem, None).await
    }
}

/// A problem as JSON, as server functions and the page's scripts read it.
pub(crate) fn problem_as_data(problem: &Problem) -> Response {
    (page::status_of(problem), Json(problem)).into_response()
}

fn is_page(request: &Parts) -> bool {
    request.method == Method::GET && !wants_data(&request.uri, &request.headers)
}

/// True where a script asks, and a redirect to a page would only confuse it.
pub(crate) fn wants_data(uri: &Uri, headers: &HeaderMap) -> bool {
    let path = uri.path();
    path.starts_with("/api/")
        || path.starts_with("/live/")
        || headers.get(header::ACCEPT).is_some_and(|accept| {
            String::from_utf8_lossy(accept.as_bytes()).contains("application/json")
        })
}

fn sign_in_address(request: &Parts) -> String {
    let wanted = request
        .uri
        .path_and_query()
        .map_or("/", |wanted| wanted.as_str());
    if wanted == "/" || wanted == "/sign-out" || wanted == "/first-run" {
        return "/sign-in".to_owned();
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", wanted);
    format!("/sign-in?{}", query.finish())
}

/// Where to go after the sign-in, from the query string of the sign-in page.
fn next_of(query: Option<&str>) -> String {
    let wanted = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(key, _)| key == "next")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    local(&wanted).to_owned()
}

/// `wanted` if it is a path of this console, else the first page: a link to the sign-in must
/// not be able to send anybody elsewhere. Browsers read `\` as `/` and skip control characters,
/// so neither may occur.
pub(crate) fn local(wanted: &str) -> &str {
    let path_of_ours = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && wanted
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && !wanted.starts_with("/sign-");
    if path_of_ours { wanted } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_paths_of_the_console_are_followed() {
        for ours in ["/", "/online?search=a%20b&page=2", "/users/o%27hara"] {
            assert_eq!(local(ours), ours);
        }
        for foreign in [
            "",
            "online",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/ /x",
            "/a\\b",
            "/sign-in",
            "/sign-out",
            "/é",
        ] {
            assert_eq!(local(foreign), "/", "{foreign:?}");
        }
    }
}
