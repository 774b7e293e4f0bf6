//! UNSUBSCRIBE: ending a sign-on or a watch (RVP document 5.2).

use super::answer::{Answer, MethodError};
use super::request::Request;
use super::router::Rvp;
use http::StatusCode;

pub(super) async fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let node = request.node()?;
    let id = request
        .subscription_id()?
        .ok_or_else(|| MethodError::bad_request("UNSUBSCRIBE needs a Subscription-Id header"))?;
    let was_signed_on = request.sender.is(node) && rvp.nodes.has_login(node, id);
    let who = request.sender.person()?;
    let effects = request.acting(rvp, || rvp.nodes.unsubscribe(node, &who, id))?;
    let events = effects.saved().await?;
    if was_signed_on {
        tracing::info!(principal = %node, address = %request.peer.ip(), subscription = %id, "signed off");
    }
    let mut answer = Answer::empty(StatusCode::OK);
    answer.after = events;
    Ok(answer)
}
