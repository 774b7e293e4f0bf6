//! One connection of a client that proves with each request who it is, by Digest.

use std::net::SocketAddr;

use tests::Failure;

use crate::digest::{Hex, Nonce, ha2};
use crate::population::Principal;
use crate::wire::{Answer, Wire};

/// Seconds that everything is leased for: nothing ends while it is measured.
pub(crate) const LIFETIME: &str = "14400";

/// A request, without what every request has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// Whose node it is about.
    pub(crate) target: &'a Principal,
    /// The hash of method and path.
    pub(crate) ha2: &'a Hex,
    /// Headers of its own, each with its line end, and their values in pieces.
    pub(crate) headers: &'a [&'a str],
    pub(crate) body: &'a str,
}

/// A connection with the nonce that it was given.
#[derive(Debug)]
pub(crate) struct Client {
    wire: Wire,
    nonce: Option<Nonce>,
    request: Vec<u8>,
}

impl Client {
    /// Connects; the first request will meet a 401.
    pub(crate) async fn connect(to: SocketAddr) -> Result<Self, Failure> {
        Ok(Self {
            wire: Wire::connect(to).await?,
            nonce: None,
            request: Vec::with_capacity(1024),
        })
    }

    /// Connects to a server that checks nothing; requests look as they do elsewhere.
    pub(crate) async fn connect_unchecked(to: SocketAddr, realm: &str) -> Result<Self, Failure> {
        let mut client = Self::connect(to).await?;
        client.nonce = Some(Nonce::unchecked(realm));
        Ok(client)
    }

    /// A client on a connection that is authenticated already.
    pub(crate) fn on(wire: Wire) -> Self {
        Self {
            wire,
            nonce: None,
            request: Vec::with_capacity(1024),
        }
    }

    /// The realm that a server announces in its 401.
    pub(crate) async fn realm(to: SocketAddr) -> Result<String, Failure> {
        let mut wire = Wire::connect(to).await?;
        let request = b"SUBSCRIBE /instmsg/aliases/nobody HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        let answer = wire.ask(request).await?.with_status(401)?;
        Ok(Nonce::of(&answer)?.realm)
    }

    /// Gets the nonce, by a request that is refused.
    pub(crate) async fn meet_challenge(&mut self, who: &Principal) -> Result<(), Failure> {
        let request = Request {
            method: "SUBSCRIBE",
            target: who,
            ha2: &who.subscribe,
            headers: &[],
            body: "",
        };
        let answer = self.exchange(who, request).await?.with_status(401)?;
        self.nonce = Some(Nonce::of(&answer)?);
        Ok(())
    }

    /// Sends a request of `who` and reads its answer, whatever it is.
    pub(crate) async fn exchange(
        &mut self,
        who: &Principal,
        request: Request<'_>,
    ) -> Result<Answer<'_>, Failure> {
        let length = request.body.len().to_string();
        let Self {
            wire,
            nonce,
            request: bytes,
        } = self;
        bytes.clear();
        for part in [
            request.method,
            " ",
            &request.target.path,
            " HTTP/1.1\r\nContent-Length: ",
            &length,
            "\r\nRVP-Notifications-Version: 0.2\r\nHost: 127.0.0.1\r\nRVP-From-Principal: ",
            &who.url,
            "\r\n",
        ] {
            bytes.extend_from_slice(part.as_bytes());
        }
        for part in request.headers {
            bytes.extend_from_slice(part.as_bytes());
        }
        if let Some(nonce) = nonce {
            nonce.authorize(
                bytes,
                &who.alias,
                &request.target.path,
                &who.ha1,
                request.ha2,
            );
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(request.body.as_bytes());
        wire.ask(bytes).await
    }

    /// Renews a subscription of `who` to `target`.
    pub(crate) async fn renew(
        &mut self,
        who: &Principal,
        target: &Principal,
        subscription: u32,
    ) -> Result<(), Failure> {
        let subscription = subscription.to_string();
        let request = Request {
            method: "SUBSCRIBE",
            target,
            ha2: &target.subscribe,
            headers: &[
                "Subscription-Id: ",
                &subscription,
                "\r\nSubscription-Lifetime: ",
                LIFETIME,
                "\r\n",
            ],
            body: "",
        };
        self.exchange(who, request)
            .await?
            .with_status(200)
            .map(drop)
    }

    /// Signs `who` on with this call-back; gives the number of the login subscription.
    pub(crate) async fn sign_on(
        &mut self,
        who: &Principal,
        call_back: SocketAddr,
    ) -> Result<u32, Failure> {
        let call_back = call_back.to_string();
        let request = Request {
            method: "SUBSCRIBE",
            target: who,
            ha2: &who.subscribe,
            headers: &[
                "Notification-Type: pragma/notify\r\nSubscription-Lifetime: ",
                LIFETIME,
                "\r\nCall-Back: http://",
                &call_back,
                "\r\n",
            ],
            body: "",
        };
        let answer = self.exchange(who, request).await?.with_status(200)?;
        answer.number("subscription-id")
    }

    /// Subscribes `who` to the changes of `target`; gives the number of the subscription.
    pub(crate) async fn watch(
        &mut self,
        who: &Principal,
        target: &Principal,
    ) -> Result<u32, Failure> {
        let request = Request {
            method: "SUBSCRIBE",
            target,
            ha2: &target.subscribe,
            headers: &[
                "Notification-Type: update/propchange\r\nSubscription-Lifetime: ",
                LIFETIME,
                "\r\nCall-Back: ",
                &who.url,
                "\r\n",
            ],
            body: "",
        };
        let answer = self.exchange(who, request).await?.with_status(207)?;
        answer.number("subscription-id")
    }

    /// Leases a state for `who`; gives the number of the view.
    pub(crate) async fn set_state(
        &mut self,
        who: &Principal,
        state: &str,
        view: Option<u32>,
    ) -> Result<u32, Failure> {
        let view = view.map_or(String::new(), |view| {
            format!("<r:view-id>{view}</r:view-id>")
        });
        let body = format!(
            "<?xml version=\"1.0\"?>\n<d:propertyupdate xmlns:d=\"DAV:\" \
             xmlns:r=\"http://schemas.microsoft.com/rvp/\" \
             xmlns:a=\"http://schemas.microsoft.com/rvp/acl/\"><d:set><d:prop><r:state>\
             <r:leased-value><r:value><r:{state}/></r:value><r:default-value><r:offline/>\
             </r:default-value><d:timeout>{LIFETIME}</d:timeout></r:leased-value>{view}\
             </r:state></d:prop></d:set></d:propertyupdate>\n"
        );
        let request = Request {
            method: "PROPPATCH",
            target: who,
            ha2: &ha2("PROPPATCH", &who.path),
            headers: &["Content-Type: text/xml\r\n"],
            body: &body,
        };
        let answer = self.exchange(who, request).await?.with_status(207)?;
        view_of(answer.body).ok_or_else(|| answer.unexpected("a view-id"))
    }
}

fn view_of(body: &str) -> Option<u32> {
    let (_, rest) = body.split_once("<r:view-id>")?;
    rest.split_once("</r:view-id>")?.0.parse().ok()
}
