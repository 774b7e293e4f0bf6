//! SUBSCRIPTIONS: who watches me, or where I am signed on (RVP document 5.3).

use super::answer::{Answer, MethodError};
use super::request::Request;
use super::router::Rvp;
use crate::store::SubscriptionKind;
use http::StatusCode;
use rvp::{NotificationType, Rights, SubscriptionOut};

pub(super) fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let node = request.node()?;
    if !request.may(rvp, node, Rights::SUBSCRIPTIONS)? {
        return Err(MethodError::forbidden(format!(
            "{node} does not let you see who watches"
        )));
    }
    let kind = match request.notification_type() {
        None | Some(NotificationType::UpdatePropchange) => SubscriptionKind::Watch,
        Some(NotificationType::PragmaNotify) => SubscriptionKind::Login,
        Some(NotificationType::Other) => {
            return Err(MethodError::bad_request(
                "Notification-Type must be update/propchange or pragma/notify",
            ));
        }
    };
    let list = rvp.nodes.subscriptions(node, kind, rvp.clock.now_ms())?;
    let list = list.into_iter().map(|s| SubscriptionOut {
        id: s.id,
        call_back: s.call_back,
        principal: s.principal,
        timeout: s.timeout,
    });
    Ok(Answer::xml(StatusCode::OK, rvp::subscriptions(list)))
}
