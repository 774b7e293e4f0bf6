//! Requests of our users about users of other domains: passed to their server, and its answer
//! passed back. Nothing is kept here: a watch of somebody elsewhere lives there, and what it
//! tells comes back as a NOTIFY of that server.

use super::answer::{Answer, MethodError};
use super::notification::{self, Checked};
use super::notify;
use super::request::Request;
use super::router::Rvp;
use super::sender::Sender;
use crate::config::Peer;
use crate::federation;
use crate::presence::{Refused, Who};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use rvp::{CallBack, LogicalUrl, NotificationKind};

/// What a request says that the other server has to know, besides who sent it.
const PASSED_ON: [&str; 6] = [
    "depth",
    "notification-type",
    "rvp-ack-type",
    "rvp-notifications-version",
    "subscription-id",
    "subscription-lifetime",
];

/// What its answer says that the client has to know.
const PASSED_BACK: [&str; 3] = ["content-type", "subscription-id", "subscription-lifetime"];

const HOP_COUNT: HeaderName = HeaderName::from_static("rvp-hop-count");
const FROM_PRINCIPAL: HeaderName = HeaderName::from_static("rvp-from-principal");
const CALL_BACK: HeaderName = HeaderName::from_static("call-back");

/// The peer whose node is addressed, if it is none of ours: by the address in the request line,
/// or else by `Host`.
pub(super) fn elsewhere<'a>(rvp: &'a Rvp, request: &Request) -> Option<&'a Peer> {
    let host = request.target.authority.as_deref();
    rvp.federation
        .peer(host.or_else(|| request.header("Host"))?)
}

/// `host[:port]` of the node as the client spells it, so that the answer is in its letters.
/// `Host` leaves the port out (observed: all clients), but a client that reaches the other domain
/// here reaches it at the port that stands in its own URL.
fn authority(request: &Request) -> String {
    if let Some(authority) = &request.target.authority {
        return authority.to_string();
    }
    let host = request.header("Host").unwrap_or_default();
    let own = request.principal();
    let port = own
        .as_ref()
        .and_then(|own| own.authority().rsplit_once(':'))
        .filter(|_| !host.contains(':'));
    port.map_or_else(|| host.to_owned(), |(_, port)| format!("{host}:{port}"))
}

pub(super) async fn handle(
    rvp: &Rvp,
    request: &Request,
    peer: &Peer,
) -> Result<Answer, MethodError> {
    let Sender::User(user) = &request.sender else {
        return Err(MethodError::forbidden(
            "this server passes on what its own users send, and nothing else",
        ));
    };
    let Some(path) = request.target.logical_path() else {
        return Err(Request::no_node());
    };
    let body = match checked(rvp, request)? {
        Passes::With(body) => body,
        Passes::Not(refusal) => return Ok(refusal),
    };
    let own = LogicalUrl::compose(rvp.federation.own(), &user.alias.encoded());
    let outgoing = federation::Request {
        method: request.method.clone(),
        host: authority(request),
        path,
        headers: headers(request, &own)?,
        body,
    };
    request.acting(rvp, || Ok::<_, Refused>(()))?;
    tracing::debug!(principal = %user.alias, to = %peer.domain, method = %request.method, "passed on");
    let returned = rvp.federation.send(peer, outgoing).await.map_err(|error| {
        // 412 is what clients show to who sent a message.
        MethodError::failed(&error.to_string())
    })?;
    pass_back(peer, returned)
}

/// What becomes of a body.
enum Passes {
    /// It goes on as this.
    With(Bytes),
    /// The policies of our user forbid it.
    Not(Answer),
}

/// A notification leaves this server in the form, and from whom, in which it would arrive here.
fn checked(rvp: &Rvp, request: &Request) -> Result<Passes, MethodError> {
    if request.method.as_str() != "NOTIFY" {
        return Ok(Passes::With(request.body.clone()));
    }
    let Checked { kind, body } = notification::check(rvp, request, None)?;
    let to = LogicalUrl::compose(&authority(request), &request.target.spelled);
    let refusal = match &kind {
        NotificationKind::Message(payload) => {
            notify::enforced(rvp, request, &Who::elsewhere(&to), payload)
        }
        NotificationKind::Property | NotificationKind::Other(_) => None,
    };
    Ok(refusal.map_or(Passes::With(body), Passes::Not))
}

fn headers(request: &Request, own: &LogicalUrl) -> Result<HeaderMap, MethodError> {
    let mut headers = HeaderMap::new();
    for name in PASSED_ON {
        if let Some(value) = request.headers.get(name) {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    if !request.body.is_empty() {
        // Clients compare letters, and the other server may pass on what it gets.
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    }
    let own = HeaderValue::from_str(own.as_str()).map_err(MethodError::bad_request)?;
    if request.header("Call-Back").is_some() {
        match request.call_back()? {
            CallBack::Principal(url) if request.sender.is(&url.alias()) => {
                headers.insert(CALL_BACK, own.clone());
            }
            CallBack::Principal(url) => {
                return Err(MethodError::forbidden(format!(
                    "you are {}: you cannot have {} told",
                    request.sender,
                    url.alias()
                )));
            }
            CallBack::Address { .. } => {
                return Err(MethodError::forbidden(
                    "another domain is never given the address of a client: name your own URL as Call-Back",
                ));
            }
        }
    }
    headers.insert(FROM_PRINCIPAL, own);
    headers.insert(HOP_COUNT, HeaderValue::from(request.hops()? + 1));
    Ok(headers)
}

fn pass_back(peer: &Peer, returned: federation::Response) -> Result<Answer, MethodError> {
    let status = returned.status;
    // What is between the servers means something else to a client: a challenge, a redirect.
    if status == StatusCode::UNAUTHORIZED || status.is_redirection() || status.is_informational() {
        return Err(MethodError::failed(&format!(
            "the server of {} does not take requests from here (it answered {status}); its administrator can name this domain as a peer",
            peer.domain
        )));
    }
    let mut answer = Answer::empty(status);
    for name in PASSED_BACK {
        if let Some(value) = returned.headers.get(name) {
            answer
                .headers
                .insert(HeaderName::from_static(name), value.clone());
        }
    }
    if returned.body.is_empty() {
        answer.headers.remove(CONTENT_TYPE);
    }
    answer.body = returned.body;
    Ok(answer)
}
