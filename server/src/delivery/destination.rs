//! Where a queue's notifications go, and the request that brings one there.

use super::client::{Outcome, listens, notify};
use crate::federation::Federation;
use crate::presence::CallBackRef;
use crate::timeouts::Timeouts;
use bytes::Bytes;
use rvp::{LogicalUrl, SubscriptionId};

/// Somebody's listener, or the server of somebody elsewhere.
#[derive(Clone, Debug)]
pub(super) enum Destination {
    /// A client.
    Client(CallBackRef),
    /// The node of a user of another domain: their server passes it on.
    Elsewhere(LogicalUrl),
}

/// What stands in the head of a NOTIFY.
pub(super) struct Head<'a> {
    pub(super) subscription: SubscriptionId,
    pub(super) from_principal: &'a str,
    pub(super) content_type: &'a str,
    pub(super) hops: u16,
}

impl Destination {
    /// URL of who is told, in their own spelling.
    pub(super) fn url(&self) -> &LogicalUrl {
        match self {
            Self::Client(client) => &client.url,
            Self::Elsewhere(url) => url,
        }
    }

    /// Sends one NOTIFY.
    pub(super) async fn notify(
        &self,
        head: Head<'_>,
        body: &Bytes,
        federation: &Federation,
        limits: Timeouts,
    ) -> Outcome {
        match self {
            Self::Client(client) => {
                let head = head.write("/", &client.address.to_string(), body.len());
                notify(client.address, &head, body, limits).await
            }
            // Looking servers up takes much more room than a client needs.
            Self::Elsewhere(url) => {
                Box::pin(notify_elsewhere(url, head, body, federation, limits)).await
            }
        }
    }

    /// Whether a client listens. Nothing is sent. A server elsewhere shows it when there is
    /// something to send.
    pub(super) async fn listens(&self, limits: Timeouts) -> bool {
        match self {
            Self::Client(client) => listens(client.address, limits).await,
            Self::Elsewhere(_) => false,
        }
    }
}

/// Sends one NOTIFY to the first server of another domain that can be connected.
async fn notify_elsewhere(
    url: &LogicalUrl,
    head: Head<'_>,
    body: &Bytes,
    federation: &Federation,
    limits: Timeouts,
) -> Outcome {
    let path = format!("/instmsg/aliases/{}", url.spelled_alias());
    let head = head.write(&path, url.authority(), body.len());
    let Some(peer) = federation.peer(url.authority()) else {
        return Outcome::Unreachable;
    };
    match federation.servers(peer, url.authority()).await {
        Ok(servers) => {
            let mut outcome = Outcome::Unreachable;
            for server in servers.iter() {
                outcome = notify(*server, &head, body, limits).await;
                if outcome != Outcome::Unreachable {
                    break;
                }
            }
            outcome
        }
        Err(error) => {
            tracing::debug!(%url, %error, "a watcher elsewhere was not told");
            Outcome::Unreachable
        }
    }
}

impl Head<'_> {
    /// The head, in the spelling that clients compare with.
    fn write(&self, path: &str, host: &str, length: usize) -> String {
        let Head {
            subscription,
            from_principal,
            content_type,
            hops,
        } = self;
        format!(
            "NOTIFY {path} HTTP/1.1\r\nRVP-Hop-Count: {hops}\r\nRVP-Notifications-Version: 1.0\r\n\
             Host: {host}\r\nSubscription-Id: {subscription}\r\n\
             RVP-From-Principal: {from_principal}\r\nContent-Type: {content_type}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    }
}
