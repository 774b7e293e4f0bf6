//! The audit as a file.

use super::download::Looker;
use crate::query::InAddress as _;
use crate::ssr::state::AppState;
use api::{AuditExport, AuditFormat, AuditQuery, ExportAudit, Part};
use axum::Router;
use axum::extract::RawQuery;
use axum::response::Response;
use axum::routing::get;
use futures::stream;
use std::sync::Arc;

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/audit/export", get(export))
}

/// `GET /audit/export?format=csv|jsonl` and the filters of the page.
async fn export(RawQuery(query): RawQuery, looker: Looker) -> Response {
    let text = query.unwrap_or_default();
    let format = form_urlencoded::parse(text.as_bytes()).find(|(name, _)| name == "format");
    let (format, name, media_type) = match format.as_ref().map(|(_, word)| &**word) {
        Some("jsonl") => (AuditFormat::Jsonl, "audit.jsonl", "application/jsonl"),
        _ => (AuditFormat::Csv, "audit.csv", "text/csv; charset=utf-8"),
    };
    let query = AuditQuery::from_query(&text);
    let looker = Arc::new(looker);
    let ask = |after| ExportAudit {
        format,
        query: query.clone(),
        part: Part::after(after),
    };
    // What cannot be begun is said on the page.
    let first = looker.call(ask(String::new())).await;
    let parts = first.map(|first| {
        let (asked, query) = (looker.clone(), query.clone());
        let ask = move |after| ExportAudit {
            format,
            query: query.clone(),
            part: Part::after(after),
        };
        stream::unfold(
            Some(Ok(first)),
            move |part: Option<Result<AuditExport, api::Error>>| {
                let (asked, ask) = (asked.clone(), ask.clone());
                async move {
                    let part = match part? {
                        Ok(part) => part,
                        // The connection breaks off, so that nobody takes the file for whole.
                        Err(error) => return Some((Err(error), None)),
                    };
                    let next = match part.next {
                        Some(next) => Some(asked.call(ask(next)).await),
                        None => None,
                    };
                    Some((Ok(part.text), next))
                }
            },
        )
    });
    looker.give_stream(parts, name, media_type, "/audit").await
}
