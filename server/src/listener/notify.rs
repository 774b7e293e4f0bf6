//! NOTIFY: messages, relayed byte for byte (RVP document 5.6).

use super::answer::{Answer, MethodError};
use super::group;
use super::notification::{self, Checked};
use super::request::Request;
use super::router::Rvp;
use super::sender::Sender;
use crate::delivery::{Delivered, Relay, system_message};
use crate::enforcement::Verdict;
use crate::presence::{CallBackRef, Refused, Who};
use http::StatusCode;
use rvp::{AckType, Alias, NotificationKind, Payload, Rights};

pub(super) async fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let recipient = request.node()?;
    let hops = request.hops()?;
    let ack = request
        .header("RVP-Ack-Type")
        .and_then(AckType::parse)
        .unwrap_or(AckType::SingleHop);
    let Checked { kind, body } = notification::check(rvp, request, Some(recipient))?;
    if !may_send(rvp, request, recipient, &kind)? {
        // 403 would be silent in librvp: the sender is to know that it did not arrive.
        return Err(MethodError::failed(&format!(
            "{recipient} does not take messages from you"
        )));
    }
    let forbidden = |to: &Alias| match &kind {
        NotificationKind::Message(payload) => {
            enforced(rvp, request, &Who::Here(to.clone()), payload)
        }
        NotificationKind::Property | NotificationKind::Other(_) => None,
    };
    let call_backs = match rvp.nodes.members(recipient) {
        Some(members) => {
            // Each member is under their own policy; it arrives where it may.
            let mut refusal = None;
            let mut reached = Vec::with_capacity(members.len());
            for member in members.iter().filter(|member| !request.sender.is(member)) {
                match forbidden(member) {
                    Some(refused) => refusal = Some(refused),
                    None => reached.push(member.clone()),
                }
            }
            if let (true, Some(refusal)) = (reached.is_empty(), refusal) {
                return Ok(refusal);
            }
            group::call_backs(rvp, request, recipient, &reached)?
        }
        None => match forbidden(recipient) {
            Some(refusal) => return Ok(refusal),
            None => rvp.nodes.call_backs(recipient),
        },
    };
    if call_backs.is_empty() {
        return Err(MethodError::failed(&format!(
            "{recipient} is not signed on"
        )));
    }
    let relay = Relay {
        from: request.from(|sender| rvp.nodes.watched_as(sender, recipient)),
        hops: hops + 1,
        body,
        sender: Some(request.sender.to_string().into()),
        is_presence: matches!(kind, NotificationKind::Property),
    };
    // Not in the name of somebody who is gone.
    let sent = request.acting(rvp, || Ok(rvp.delivery.relay(&call_backs, &relay, ack)));
    let sent = sent.map_err(|refused: Refused| MethodError::failed(&refused.to_string()))?;
    match sent.await {
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

/// The answer to an invitation that does not pass. One that a policy forbids gets 412, on which clients show that it did not
/// arrive, and then a message that says why. `None`: it may pass.
pub(super) fn enforced(
    rvp: &Rvp,
    request: &Request,
    to: &Who,
    payload: &Payload,
) -> Option<Answer> {
    let from = request.sender.person().ok()?;
    if rvp
        .enforcement
        .is_own_acceptance(&from, to, payload, rvp.clock.now_ms())
    {
        // librvp crashes on it (observed).
        let error = MethodError::bad_request(
            "who accepts what they offered themselves says where: send IP-Address and Port",
        );
        return Some(error.answer());
    }
    let verdict = rvp
        .enforcement
        .check(&from, to, payload, rvp.clock.now_ms())?;
    let Verdict {
        feature, policy, ..
    } = &verdict;
    let mut answer = MethodError::failed(&format!(
        "the policy {policy} of this server forbids it: {feature}"
    ))
    .answer();
    if let (true, Sender::User(user)) = (rvp.tell_sender, &request.sender) {
        let what = if verdict.command == "ACCEPT" {
            format!("Your acceptance did not reach {to}")
        } else {
            format!("Your invitation did not reach {to}")
        };
        let whom = if verdict.decided_for == user.alias {
            "you"
        } else {
            verdict.decided_for.as_str()
        };
        let text = format!(
            "{what}: {feature} is not allowed for {whom} (policy {policy}). Your administrator can say more."
        );
        let mut own = rvp.nodes.call_backs(&user.alias);
        // The machine it came from, where the user has several.
        if own.iter().any(|own| own.address.ip() == request.peer.ip()) {
            own.retain(|own| own.address.ip() == request.peer.ip());
        }
        let conversation = rvp.random.guid();
        let notice = |to: CallBackRef| {
            let message = system_message(&to, &conversation, &text);
            (to, message)
        };
        answer.notices = own.into_iter().map(notice).collect();
    }
    Some(answer)
}

/// Whether the sender may send this to somebody. What another domain's server says of its users
/// is for their watchers, who asked for it; anything else is sent by somebody, who has a name.
fn may_send(
    rvp: &Rvp,
    request: &Request,
    recipient: &Alias,
    kind: &NotificationKind,
) -> Result<bool, MethodError> {
    match kind {
        NotificationKind::Property => Ok(rvp.nodes.members(recipient).is_none()),
        NotificationKind::Message(_) | NotificationKind::Other(_) => {
            request.may(rvp, recipient, Rights::SEND_TO)
        }
    }
}
