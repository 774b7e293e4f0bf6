//! A request whose sender is known, and what its headers say.

use super::answer::MethodError;
use super::header;
use super::router::Rvp;
use super::sender::Sender;
use crate::delivery::SenderUrl;
use crate::presence::{Refused, Who};
use bytes::Bytes;
use http::{HeaderMap, Method};
use rvp::{
    Alias, CallBack, LogicalUrl, Node, NotificationType, PrincipalRef, Rights, SubscriptionId,
    Target,
};
use std::net::SocketAddr;

/// A message that went through so many servers runs in a circle.
const MOST_HOPS: u16 = 16;

/// One request, read whole and authenticated.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) sender: Sender,
    pub(super) peer: SocketAddr,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// `host[:port]` of this server as this client spells it.
    pub(super) authority: Box<str>,
}

impl Request {
    pub(super) fn new(
        method: Method,
        target: Target,
        sender: Sender,
        peer: SocketAddr,
        headers: HeaderMap,
        body: Bytes,
        domain: &str,
    ) -> Self {
        let authority = authority(&target, &sender, &headers, domain);
        Self {
            method,
            target,
            sender,
            peer,
            headers,
            body,
            authority,
        }
    }

    /// Does something at once in the name of the sender, whose account must still be the one that
    /// proved itself when the request came in. A server elsewhere answers for its users itself.
    pub(super) fn acting<T, E: From<Refused>>(
        &self,
        rvp: &Rvp,
        act: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.sender {
            Sender::User(user) => rvp.nodes.acting(&user.alias, user.generation, act),
            Sender::Peer { .. } => act(),
        }
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        header::text(&self.headers, name)
    }

    /// The user or group whose node is addressed. They share one space of names, as clients can
    /// name aliases only.
    pub(super) fn node(&self) -> Result<&Alias, MethodError> {
        match &self.target.node {
            Node::Alias(alias) | Node::Group(alias) => Ok(alias),
            Node::Root => Err(Self::no_node()),
        }
    }

    /// Refuses the address of a group that is none.
    pub(super) fn check_group(&self, rvp: &Rvp) -> Result<(), MethodError> {
        match &self.target.node {
            Node::Group(name) if rvp.nodes.members(name).is_none() => {
                Err(not_found(&format!("there is no group {name} here")))
            }
            _ => Ok(()),
        }
    }

    /// The refusal of an address that names nobody.
    pub(super) fn no_node() -> MethodError {
        not_found("this address is not one of a user; use /instmsg/aliases/NAME")
    }

    /// The user's own node; anybody else's is refused.
    pub(super) fn own_node(&self) -> Result<&Alias, MethodError> {
        let node = self.node()?;
        if self.sender.is(node) {
            Ok(node)
        } else {
            Err(MethodError::forbidden(format!(
                "you are {}: the node of {node} is not yours",
                self.sender
            )))
        }
    }

    /// Whether the list of a node gives the sender a right, as they proved who they are: an entry
    /// counts only for the credentials that it names (RVP document 5.7.2).
    pub(super) fn may(&self, rvp: &Rvp, node: &Alias, right: Rights) -> Result<bool, MethodError> {
        let who = self.sender.person()?;
        if !rvp.nodes.allows(node, &who, right)? {
            return Ok(false);
        }
        let Some(acl) = rvp.nodes.acl(node)?.filter(|_| !who.is(node)) else {
            return Ok(true);
        };
        let url = match who {
            Who::Here(alias) => LogicalUrl::compose(rvp.names.domain(), alias.as_str()),
            Who::Elsewhere(url) => rvp.names.listed(&url),
        };
        Ok(acl
            .decide(&PrincipalRef::User(&url), self.sender.credential(), right)
            .allowed)
    }

    /// URL of the node as this client spells it: bodies must name it in the same letters.
    pub(super) fn href(&self) -> String {
        let path = self.target.logical_path().unwrap_or_default();
        format!("http://{}{path}", self.authority)
    }

    /// The same of a user; of a group as if it were one.
    pub(super) fn url(&self) -> LogicalUrl {
        LogicalUrl::compose(&self.authority, &self.target.spelled)
    }

    /// URL of the sender for whoever reads it: ours to write, whatever `RVP-From-Principal` says.
    /// Of a server that speaks for itself it is its name.
    pub(super) fn from(&self, watched: impl FnOnce(&Alias) -> Option<LogicalUrl>) -> SenderUrl {
        match &self.sender {
            Sender::User(user) => SenderUrl::Here {
                alias: user.alias.clone(),
                watched: watched(&user.alias),
            },
            Sender::Peer { domain, who } => SenderUrl::As(match who {
                Some(Who::Elsewhere(url)) => url.as_str().into(),
                Some(Who::Here(_)) | None => domain.as_ref().into(),
            }),
        }
    }

    /// What the client says of itself in `RVP-From-Principal`, if that is the URL of a user.
    pub(super) fn principal(&self) -> Option<LogicalUrl> {
        LogicalUrl::parse(self.header("RVP-From-Principal")?).ok()
    }

    /// Through how many hands it went.
    pub(super) fn hops(&self) -> Result<u16, MethodError> {
        let hops = self
            .header("RVP-Hop-Count")
            .and_then(rvp::hop_count)
            .unwrap_or(1);
        if hops >= MOST_HOPS {
            return Err(MethodError::bad_request(
                "the message went through too many servers",
            ));
        }
        Ok(hops)
    }

    pub(super) fn subscription_id(&self) -> Result<Option<SubscriptionId>, MethodError> {
        self.header("Subscription-Id")
            .map(|id| {
                id.parse().map_err(|_| {
                    MethodError::bad_request(
                        "Subscription-Id must be a decimal number from 1 to 2147483647",
                    )
                })
            })
            .transpose()
    }

    /// Seconds asked for, if the client asks for any.
    pub(super) fn lifetime(&self) -> Result<Option<u32>, MethodError> {
        self.header("Subscription-Lifetime")
            .map(|text| {
                rvp::lifetime(text).ok_or_else(|| {
                    MethodError::bad_request("Subscription-Lifetime must be a number of seconds")
                })
            })
            .transpose()
    }

    pub(super) fn notification_type(&self) -> Option<NotificationType> {
        self.header("Notification-Type")
            .map(NotificationType::parse)
    }

    pub(super) fn call_back(&self) -> Result<CallBack, MethodError> {
        let text = self.header("Call-Back").ok_or_else(|| {
            MethodError::bad_request("a new subscription needs a Call-Back header")
        })?;
        CallBack::parse(text).map_err(MethodError::bad_request)
    }
}

fn not_found(reason: &str) -> MethodError {
    MethodError::Status(http::StatusCode::NOT_FOUND, reason.to_owned())
}

/// How the client spells this server: in the target, else in its own URL, else in `Host`
/// (which leaves the port out, observed: all clients).
fn authority(target: &Target, sender: &Sender, headers: &HeaderMap, domain: &str) -> Box<str> {
    let text = |name: &str| header::text(headers, name);
    let own = || {
        let from = LogicalUrl::parse(text("RVP-From-Principal")?).ok()?;
        sender.is(&from.alias()).then(|| from.authority().into())
    };
    target
        .authority
        .clone()
        .or_else(own)
        .or_else(|| text("Host").filter(|h| !h.is_empty()).map(Into::into))
        .unwrap_or_else(|| domain.into())
}
