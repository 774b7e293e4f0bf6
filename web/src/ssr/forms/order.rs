//! What every form has in common: its fields, its token, who sends it, and its two ends.

use crate::Problem;
use crate::model::{Answer, Flash, Role};
use crate::ssr::guard::{self, SignedIn};
use crate::ssr::state::AppState;
use crate::ssr::{page, session};
use api::{Actor, Difference, Door, Operation};
use axum::extract::{ConnectInfo, FromRequest, RawForm, Request};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Redirect, Response};
use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use tower_sessions::Session;

/// The largest form without a file, in bytes.
pub(crate) const LARGEST_FORM: usize = 2 * 1024 * 1024;

/// The fields of a form, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    all: Vec<(String, String)>,
    /// Where the first of each name stands: a form may have thousands.
    first: HashMap<String, usize>,
}

impl Fields {
    /// Fields that were read otherwise.
    pub(super) fn of(all: Vec<(String, String)>) -> Self {
        let mut first = HashMap::with_capacity(all.len());
        for (at, (name, _)) in all.iter().enumerate() {
            first.entry(name.clone()).or_insert(at);
        }
        Self { all, first }
    }

    pub(crate) fn parse(body: &[u8]) -> Self {
        Self::of(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first value of a field; empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.first.get(name).and_then(|at| self.all.get(*at));
        found.map_or("", |(_, value)| value)
    }

    /// Whether a field was sent, be it empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.iter().any(|(key, _)| key == name)
    }

    /// The first value of a field without surrounding white space.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).trim().to_owned()
    }

    /// All values of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All fields.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The same without some.
    pub(super) fn without(&self, name: impl Fn(&str) -> bool) -> Self {
        let kept = self.all.iter().filter(|(key, _)| !name(key));
        Self::of(kept.cloned().collect())
    }

    /// The same with other values of one field.
    pub(super) fn with(&self, name: &str, values: &[&str]) -> Self {
        let mut all = self.without(|key| key == name).all;
        let field = |value: &&str| (name.to_owned(), (*value).to_owned());
        all.extend(values.iter().map(field));
        Self::of(all)
    }

    /// What may be shown again: never a password or a token.
    pub(crate) fn typed(&self) -> Vec<(String, String)> {
        let secret = |key: &str| key == "csrf" || key == "token" || key.contains("password");
        self.all
            .iter()
            .filter(|(key, _)| !secret(key))
            .cloned()
            .collect()
    }
}

/// Where a request comes from, for the audit.
pub(crate) fn browser_address(request: &Request) -> String {
    browser(request.extensions())
}

/// The same, of the extensions of a request.
pub(crate) fn browser(extensions: &Extensions) -> String {
    extensions.get::<ConnectInfo<SocketAddr>>().map_or_else(
        || "unknown address".to_owned(),
        |ConnectInfo(address)| address.ip().to_canonical().to_string(),
    )
}

/// A form sent before there is a session, such as the sign-in.
pub(crate) struct Application {
    pub(crate) fields: Fields,
    pub(crate) from: String,
}

impl FromRequest<AppState> for Application {
    type Rejection = Response;

    /// Refuses a form that a page of another site sent: there is no token yet to tell by.
    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let from = browser_address(&request);
        if !is_own_page(request.headers()) {
            return Err(page::problem(state, Problem::StaleForm, None).await);
        }
        let fields = fields(request, state).await?;
        Ok(Self { fields, from })
    }
}

/// By `Sec-Fetch-Site` where the browser sends it, else by `Origin`; a request with neither is
/// no browser's, and nobody is tricked by it.
fn is_own_page(headers: &HeaderMap) -> bool {
    // What cannot be read is there all the same, and is not our own.
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else {
        return true;
    };
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    [text("host"), text("x-forwarded-host")]
        .into_iter()
        .flatten()
        .any(|host| origin_host == Some(host))
}

async fn fields(request: Request, state: &AppState) -> Result<Fields, Response> {
    match RawForm::from_request(request, state).await {
        Ok(RawForm(body)) => Ok(Fields::parse(&body)),
        Err(rejection) => {
            let problem = unread(rejection.status(), &rejection, &rejection.body_text());
            Err(page::problem(state, problem, None).await)
        }
    }
}

/// Why a form could not be read.
pub(super) fn unread(status: StatusCode, error: &(dyn Error + 'static), text: &str) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::TooLarge(format!(
            "The form is larger than what is read of one: {} KB, and of one with a file as much as \
             a file may have.",
            LARGEST_FORM / 1024
        ));
    }
    let mut cause = Some(error);
    while let Some(error) = cause
        && !is_timeout(error)
    {
        cause = error.source();
    }
    if cause.is_some() {
        return Problem::TooSlow("The form did not come whole in its time.".to_owned());
    }
    Problem::Refused(format!("The form could not be read: {text}."))
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

/// A form of somebody who is signed in, with the token of the session.
pub(crate) struct Order {
    pub(crate) state: AppState,
    pub(crate) fields: Fields,
    pub(crate) session: Session,
    signed_in: SignedIn,
    from: String,
    by_script: bool,
}

/// Who sends a form, before its fields are read.
pub(super) struct Sender {
    session: Session,
    signed_in: SignedIn,
    from: String,
    by_script: bool,
}

impl Sender {
    /// The account of the session that the request belongs to, if there is one.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let extensions = request.extensions();
        Some(Self {
            session: extensions.get::<Session>().cloned()?,
            signed_in: extensions.get::<SignedIn>().cloned()?,
            from: browser_address(request),
            by_script: guard::wants_data(request.uri(), request.headers()),
        })
    }

    /// The order, if the fields bear the token of the session.
    pub(super) async fn order(self, state: &AppState, fields: Fields) -> Result<Order, Response> {
        let order = Order {
            state: state.clone(),
            fields,
            session: self.session,
            signed_in: self.signed_in,
            from: self.from,
            by_script: self.by_script,
        };
        if !same(order.fields.get("csrf"), &order.signed_in.csrf) {
            return Err(order.fail(Problem::StaleForm).await);
        }
        Ok(order)
    }
}

impl FromRequest<AppState> for Order {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let Some(sender) = Sender::of(&request) else {
            return Err(page::problem(state, Problem::SignedOut, None).await);
        };
        let fields = fields(request, state).await?;
        sender.order(state, fields).await
    }
}

impl Order {
    /// Refuses those below `least`. The server checks the role again: this is for a clear page.
    pub(crate) async fn need(&self, least: Role) -> Result<(), Response> {
        if self.signed_in.viewer.role >= least {
            Ok(())
        } else {
            Err(self.fail(Problem::Forbidden).await)
        }
    }

    /// Who orders, for the audit.
    pub(crate) fn actor(&self) -> Actor {
        self.signed_in.actor(self.from.clone())
    }

    /// The revision of what the form's page showed.
    pub(crate) fn revision(&self) -> Option<u32> {
        self.fields.text("revision").parse().ok()
    }

    /// Has the server carry something out.
    pub(crate) async fn call<O: Operation>(&self, operation: O) -> Result<O::Output, api::Error> {
        let door: &dyn Door = self.state.backend();
        door.call(&self.actor(), operation).await
    }

    /// It was done: `message` is shown at `to`.
    pub(crate) async fn done(&self, to: &str, message: String) -> Response {
        if self.by_script {
            return Json(Answer {
                done: true,
                message,
            })
            .into_response();
        }
        self.lead(to, Flash::done(message)).await
    }

    /// It was done: `message` is shown at `to` in the answer itself, and kept nowhere.
    pub(crate) async fn done_here(&self, to: &str, message: String) -> Response {
        page::page_of(&self.state, to, Flash::done(message), &self.signed_in).await
    }

    /// It was not done: back to the form at `back` with what was typed.
    pub(crate) async fn refused(&self, back: &str, error: api::Error) -> Response {
        let status = page::status_of(&Problem::from(error.clone()));
        let (field, message) = match error {
            api::Error::Forbidden => return self.fail(Problem::Forbidden).await,
            api::Error::Invalid { field, message } => (Some(field.into_owned()), message),
            api::Error::Internal(_) => {
                tracing::error!(actor = self.signed_in.viewer.name, %error, "an order failed");
                let what_to_do = "Nothing was changed; try once more, or look into the log.";
                (None, format!("{error}. {what_to_do}"))
            }
            api::Error::Stale { message, since } => (None, stale(&message, &since)),
            api::Error::Conflict(message)
            | api::Error::NotFound(message)
            | api::Error::Unauthorized(message)
            | api::Error::TooMany { message, .. } => (None, message),
        };
        if self.by_script {
            return (
                status,
                Json(Answer {
                    done: false,
                    message,
                }),
            )
                .into_response();
        }
        let flash = Flash {
            field,
            typed: self.fields.typed(),
            ..Flash::failed(message)
        };
        self.lead(back, flash).await
    }

    /// A page that says what went wrong, where no form could put it right.
    pub(crate) async fn fail(&self, problem: Problem) -> Response {
        if self.by_script {
            let answer = Answer {
                done: false,
                message: format!("{} {}", problem.why(), problem.remedy()),
            };
            return (page::status_of(&problem), Json(answer)).into_response();
        }
        page::problem(&self.state, problem, Some(&self.signed_in)).await
    }

    async fn lead(&self, to: &str, flash: Flash) -> Response {
        match session::leave(&self.session, &flash).await {
            Ok(()) => Redirect::to(to).into_response(),
            Err(error) => self.fail(guard::broken_session(&error).into()).await,
        }
    }
}

/// What changed since the page was opened, field by field. The form keeps what was typed, and the
/// page that it stands on is the new one: sent once more it takes the place of what is there.
fn stale(message: &str, since: &[Difference]) -> String {
    let told = since.iter().map(|it| {
        let (before, after) = (&it.before, &it.after);
        format!("{}: “{before}” became “{after}” ({})", it.field, it.by)
    });
    let told: Vec<_> = told.collect();
    format!(
        "{message} Changed since: {}. What you typed is still here.",
        told.join("; ")
    )
}

/// Compares in a time that does not depend on where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .fold(0, |differ, (a, b)| differ | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn a_form_of_another_site_is_told_by_its_headers() {
        assert!(is_own_page(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!is_own_page(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_own_page(&headers(&[
            ("sec-fetch-site", "same-site"),
            ("host", "a")
        ])));
        assert!(is_own_page(&headers(&[
            ("origin", "http://im:8081"),
            ("host", "im:8081")
        ])));
        assert!(!is_own_page(&headers(&[
            ("origin", "http://evil"),
            ("host", "im:8081")
        ])));
        assert!(!is_own_page(&headers(&[
            ("origin", "null"),
            ("host", "im:8081")
        ])));
        assert!(is_own_page(&headers(&[("host", "im:8081")])));
    }

    #[test]
    fn an_origin_that_cannot_be_read_is_not_ours() {
        for name in ["origin", "sec-fetch-site"] {
            let mut headers = headers(&[("host", "im:8081")]);
            headers.insert(name, HeaderValue::from_bytes(b"http://im\xfc").unwrap());
            assert!(!is_own_page(&headers), "{name}");
        }
    }

    #[test]
    fn secrets_are_never_shown_again() {
        let fields = Fields::parse(b"csrf=c&alias=bob&password=p&password_again=p&token=t");
        assert_eq!(fields.typed(), [("alias".to_owned(), "bob".to_owned())]);
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd"));
        assert!(!same("", "abc"));
    }
}
