//! Making a page: the document around the application, and pages that no address leads to.

use super::assets::{CSS_ADDRESS, ICON_ADDRESS};
use super::guard::SignedIn;
use super::headers::content_policy;
use super::state::AppState;
use crate::Problem;
use crate::app::App;
use crate::model::{Flash, Frame};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

/// The document.
pub(crate) fn shell() -> impl IntoView {
    let nonce = use_nonce()
        .map(|nonce| nonce.to_string())
        .unwrap_or_default();
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(policy) = HeaderValue::from_str(&content_policy(&nonce))
    {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    // A page that only says what went wrong is whole without a script.
    let script = use_context::<AppState>()
        .and_then(|state| state.script)
        .filter(|_| frame_of_request().problem.is_none())
        .map(|script| {
            let (script, wasm) = (script.script(), script.wasm());
            let start = format!(
                "import(\"{script}\").then(m=>m.default({{module_or_path:\"{wasm}\"}})\
                 .then(()=>m.hydrate()))"
            );
            view! {
                <link rel="modulepreload" href=script.clone() nonce=nonce.clone()/>
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <script type="module" nonce=nonce.clone() inner_html=start></script>
            }
        });
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="stylesheet" href=CSS_ADDRESS.as_str()/>
                <link rel="icon" type="image/svg+xml" href=ICON_ADDRESS.as_str()/>
                {script}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// What the guard found out about the request that is being answered.
pub(crate) fn frame_of_request() -> Frame {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Frame>().cloned())
        .unwrap_or_default()
}

/// Gives the response of the page or server function the status of a problem.
pub(crate) fn set_status(problem: &Problem) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status_of(problem));
    }
}

pub(crate) fn status_of(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The page at `address`, made in answer to something else than a GET of it, with what the
/// form said. For forms that are sent before there is a session to keep that in.
pub(crate) async fn again(
    state: &AppState,
    address: &str,
    status: StatusCode,
    flash: Flash,
) -> Response {
    render(
        state,
        address,
        Frame {
            flash: Some(flash),
            ..Frame::default()
        },
        status,
    )
    .await
}

/// A page that says what went wrong.
pub(crate) async fn problem(
    state: &AppState,
    problem: Problem,
    signed_in: Option<&SignedIn>,
) -> Response {
    let status = status_of(&problem);
    let frame = Frame {
        viewer: signed_in.map(|signed_in| signed_in.viewer.clone()),
        csrf: signed_in
            .map(|signed_in| signed_in.csrf.clone())
            .unwrap_or_default(),
        flash: None,
        problem: Some(problem),
    };
    // An address of no page, so that the navigation marks none as the present one.
    render(state, "/-", frame, status).await
}

/// The page at `address`, as it is for somebody who is signed in.
pub(crate) async fn page_of(
    state: &AppState,
    address: &str,
    flash: Flash,
    signed_in: &SignedIn,
) -> Response {
    let frame = Frame {
        viewer: Some(signed_in.viewer.clone()),
        csrf: signed_in.csrf.clone(),
        flash: Some(flash),
        problem: None,
    };
    let mut extensions = Extensions::new();
    extensions.insert(signed_in.clone());
    render_with(state, address, frame, StatusCode::OK, extensions).await
}

async fn render(state: &AppState, address: &str, frame: Frame, status: StatusCode) -> Response {
    render_with(state, address, frame, status, Extensions::new()).await
}

async fn render_with(
    state: &AppState,
    address: &str,
    frame: Frame,
    status: StatusCode,
    extensions: Extensions,
) -> Response {
    let Ok(mut request) = Request::get(address).body(Body::empty()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    *request.extensions_mut() = extensions;
    request.extensions_mut().insert(frame);
    let context = {
        let state = state.clone();
        move || provide_context(state.clone())
    };
    let mut response = leptos_axum::render_app_async_with_context(context, shell)(request).await;
    *response.status_mut() = status;
    response
}
