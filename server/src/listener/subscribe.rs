//! SUBSCRIBE: signing on, watching, renewing (RVP document 5.1).

use super::answer::{Answer, MethodError};
use super::propfind;
use super::request::Request;
use super::router::Rvp;
use crate::presence::{Granted, Refused, SignOn, Watching, Who};
use crate::store::StoreError;
use http::StatusCode;
use http::header::{HeaderName, USER_AGENT};
use rvp::{CallBack, NotificationType, Rights, SubscriptionId};
use std::net::SocketAddr;

pub(super) const SUBSCRIPTION_ID: HeaderName = HeaderName::from_static("subscription-id");
const SUBSCRIPTION_LIFETIME: HeaderName = HeaderName::from_static("subscription-lifetime");

/// The longest client name that is kept, in bytes.
const LONGEST_CLIENT: usize = 120;

pub(super) async fn handle(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    if let Some(id) = request.subscription_id()? {
        return renew(rvp, request, id).await;
    }
    match request.notification_type() {
        Some(NotificationType::PragmaNotify) if is_group(rvp, request)? => join(rvp, request).await,
        Some(NotificationType::PragmaNotify) => sign_on(rvp, request).await,
        Some(NotificationType::UpdatePropchange) => watch(rvp, request).await,
        _ => Err(MethodError::bad_request(
            "a new subscription needs a Notification-Type header: update/propchange or pragma/notify",
        )),
    }
}

async fn sign_on(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let user = request.sender.user()?;
    let alias = request.own_node()?;
    let call_back = address(rvp, request, &request.call_back()?)?.ok_or_else(|| {
        MethodError::bad_request(
            "a sign-on needs the address of the client as its Call-Back, not a principal",
        )
    })?;
    let client = request.header(USER_AGENT.as_str()).unwrap_or_default();
    let client = client.get(..LONGEST_CLIENT).unwrap_or(client).to_owned();
    let wish = SignOn {
        alias: alias.clone(),
        url: request.url(),
        call_back,
        peer: request.peer.ip(),
        client,
        scheme: user.scheme,
        lifetime: request.lifetime()?,
        at: rvp.clock.wall_ms(),
    };
    let (granted, effects) = request.acting(rvp, || rvp.nodes.sign_on(wish, rvp.clock.now_ms()))?;
    let events = effects.saved().await?;
    tracing::info!(
        principal = %alias, address = %request.peer.ip(), %call_back, scheme = %user.scheme,
        subscription = %granted.id, lifetime = granted.lifetime, "signed on"
    );
    let mut answer = with_grant(Answer::empty(StatusCode::OK), granted);
    answer.after = events;
    Ok(answer)
}

/// Watches a node. The answer carries its properties as they are: a client reads its
/// contacts' first state from it (observed: all clients).
async fn watch(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let node = request.node()?;
    if !request.may(rvp, node, Rights::PRESENCE)? {
        return Err(Refused::Denied.into());
    }
    let wish = wish(rvp, request, false)?;
    let (granted, properties, answered, effects) =
        request.acting(rvp, || rvp.nodes.watch(wish, rvp.clock.now_ms()))?;
    effects.saved().await?;
    let reads = request.may(rvp, node, Rights::READ)?;
    let body = propfind::readable(&request.href(), &properties, reads);
    let mut answer = with_grant(Answer::xml(StatusCode::MULTI_STATUS, body), granted);
    answer.answered = Some(answered);
    Ok(answer)
}

/// Whether the node is a group: who subscribes to one is told what is sent to it.
fn is_group(rvp: &Rvp, request: &Request) -> Result<bool, MethodError> {
    Ok(rvp.nodes.members(request.node()?).is_some())
}

/// Subscribes a member to what is sent to a group (RVP document 5.1.3).
async fn join(rvp: &Rvp, request: &Request) -> Result<Answer, MethodError> {
    let wish = wish(rvp, request, true)?;
    let (granted, _, _, effects) =
        request.acting(rvp, || rvp.nodes.watch(wish, rvp.clock.now_ms()))?;
    effects.saved().await?;
    Ok(with_grant(Answer::empty(StatusCode::OK), granted))
}

fn wish(rvp: &Rvp, request: &Request, sink: bool) -> Result<Watching, MethodError> {
    let subscriber = request.sender.person()?;
    Ok(Watching {
        direct: told_at(rvp, request, &subscriber)?,
        subscriber,
        href: request.url(),
        sink,
        lifetime: request.lifetime()?,
    })
}

/// The address that a watcher wants to be told at; `None`: as who they are. Nobody has others
/// told, and a watcher elsewhere is told through their own server alone.
fn told_at(
    rvp: &Rvp,
    request: &Request,
    subscriber: &Who,
) -> Result<Option<SocketAddr>, MethodError> {
    match (request.call_back()?, subscriber) {
        (CallBack::Principal(url), Who::Here(alias)) if url.alias() == *alias => Ok(None),
        (CallBack::Principal(url), Who::Elsewhere(_)) if Who::elsewhere(&url) == *subscriber => {
            Ok(None)
        }
        (CallBack::Principal(url), _) => Err(MethodError::forbidden(format!(
            "you are {subscriber}: you cannot have {} told",
            url.alias()
        ))),
        (call_back @ CallBack::Address { .. }, Who::Here(_)) => address(rvp, request, &call_back),
        (CallBack::Address { .. }, Who::Elsewhere(_)) => Err(MethodError::forbidden(
            "a watcher of another domain is told through their server: name their URL as Call-Back",
        )),
    }
}

async fn renew(rvp: &Rvp, request: &Request, id: SubscriptionId) -> Result<Answer, MethodError> {
    let node = request.node()?;
    let now = rvp.clock.now_ms();
    let (who, lifetime) = (request.sender.person()?, request.lifetime()?);
    let renewed = request.acting(rvp, || rvp.nodes.renew(node, &who, id, lifetime, now));
    let (granted, effects) = renewed.map_err(|refused| match refused {
        // To a user whose sign-on has ended this must not be 412 or 404: librvp takes no
        // notice of those and stays "online", deaf. On 403 it signs off, visibly.
        Refused::NoSuchSubscription(_) if request.sender.is(node) => {
            MethodError::forbidden(Refused::NoSuchSubscription(id))
        }
        // On 500 it would sign off, too; of 503 it takes no notice, and asks again before its
        // lease ends.
        Refused::Unsaved => MethodError::try_again(&refused),
        refused => refused.into(),
    })?;
    effects.saved().await.map_err(|error| match error {
        StoreError::Unsaved(_) => MethodError::try_again(&Refused::Unsaved),
        error => error.into(),
    })?;
    Ok(with_grant(Answer::empty(StatusCode::OK), granted))
}

fn with_grant(answer: Answer, granted: Granted) -> Answer {
    answer
        .with(SUBSCRIPTION_ID, &granted.id)
        .with(SUBSCRIPTION_LIFETIME, &granted.lifetime)
}

fn address(
    rvp: &Rvp,
    request: &Request,
    call_back: &CallBack,
) -> Result<Option<SocketAddr>, MethodError> {
    rvp.call_backs
        .check(call_back, request.peer.ip())
        .map_err(MethodError::forbidden)
}
