//! The routes, made from the table of operations.

use super::answer::{done, problem};
use super::events;
use super::fields::{Carried, gather};
use crate::admin::{Admin, Entry, OPERATIONS};
use api::{Actor, Error, Method};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, RawPathParams, Request, State};
use axum::http::header;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;
use web::off_thread;

/// Where the API begins; its version is part of it.
pub(crate) const PREFIX: &str = "/api/v1";

/// The largest body, in bytes: a list of some hundred thousand users, or a large registry file.
pub(crate) const MAX_BODY: usize = 64 * 1024 * 1024;

/// From so many bytes on JSON is read and written where no client waits for it.
const LARGE: usize = 64 * 1024;

/// The routes of all operations, below [`PREFIX`]. Whoever mounts them says, as an extension of each request, which
/// [`Actor`] asks.
pub(crate) fn router(admin: Admin) -> Router {
    let mut paths: BTreeMap<&str, MethodRouter<Admin>> = BTreeMap::new();
    for entry in OPERATIONS {
        let filter = filter(entry.route.method);
        let call = move |State(admin): State<Admin>,
                         Extension(actor): Extension<Actor>,
                         path: RawPathParams,
                         request: Request| async move {
            match answer(&admin, &actor, entry, &path, request).await {
                Ok(response) => response,
                Err(error) => problem(&error),
            }
        };
        let known = paths.remove(entry.route.path).unwrap_or_default();
        paths.insert(entry.route.path, known.merge(on(filter, call)));
    }
    let mut router = Router::new();
    for (path, methods) in paths {
        let methods = methods.fallback(|| async { wrong_method() });
        router = router.route(path, methods);
    }
    router
        .with_state(admin.clone())
        .merge(events::router(admin))
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Patch => MethodFilter::PATCH,
        Method::Put => MethodFilter::PUT,
        Method::Delete => MethodFilter::DELETE,
    }
}

async fn answer(
    admin: &Admin,
    actor: &Actor,
    entry: &'static Entry,
    path: &RawPathParams,
    request: Request,
) -> Result<Response, Error> {
    let (head, body) = request.into_parts();
    let body = whole(body).await?;
    let path = path
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let is_large = body.len() > LARGE;
    let read = move || {
        let header = head.headers.get(header::IF_MATCH);
        let carried = Carried {
            path,
            query: head.uri.query().unwrap_or_default(),
            body: &body,
            if_match: header.map(|it| it.to_str().unwrap_or("?")),
        };
        gather(entry, &carried)
    };
    let fields = if is_large {
        off_thread(read).await?
    } else {
        read()?
    };
    let output = admin.call_json(actor, entry, fields).await?;
    Ok(if is_larger(&output, &mut LARGE.clone()) {
        off_thread(move || done(&output)).await
    } else {
        done(&output)
    })
}

/// Whether a value has more than so many bytes as JSON, or about so many.
fn is_larger(value: &Value, left: &mut usize) -> bool {
    let own = match value {
        Value::String(text) => text.len() + 2,
        _ => 8,
    };
    match left.checked_sub(own) {
        None => return true,
        Some(rest) => *left = rest,
    }
    match value {
        Value::Array(all) => all.iter().any(|it| is_larger(it, left)),
        Value::Object(all) => all.values().any(|it| is_larger(it, left)),
        _ => false,
    }
}

async fn whole(body: Body) -> Result<Bytes, Error> {
    to_bytes(body, MAX_BODY).await.map_err(|error| {
        Error::invalid(
            "",
            format!(
                "The body could not be read: {error}. At most {} MiB are taken.",
                MAX_BODY / (1024 * 1024)
            ),
        )
    })
}

fn wrong_method() -> Response {
    problem(&Error::NotFound(
        "Nothing of this name is done by this method. The document of the API says which there are."
            .to_owned(),
    ))
}
