//! NOTIFY: messages, relayed byte for byte (RVP document 5.6).

use super::answer::{Answer, MethodError};
use super::request::Request;
use super::router::Rvp;
use crate::delivery::{Delivered, Relay};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use policies::Feature;
use rvp::{AckType, Contact, LogicalUrl, NotificationKind, Rights};

/// A message that went through so many servers runs in a circle.
const MOST_HOPS: u16 = 16;

pub(super) async fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let recipient = request.node()?;
    let hops = request
        .header("RVP-Hop-Count")
        .and_then(rvp::hop_count)
        .unwrap_or(1);
    if hops >= MOST_HOPS {
        return Err(MethodError::bad_request(
            "the message went through too many servers",
        ));
    }
    let ack = request
        .header("RVP-Ack-Type")
        .and_then(AckType::parse)
        .unwrap_or(AckType::SingleHop);
    let forbidden = check_body(rvp, request)?;
    if !request.may(rvp, recipient, Rights::SEND_TO)? {
        // 403 would be silent in librvp: the sender is to know that it did not arrive.
        return Err(MethodError::failed(&format!(
            "{recipient} does not take messages from you"
        )));
    }
    if let Some(feature) = forbidden {
        metrics::counter!("rollcall_invitations_refused_total", "feature" => feature.title())
            .increment(1);
        return Err(MethodError::failed(&format!(
            "a policy of this server forbids it: {}",
            feature.title()
        )));
    }
    let call_backs = rvp.nodes.call_backs(recipient);
    if call_backs.is_empty() {
        return Err(MethodError::failed(&format!(
            "{recipient} is not signed on"
        )));
    }
    let relay = Relay {
        from_principal: request.from().as_str().into(),
        content_type: request
            .header(CONTENT_TYPE.as_str())
            .unwrap_or("text/xml")
            .into(),
        hops: hops + 1,
        body: request.body.clone(),
    };
    match rvp.delivery.relay(&call_backs, &relay, ack).await {
        Delivered::Yes => Ok(Answer::empty(StatusCode::OK)),
        Delivered::LeftConversation => Err(MethodError::Status(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("{recipient} has left the conversation"),
        )),
        Delivered::No => Err(MethodError::failed(&format!(
            "the client of {recipient} does not answer"
        ))),
    }
}

/// Refuses what would harm the recipient's client, or speaks in another's name; gives the
/// feature that it invites to, if a policy forbids that.
fn check_body(rvp: &Rvp, request: &Request) -> Result<Option<Feature>, MethodError> {
    let mut forbidden = None;
    let notification =
        rvp::read_notification(&request.body).map_err(|e| MethodError::bad_request(e.reason))?;
    match &notification.kind {
        NotificationKind::Message(payload) => {
            if payload.session_id().is_none() {
                // librvp crashes on one.
                return Err(MethodError::bad_request("the message has no Session-Id"));
            }
            forbidden = rvp.enforcement.forbids(payload);
        }
        NotificationKind::Property => {
            return Err(MethodError::forbidden(
                "only the server says that a property has changed",
            ));
        }
        NotificationKind::Other(_) => {}
    }
    match &notification.from {
        Some(from) if !is_from(from, request) => Err(MethodError::forbidden(format!(
            "you are {}, not {}",
            request.who.alias, from.href
        ))),
        _ => Ok(forbidden),
    }
}

fn is_from(from: &Contact, request: &Request) -> bool {
    LogicalUrl::parse(&from.href).is_ok_and(|url| url.alias() == request.who.alias)
}
