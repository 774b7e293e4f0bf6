//! A request that is known to come from a user, and what its headers say.

use super::answer::MethodError;
use super::router::Rvp;
use crate::presence::AuthScheme;
use bytes::Bytes;
use http::{HeaderMap, Method};
use rvp::{
    Alias, CallBack, Credential, LogicalUrl, Node, NotificationType, PrincipalRef, Rights,
    SubscriptionId, Target,
};
use std::net::SocketAddr;

/// Who speaks, and how they proved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) alias: Alias,
    pub(super) scheme: AuthScheme,
}

/// One request, read whole and authenticated.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) who: Identity,
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
        who: Identity,
        peer: SocketAddr,
        headers: HeaderMap,
        body: Bytes,
        domain: &str,
    ) -> Self {
        let authority = authority(&target, &who, &headers, domain);
        Self {
            method,
            target,
            who,
            peer,
            headers,
            body,
            authority,
        }
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .map(str::trim)
    }

    /// The user whose node is addressed.
    pub(super) fn node(&self) -> Result<&Alias, MethodError> {
        match &self.target.node {
            Node::Alias(alias) => Ok(alias),
            Node::Group(alias) => Err(not_found(&format!("there is no group {alias} here"))),
            Node::Root => Err(not_found(
                "this address is not one of a user; use /instmsg/aliases/NAME",
            )),
        }
    }

    /// The user's own node; anybody else's is refused.
    pub(super) fn own_node(&self) -> Result<&Alias, MethodError> {
        let node = self.node()?;
        if *node == self.who.alias {
            Ok(node)
        } else {
            Err(MethodError::forbidden(format!(
                "you are {}: the node of {node} is not yours",
                self.who.alias
            )))
        }
    }

    /// Whether the list of a node gives the sender a right, as they proved who they are: an entry
    /// counts only for the credentials that it names (RVP document 5.7.2).
    pub(super) fn may(&self, rvp: &Rvp, node: &Alias, right: Rights) -> Result<bool, MethodError> {
        let who = &self.who.alias;
        if !rvp.nodes.allows(node, who, right)? {
            return Ok(false);
        }
        let Some(acl) = rvp.nodes.acl(node)?.filter(|_| node != who) else {
            return Ok(true);
        };
        let url = LogicalUrl::compose(&rvp.domain, who.as_str());
        let credential = match self.who.scheme {
            AuthScheme::Digest => Credential::Digest,
            AuthScheme::Ntlm => Credential::Ntlm,
        };
        Ok(acl
            .decide(&PrincipalRef::User(&url), credential, right)
            .allowed)
    }

    /// URL of the node as this client spells it: bodies must name it in the same letters.
    pub(super) fn href(&self) -> LogicalUrl {
        LogicalUrl::compose(&self.authority, &self.target.spelled)
    }

    /// URL of the sender: as they spell it in `RVP-From-Principal`.
    pub(super) fn from(&self) -> LogicalUrl {
        self.header("RVP-From-Principal")
            .and_then(|from| LogicalUrl::parse(from).ok())
            .filter(|from| from.alias() == self.who.alias)
            .unwrap_or_else(|| LogicalUrl::compose(&self.authority, self.who.alias.as_str()))
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
fn authority(target: &Target, who: &Identity, headers: &HeaderMap, domain: &str) -> Box<str> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .map(str::trim)
    };
    let own = || {
        let from = LogicalUrl::parse(text("RVP-From-Principal")?).ok()?;
        (from.alias() == who.alias).then(|| from.authority().into())
    };
    target
        .authority
        .clone()
        .or_else(own)
        .or_else(|| text("Host").filter(|h| !h.is_empty()).map(Into::into))
        .unwrap_or_else(|| domain.into())
}
