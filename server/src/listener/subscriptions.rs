//! SUBSCRIPTIONS: who watches me, or where I am signed on (RVP document 5.3).

use super::answer::{Answer, MethodError};
use super::request::Request;
use super::router::Rvp;
use crate::names::Home;
use crate::store::SubscriptionKind;
use http::StatusCode;
use rvp::{LogicalUrl, NotificationType, Rights, SubscriptionOut};

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
    // What only a watcher calls this server is for nobody else.
    let respelled = |text: String| match LogicalUrl::parse(&text) {
        Ok(url) if rvp.names.home(url.authority()) == Home::Unknown => {
            LogicalUrl::compose(&request.authority, url.spelled_alias())
                .as_str()
                .to_owned()
        }
        Ok(_) | Err(_) => text,
    };
    let list = list.into_iter().map(|s| SubscriptionOut {
        id: s.id,
        call_back: respelled(s.call_back),
        principal: respelled(s.principal),
        timeout: s.timeout,
    });
    Ok(Answer::xml(StatusCode::OK, rvp::subscriptions(list)))
}
