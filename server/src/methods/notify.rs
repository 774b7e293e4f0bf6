//! NOTIFY: messages, relayed byte for byte (RVP document 5.6).

use super::answer::{Answer, MethodError};
use super::group;
use super::request::Request;
use super::router::Rvp;
use super::sender::Sender;
use crate::delivery::{Delivered, Relay};
use crate::federation::host_of;
use crate::presence::Who;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use policies::Feature;
use rvp::{AckType, Alias, Contact, LogicalUrl, NotificationKind, Rights};

pub(super) async fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let recipient = request.node()?;
    let hops = request.hops()?;
    let ack = request
        .header("RVP-Ack-Type")
        .and_then(AckType::parse)
        .unwrap_or(AckType::SingleHop);
    let forbidden = check_body(rvp, request)?;
    if !may_send(rvp, request, recipient)? {
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
    let call_backs = match rvp.nodes.members(recipient) {
        Some(members) => group::call_backs(rvp, request, recipient, &members)?,
        None => rvp.nodes.call_backs(recipient),
    };
    if call_backs.is_empty() {
        return Err(MethodError::failed(&format!(
            "{recipient} is not signed on"
        )));
    }
    let relay = Relay {
        from_principal: request.from(),
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

/// Whether the sender may send to somebody. What a server says for itself of its users is for
/// watchers, who asked for it.
fn may_send(rvp: &Rvp, request: &Request, recipient: &Alias) -> Result<bool, MethodError> {
    match &request.sender {
        Sender::Peer { who: None, .. } => Ok(true),
        _ => request.may(rvp, recipient, Rights::SEND_TO),
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
        // Another domain's server says it of its own users.
        NotificationKind::Property if matches!(request.sender, Sender::Peer { .. }) => {}
        NotificationKind::Property => {
            return Err(MethodError::forbidden(
                "only the server says that a property has changed",
            ));
        }
        NotificationKind::Other(_) => {}
    }
    match &notification.from {
        Some(from) if !is_from(rvp, from, &request.sender) => Err(MethodError::forbidden(format!(
            "you are {}, not {}",
            request.sender, from.href
        ))),
        _ => Ok(forbidden),
    }
}

/// Whether a message comes from who it says. The letters of a host are the client's own, but a
/// user of ours is of no other domain, and a server speaks for its own users alone.
fn is_from(rvp: &Rvp, from: &Contact, sender: &Sender) -> bool {
    let Ok(url) = LogicalUrl::parse(&from.href) else {
        return false;
    };
    let peer = rvp.federation.peer(url.authority());
    match sender {
        Sender::User(user) => url.alias() == user.alias && peer.is_none(),
        Sender::Peer { domain, who } => {
            peer.is_some_and(|peer| host_of(&peer.domain) == **domain)
                && match who {
                    Some(Who::Elsewhere(who)) => who.alias() == url.alias(),
                    Some(Who::Here(_)) => false,
                    None => true,
                }
        }
    }
}
