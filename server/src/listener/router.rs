//! From a method's name to its handler, and from its result to the answer.

use super::answer::{Answer, AnswerBody, MethodError};
use super::authenticate::{Authenticator, NtlmConnection};
use super::counters::RequestCounters;
use super::header;
use super::limits::{RateLimited, RateLimiter};
use super::referral::Referral;
use super::request::Request;
use super::request_record::RequestRecord;
use super::sender::{Identity, Sender};
use super::{
    acl, contacts, forward, notify, propfind, proppatch, proxy_script, subscribe, subscriptions,
    unsubscribe,
};
use crate::access_log::AccessLog;
use crate::admin::Admin;
use crate::clock::{Clock, Random};
use crate::delivery::{CallBackRules, Delivery};
use crate::enforcement::Enforcement;
use crate::federation::Federation;
use crate::names::{Home, LocalNames};
use crate::net::{BodyError, ClientBody};
use crate::presence::{Nodes, Who};
use crate::proxy_script::ProxyScript;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body as _;
use rvp::{Target, Version};
use std::net::SocketAddr;
use std::sync::Arc;

/// The largest body that is read, in bytes. Messages of the time are below 2 KiB.
const LARGEST_BODY: usize = 256 * 1024;

/// All that the RVP methods work with.
pub struct Rvp {
    /// The node database.
    pub nodes: Arc<Nodes>,
    /// Outgoing NOTIFY.
    pub delivery: Delivery,
    /// Who speaks.
    pub authenticator: Authenticator,
    /// Policies on the wire.
    pub enforcement: Arc<Enforcement>,
    /// Where everybody is, if not here.
    pub referral: Referral,
    /// Tell who sent an invitation that a policy forbids why it did not arrive.
    pub tell_sender: bool,
    /// What is handed to browsers.
    pub proxy_script: Arc<ProxyScript>,
    /// Other domains.
    pub federation: Federation,
    /// Where call-backs may point.
    pub call_backs: CallBackRules,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// What this server is called.
    pub names: LocalNames,
    /// Where requests are noted.
    pub access: AccessLog,
    /// Counters of requests.
    pub counters: RequestCounters,
    /// How often clients may ask.
    pub rate_limiter: RateLimiter,
    /// Contact lists, if they are handed out here.
    pub contacts: Option<Admin>,
}

impl Rvp {
    pub(super) async fn answer(
        &self,
        request: http::Request<ClientBody>,
        peer: SocketAddr,
        ntlm: &NtlmConnection,
    ) -> Result<Response<AnswerBody>, RateLimited> {
        let (mut parts, body) = request.into_parts();
        header::to_utf8(&mut parts.headers);
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        // Before anything is read: what waits here takes no memory of ours.
        self.rate_limiter.address(peer.ip()).await?;
        let version = version(&parts.headers);
        let method = parts.method.clone();
        let target = parts.uri.to_string();
        let mut record = RequestRecord::begin(&self.access, &self.clock, &parts, peer.ip());

        // The body is read even where it is not acted upon: a client that sends the first NTLM
        // message sends its body with it.
        let mut answer = match read(body).await {
            Ok(body) => self.dispatch(parts, body, peer, ntlm, &mut record).await?,
            Err(refusal) => refusal,
        };
        answer.headers.insert(
            "RVP-Notifications-Version",
            http::HeaderValue::from_static(version.as_str()),
        );
        let status = answer.status.as_u16();
        if status >= 400 && status != 401 {
            tracing::info!(%peer, %method, target, status, reason = answer.reason(), "request refused");
        }
        self.counters.count(&method, answer.status);
        record.end(&self.access, &self.clock, &answer);
        Ok(answer.into_response(&self.delivery))
    }

    /// The answer to a message that the end of the server overtook.
    pub(super) fn undelivered(&self, method: &Method, version: Version) -> Response<AnswerBody> {
        let reason =
            "the server is being stopped: the message was not delivered; send it again in a while";
        let mut answer = MethodError::failed(reason).answer();
        answer.headers.insert(
            "RVP-Notifications-Version",
            http::HeaderValue::from_static(version.as_str()),
        );
        self.counters.count(method, answer.status);
        answer.into_response(&self.delivery)
    }

    async fn dispatch(
        &self,
        parts: http::request::Parts,
        body: Bytes,
        peer: SocketAddr,
        ntlm: &NtlmConnection,
        record: &mut RequestRecord,
    ) -> Result<Answer, RateLimited> {
        record.read(&body);
        let method = parts.method.as_str();
        if let Some(script) = proxy_script::answer(self, &parts) {
            return Ok(script);
        }
        let contacts = self
            .contacts
            .as_ref()
            .filter(|_| contacts::is_asked(&parts.method, &parts.uri));
        if let (None, Some(refusal)) = (contacts, unsupported(method)) {
            return Ok(refusal);
        }
        let target = parts.uri.to_string();
        let parsed = Target::parse(&target);
        let referred = parsed
            .as_ref()
            .ok()
            .and_then(|node| self.referral.of(node, &parts.headers, self.names.domain()));
        if let Some(referral) = referred {
            return Ok(referral);
        }
        let authorization = match authorization(&parts.headers) {
            Ok(authorization) => authorization,
            Err(refusal) => return Ok(refusal),
        };
        if let Some(admin) = contacts {
            // Nobody vouches for anybody here.
            let who = self
                .authenticator
                .identify(ntlm, peer.ip(), method, &target, authorization)
                .await;
            return Ok(match who {
                Ok(who) => {
                    record.by(&Sender::User(who.clone()));
                    if let Some(refusal) = self.kept_out(&who, method) {
                        return Ok(refusal);
                    }
                    self.rate_limiter
                        .user(&Who::Here(who.alias.clone()))
                        .await?;
                    contacts::handle(admin, &who, &parts.method, &parts.uri, &body).await
                }
                Err(challenge) => challenge,
            });
        }
        let vouched = Sender::vouched_for(&self.federation, &parts.headers, peer.ip()).await;
        let sender = match vouched {
            Some(Ok(sender)) => sender,
            Some(Err(error)) => return Ok(MethodError::forbidden(error).answer()),
            None => {
                match self
                    .authenticator
                    .identify(ntlm, peer.ip(), method, &target, authorization)
                    .await
                {
                    Ok(identity) => Sender::User(identity),
                    Err(challenge) => return Ok(challenge),
                }
            }
        };
        record.by(&sender);
        if let Sender::User(who) = &sender
            && let Some(refusal) = self.kept_out(who, method)
        {
            return Ok(refusal);
        }
        if let Ok(who) = sender.person() {
            match self.rate_limiter.user(&who).await {
                // The one refusal that librvp shows to who has sent a message.
                Err(error) if method == "NOTIFY" => {
                    return Ok(MethodError::failed(&error.to_string()).answer());
                }
                paced => paced?,
            }
        }
        let target = match parsed {
            Ok(target) => target,
            Err(error) => return Ok(MethodError::bad_request(error).answer()),
        };
        let request = Request::new(
            parts.method,
            target,
            sender,
            peer,
            parts.headers,
            body,
            self.names.domain(),
        );
        let result = self.act(&request).await;
        Ok(result.unwrap_or_else(|error| {
            tracing::debug!(principal = %request.sender, %error, "refused");
            error.answer()
        }))
    }

    /// What a user gets whom an administrator keeps out, whichever connection they are on. They
    /// may sign off, and say that they are offline (`proppatch.rs`).
    fn kept_out(&self, who: &Identity, method: &str) -> Option<Answer> {
        let refused = self.nodes.kept_out(&who.alias, self.clock.now_ms())?;
        match method {
            "UNSUBSCRIBE" | "PROPPATCH" => None,
            // The one refusal that librvp shows to who has sent a message.
            "NOTIFY" => Some(MethodError::failed(&refused.to_string()).answer()),
            // On 403 librvp ends its session, visibly: at sign-on, and when it renews or reads.
            _ => Some(MethodError::from(refused).answer()),
        }
    }

    async fn act(&self, request: &Request) -> Result<Answer, MethodError> {
        if let Some(peer) = forward::elsewhere(self, request) {
            return forward::handle(self, request, peer).await;
        }
        // `Host` only says how a client got here; whom a request line names is meant.
        if let Some(service) = &request.target.authority
            && self.names.home_of_request(service) == Home::Unknown
        {
            return Err(MethodError::forbidden(format!(
                "{service} is not served here, nor is it a domain that this server talks with; an administrator can add it to `names` in the configuration"
            )));
        }
        request.check_group(self)?;
        match request.method.as_str() {
            "SUBSCRIBE" => subscribe::handle(self, request).await,
            "UNSUBSCRIBE" => unsubscribe::handle(self, request).await,
            "SUBSCRIPTIONS" => request.acting(self, || subscriptions::handle(self, request)),
            "PROPFIND" => request.acting(self, || propfind::handle(self, request)),
            "PROPPATCH" => proppatch::handle(self, request).await,
            "NOTIFY" => notify::handle(self, request).await,
            _ => acl::handle(self, request).await,
        }
    }
}

/// What proves who asks, if the request brings it. Of two, one reader would take the first and
/// another the last.
#[expect(clippy::result_large_err, reason = "the answer is made once and sent")]
fn authorization(headers: &HeaderMap) -> Result<Option<&[u8]>, Answer> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let first = all.next().map(http::HeaderValue::as_bytes);
    if all.next().is_some() {
        return Err(Answer::refusal(
            StatusCode::BAD_REQUEST,
            "there are two Authorization headers: send one",
        ));
    }
    Ok(first)
}

/// The version to answer with.
pub(super) fn version(headers: &HeaderMap) -> Version {
    Version::to_answer(header::text(headers, "RVP-Notifications-Version"))
}

/// Methods of HTTP and WebDAV that RVP does without (RVP document 5).
fn unsupported(method: &str) -> Option<Answer> {
    let status = match method {
        "SUBSCRIBE" | "UNSUBSCRIBE" | "SUBSCRIPTIONS" | "PROPFIND" | "PROPPATCH" | "NOTIFY"
        | "ACL" => return None,
        "COPY" | "MOVE" => StatusCode::METHOD_NOT_ALLOWED,
        _ => StatusCode::NOT_IMPLEMENTED,
    };
    Some(Answer::refusal(
        status,
        "this is an RVP server: it has no use for this method",
    ))
}

async fn read(body: ClientBody) -> Result<Bytes, Answer> {
    let too_large = || {
        Answer::refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is larger than 256 KiB",
        )
    };
    if body.size_hint().lower() > LARGEST_BODY as u64 {
        return Err(too_large());
    }
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => Err(match error.downcast_ref::<BodyError>() {
            Some(error @ BodyError::TooSlow(_)) => {
                Answer::refusal(StatusCode::REQUEST_TIMEOUT, &error.to_string())
            }
            _ => Answer::refusal(StatusCode::BAD_REQUEST, "the body broke off"),
        }),
    }
}
