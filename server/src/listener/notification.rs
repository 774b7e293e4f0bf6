//! What a NOTIFY says of itself, looked at before anybody gets it: who speaks and to whom, by
//! names that lead to where their users are, in a form that no client stumbles over.

use super::answer::MethodError;
use super::request::Request;
use super::router::Rvp;
use super::sender::Sender;
use crate::names::{Home, host_of};
use crate::presence::Who;
use bytes::Bytes;
use rvp::{Alias, Contact, LogicalUrl, Node, NotificationKind, Payload, Target};

/// A notification that may be relayed.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) kind: NotificationKind,
    /// As it is to be relayed: to the byte as it came, if it was plain.
    pub(super) body: Bytes,
}

/// Refuses what would harm the recipient's client, speaks in another's name, or names a host
/// where an answer would go astray. `to` is the recipient, if it is one of ours.
pub(super) fn check(
    rvp: &Rvp,
    request: &Request,
    to: Option<&Alias>,
) -> Result<Checked, MethodError> {
    let read =
        rvp::read_notification(&request.body).map_err(|e| MethodError::bad_request(e.reason))?;
    if matches!(
        (&read.kind, &request.sender),
        (NotificationKind::Property, Sender::User(_))
    ) {
        // Another domain's server says it of its own users.
        return Err(MethodError::forbidden(
            "only the server says that a property has changed",
        ));
    }
    let names = Names { rvp, request, to };
    names.header()?;
    for from in &read.from {
        names.sender(from)?;
    }
    for party in &read.to {
        names.party(party)?;
    }
    if let NotificationKind::Message(payload) = &read.kind {
        names.typing(payload)?;
    }
    Ok(Checked {
        kind: read.kind,
        body: read.plain.map_or_else(|| request.body.clone(), Bytes::from),
    })
}

/// The names in one notification.
struct Names<'a> {
    rvp: &'a Rvp,
    request: &'a Request,
    to: Option<&'a Alias>,
}

impl Names<'_> {
    /// What a client says in its head is not relayed, but one that is lied to there is lied to.
    fn header(&self) -> Result<(), MethodError> {
        match (&self.request.sender, self.request.principal()) {
            (Sender::User(user), Some(said)) => {
                if said.alias() != user.alias {
                    return Err(self.not(said.as_str()));
                }
                self.ours(said.authority())
            }
            (Sender::User(_) | Sender::Peer { .. }, _) => Ok(()),
        }
    }

    /// Whether a message comes from who it says: a user of ours by a name of ours, and of a server
    /// elsewhere, one of its own.
    fn sender(&self, from: &Contact) -> Result<(), MethodError> {
        let url = LogicalUrl::parse(&from.href)
            .ok()
            .filter(LogicalUrl::is_direct)
            .ok_or_else(|| not_a_user(from))?;
        match &self.request.sender {
            Sender::User(user) => {
                if url.alias() != user.alias {
                    return Err(self.not(&from.href));
                }
                self.ours(url.authority())
            }
            Sender::Peer { domain, who } => {
                let peer = self.rvp.federation.peer(url.authority());
                let is_theirs = peer.is_some_and(|peer| host_of(&peer.domain) == **domain)
                    && match who {
                        Some(Who::Elsewhere(who)) => who.alias() == url.alias(),
                        Some(Who::Here(_)) => false,
                        None => true,
                    };
                if is_theirs {
                    Ok(())
                } else {
                    Err(self.not(&from.href))
                }
            }
        }
    }

    /// A party of the conversation: clients answer to all of them (observed: librvp), and prove
    /// themselves to the host that is named there.
    fn party(&self, party: &Contact) -> Result<(), MethodError> {
        let is_http = |href: &str| {
            href.get(..7)
                .is_some_and(|start| start.eq_ignore_ascii_case("http://"))
        };
        let target = Target::parse(&party.href)
            .ok()
            .filter(|target| is_http(&party.href) && !target.physical && target.node != Node::Root);
        let authority = target
            .and_then(|target| target.authority)
            .ok_or_else(|| not_a_user(party))?;
        let names = &self.rvp.names;
        let home = match &self.request.sender {
            Sender::User(_) => names.home(&authority),
            // Whoever reaches us through another server reaches us at its port.
            Sender::Peer { .. } => names.home_of_host(&authority),
        };
        match home {
            Home::Here | Home::Peer => Ok(()),
            Home::Unknown => self.spelled(&authority),
        }
    }

    /// Who is said to be typing is shown beside the sender, and in another's window (observed:
    /// librvp). It is a name to sign in with, which need not be an alias; but it is not that of
    /// somebody else here.
    fn typing(&self, payload: &Payload) -> Result<(), MethodError> {
        let Some(user) = payload.typing_user() else {
            return Ok(());
        };
        let name = user.split('@').next().unwrap_or_default();
        let Ok(alias) = Alias::new(name.trim()) else {
            return Ok(());
        };
        let is_sender = match &self.request.sender {
            Sender::User(user) => user.alias == alias,
            Sender::Peer { who, .. } => {
                matches!(who, Some(Who::Elsewhere(who)) if who.alias() == alias)
            }
        };
        if is_sender || self.rvp.nodes.properties(&alias).is_err() {
            Ok(())
        } else {
            Err(self.not(user))
        }
    }

    /// Refuses a host of a user of ours that is none of ours.
    fn ours(&self, authority: &str) -> Result<(), MethodError> {
        match self.rvp.names.home(authority) {
            Home::Here => Ok(()),
            Home::Peer => Err(MethodError::forbidden(format!(
                "you are {}, a user of this server, not of {authority}",
                self.request.sender
            ))),
            // Nor one that its reader kept: an answer would go to whoever has it now.
            Home::Unknown if self.rvp.names.is_former(authority) => {
                Err(MethodError::forbidden(format!(
                    "this server is not called {authority} any more: write {}, or have an administrator add it to `names` in the configuration",
                    self.rvp.names.domain()
                )))
            }
            Home::Unknown => self.spelled(authority),
        }
    }

    /// Lets a name pass by which the recipient itself calls this server.
    fn spelled(&self, authority: &str) -> Result<(), MethodError> {
        let is_it = |url: &LogicalUrl| url.authority().eq_ignore_ascii_case(authority);
        let nodes = &self.rvp.nodes;
        let watches = |reader: &Alias| {
            matches!(&self.request.sender, Sender::User(user)
                if nodes.watched_as(&user.alias, reader).is_some_and(|url| is_it(&url)))
        };
        let is_known = self.to.is_some_and(|to| match nodes.members(to) {
            // What one of them calls it is nothing to the others.
            Some(members) => {
                let (mut known, mut others) = (0, 0);
                for member in members.iter() {
                    nodes.each_call_back(member, |at| {
                        *(if is_it(&at.url) {
                            &mut known
                        } else {
                            &mut others
                        }) += 1;
                    });
                }
                known > 0 && others == 0
            }
            None => nodes.call_backs(to).iter().any(|at| is_it(&at.url)) || watches(to),
        });
        if is_known {
            return Ok(());
        }
        Err(MethodError::forbidden(format!(
            "{authority} is neither this server nor one that it talks with: an answer would go there; write {}, or have an administrator add it to `names` in the configuration",
            self.rvp.names.domain()
        )))
    }

    fn not(&self, said: &str) -> MethodError {
        MethodError::forbidden(format!("you are {}, not {said}", self.request.sender))
    }
}

fn not_a_user(contact: &Contact) -> MethodError {
    MethodError::bad_request(format!(
        "{} is not the URL of a user; write http://host/instmsg/aliases/name",
        contact.href
    ))
}
