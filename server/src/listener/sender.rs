//! Who sent a request, and who says so.

use super::answer::MethodError;
use super::header;
use crate::auth::Scheme;
use crate::federation::{Federation, FederationError};
use crate::names::host_of;
use crate::presence::Who;
use http::HeaderMap;
use rvp::{Alias, Credential, LogicalUrl};
use std::fmt;
use std::net::IpAddr;

/// A user of this server who proved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) alias: Alias,
    pub(super) scheme: Scheme,
    /// Of the account that proved it: another account of the same alias has another.
    pub(super) generation: i64,
}

/// Who sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// A user of this server.
    User(Identity),
    /// The server of another domain, for one of its users or for itself.
    Peer {
        /// The peer's name in the configuration.
        domain: Box<str>,
        /// The user it speaks for; `None`: itself.
        who: Option<Who>,
    },
}

impl Sender {
    /// The user of this server, who alone may do some things.
    pub(super) fn user(&self) -> Result<&Identity, MethodError> {
        match self {
            Self::User(identity) => Ok(identity),
            Self::Peer { domain, .. } => Err(MethodError::forbidden(format!(
                "only users of this server may do this, not {domain}"
            ))),
        }
    }

    /// The person who asks.
    pub(super) fn person(&self) -> Result<Who, MethodError> {
        match self {
            Self::User(identity) => Ok(Who::Here(identity.alias.clone())),
            Self::Peer { who: Some(who), .. } => Ok(who.clone()),
            Self::Peer { who: None, domain } => Err(MethodError::forbidden(format!(
                "{domain} must name the user it asks for in RVP-From-Principal"
            ))),
        }
    }

    /// Whether this is the user of that alias here.
    pub(super) fn is(&self, alias: &Alias) -> bool {
        matches!(self, Self::User(identity) if identity.alias == *alias)
    }

    /// How far it is proved: of who comes from elsewhere it is only said.
    pub(super) fn credential(&self) -> Credential {
        match self {
            Self::User(identity) => match identity.scheme {
                Scheme::Digest => Credential::Digest,
                Scheme::Ntlm => Credential::Ntlm,
            },
            Self::Peer { .. } => Credential::Assertion,
        }
    }

    /// The sender that another domain's server vouches for. `None`: the request does not come in
    /// the name of a domain that we talk with, or it brings a proof of its own.
    pub(super) async fn vouched_for(
        federation: &Federation,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Option<Result<Self, FederationError>> {
        if !federation.is_on() || headers.contains_key(http::header::AUTHORIZATION) {
            return None;
        }
        let from = header::text(headers, "RVP-From-Principal")?;
        let url = LogicalUrl::parse(from).ok();
        // A server speaks for itself under its bare name.
        let authority = url.as_ref().map_or(from, |url| url.authority());
        let peer = federation.peer(authority)?;
        let vouched = federation.vouch(peer, authority, address).await;
        Some(vouched.map(|()| Self::Peer {
            domain: host_of(&peer.domain).into(),
            who: url.as_ref().map(Who::elsewhere),
        }))
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(identity) => fmt::Display::fmt(&identity.alias, f),
            Self::Peer { who: Some(who), .. } => fmt::Display::fmt(who, f),
            Self::Peer { who: None, domain } => f.write_str(domain),
        }
    }
}
