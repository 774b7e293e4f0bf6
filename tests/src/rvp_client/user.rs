//! A user of the hand-written client: signs in with Digest, a new connection
//! and a new nonce for every request, as librvp does.

use std::net::SocketAddr;

use super::digest::{Challenge, Credentials};
use super::http::{Connection, Request, Response};
use crate::Failure;

/// The three namespaces as every client of the time declares them.
pub const NAMESPACES: &str = "xmlns:d=\"DAV:\" xmlns:r=\"http://schemas.microsoft.com/rvp/\" \
                              xmlns:a=\"http://schemas.microsoft.com/rvp/acl/\"";

/// Longest lease real clients ask for, in seconds.
const LONGEST: u32 = 14_400;

/// A principal and what proves it.
#[derive(Debug, Clone)]
pub struct User {
    server: SocketAddr,
    alias: String,
    credentials: Credentials,
}

impl User {
    /// The user `alias` at `server`; nothing is sent yet.
    #[must_use]
    pub fn new(server: SocketAddr, alias: &str, password: &str) -> Self {
        Self {
            server,
            alias: alias.to_owned(),
            credentials: Credentials {
                name: alias.to_owned(),
                password: password.to_owned(),
            },
        }
    }

    /// The same user under another spelling of the login name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.credentials.name);
        self
    }

    /// Its alias.
    #[must_use]
    pub fn alias(&self) -> &str {
        &self.alias
    }

    /// The server it talks to.
    #[must_use]
    pub const fn server(&self) -> SocketAddr {
        self.server
    }

    /// What proves it.
    #[must_use]
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The path of an alias.
    #[must_use]
    pub fn path(alias: &str) -> String {
        format!("/instmsg/aliases/{alias}")
    }

    /// The logical URL of an alias.
    #[must_use]
    pub fn url(&self, alias: &str) -> String {
        format!("http://{}{}", self.server, Self::path(alias))
    }

    /// A request to an alias with the headers every client sends.
    #[must_use]
    pub fn request(&self, method: &str, alias: &str) -> Request {
        self.request_to(method, &Self::path(alias))
    }

    /// As [`Self::request`] to any target.
    #[must_use]
    pub fn request_to(&self, method: &str, target: &str) -> Request {
        Request::new(method, target)
            .header("RVP-Notifications-Version", "0.2")
            .header("Host", self.server.ip().to_string())
            .header("RVP-From-Principal", self.url(&self.alias))
    }

    /// Sends a request on a new connection, answers the Digest challenge and
    /// gives the final answer.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] if there is a 401 without a Digest challenge.
    pub fn send(&self, request: &Request) -> Result<Response, Failure> {
        self.send_on(&mut Connection::open(self.server)?, request)
    }

    /// As [`Self::send`] on a given connection.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn send_on(
        &self,
        connection: &mut Connection,
        request: &Request,
    ) -> Result<Response, Failure> {
        let first = connection.send(request)?;
        if first.status != 401 {
            return Ok(first);
        }
        let challenge = Challenge::of(&first).ok_or_else(|| {
            Failure::Unexpected(format!("a 401 without a Digest challenge:\n{}", first.head))
        })?;
        let proof =
            self.credentials
                .authorization(&challenge, request.method(), request.target(), 1);
        connection.send(&request.clone().header("Authorization", proof))
    }

    /// Sends a request and insists on a status.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] with the answer if it has another status.
    pub fn expect(&self, status: u16, request: &Request) -> Result<Response, Failure> {
        let response = self.send(request)?;
        if response.status == status {
            return Ok(response);
        }
        Err(Failure::Unexpected(format!(
            "{} {} as {} got {} instead of {status}:\n{}{}",
            request.method(),
            request.target(),
            self.credentials.name,
            response.status,
            response.head,
            response.text()
        )))
    }

    /// Signs on (SUBSCRIBE `pragma/notify`) and gives the subscription's id.
    ///
    /// # Errors
    /// As [`Self::expect`]; [`Failure::Unexpected`] if the id is no number.
    pub fn sign_on(&self, call_back: &str, lifetime: u32) -> Result<u32, Failure> {
        let response = self.expect(200, &self.sign_on_request(call_back, lifetime))?;
        subscription_id(&response)
    }

    /// The request that [`Self::sign_on`] sends.
    #[must_use]
    pub fn sign_on_request(&self, call_back: &str, lifetime: u32) -> Request {
        self.request("SUBSCRIBE", &self.alias)
            .header("Notification-Type", "pragma/notify")
            .header("Subscription-Lifetime", lifetime.to_string())
            .header("Call-Back", call_back)
    }

    /// Watches an alias (SUBSCRIBE `update/propchange`): the id and the answer.
    ///
    /// # Errors
    /// As [`Self::sign_on`].
    pub fn watch(&self, alias: &str) -> Result<(u32, Response), Failure> {
        let response = self.expect(207, &self.watch_request(alias))?;
        Ok((subscription_id(&response)?, response))
    }

    /// The request that [`Self::watch`] sends.
    #[must_use]
    pub fn watch_request(&self, alias: &str) -> Request {
        self.request("SUBSCRIBE", alias)
            .header("Notification-Type", "update/propchange")
            .header("Subscription-Lifetime", LONGEST.to_string())
            .header("Call-Back", self.url(&self.alias))
    }

    /// Sets its state for `lease` seconds (PROPPATCH); gives the view's id.
    ///
    /// # Errors
    /// As [`Self::expect`]; [`Failure::Unexpected`] if the answer names no view.
    pub fn set_state(&self, state: &str, lease: u32, view: Option<u32>) -> Result<u32, Failure> {
        let response = self.expect(207, &self.set_state_request(state, lease, view))?;
        let body = response.text();
        body.split_once("<r:view-id>")
            .and_then(|(_, rest)| rest.split_once('<'))
            .and_then(|(id, _)| id.parse().ok())
            .ok_or_else(|| Failure::Unexpected(format!("no decimal view-id in {body}")))
    }

    /// The request that [`Self::set_state`] sends.
    #[must_use]
    pub fn set_state_request(&self, state: &str, lease: u32, view: Option<u32>) -> Request {
        self.request("PROPPATCH", &self.alias)
            .header("Content-Type", "text/xml")
            .body(state_update(state, lease, view))
    }

    /// Sends a message to an alias (NOTIFY, `DeepOr`).
    ///
    /// # Errors
    /// As [`Self::send`]; the status is the caller's matter.
    pub fn say(&self, alias: &str, text: &str) -> Result<Response, Failure> {
        self.send(&self.say_request(
            alias,
            message(&self.url(&self.alias), &self.url(alias), text),
        ))
    }

    /// A NOTIFY with this body.
    #[must_use]
    pub fn say_request(&self, alias: &str, body: impl Into<Vec<u8>>) -> Request {
        self.request("NOTIFY", alias)
            .header("Content-Type", "text/xml")
            .header("RVP-Hop-Count", "1")
            .header("RVP-Ack-Type", "DeepOr")
            .body(body)
    }

    /// Ends a subscription on an alias' node; gives the status.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn unsubscribe(&self, alias: &str, id: u32) -> Result<u16, Failure> {
        let request = self
            .request("UNSUBSCRIBE", alias)
            .header("Subscription-Id", id.to_string());
        Ok(self.send(&request)?.status)
    }

    /// Renews a subscription on an alias' node: id and lifetime, nothing else.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn renew(&self, alias: &str, id: u32, lifetime: u32) -> Result<Response, Failure> {
        let request = self
            .request("SUBSCRIBE", alias)
            .header("Subscription-Id", id.to_string())
            .header("Subscription-Lifetime", lifetime.to_string());
        self.send(&request)
    }

    /// Asks for properties of an alias (PROPFIND, `Depth: 0`); `what` is the
    /// inside of `d:propfind`.
    ///
    /// # Errors
    /// As [`Self::send`]; the status is the caller's matter.
    pub fn find(&self, alias: &str, what: &str) -> Result<Response, Failure> {
        let body =
            format!("<?xml version=\"1.0\"?>\n<d:propfind {NAMESPACES}>{what}</d:propfind>\n");
        let request = self
            .request("PROPFIND", alias)
            .header("Depth", "0")
            .header("Content-Type", "text/xml")
            .body(body);
        self.send(&request)
    }

    /// The state another principal is seen in now.
    ///
    /// # Errors
    /// As [`Self::send`]; [`Failure::Unexpected`] if the answer shows none.
    pub fn state_of(&self, alias: &str) -> Result<String, Failure> {
        let body = self.find(alias, "<d:prop><r:state/></d:prop>")?.text();
        body.split_once("<r:state><r:")
            .and_then(|(_, rest)| rest.split_once("/>"))
            .map(|(state, _)| state.to_owned())
            .ok_or_else(|| Failure::Unexpected(format!("no bare state of {alias} in {body}")))
    }

    /// The subscriptions on its own node, as the server lists them.
    ///
    /// # Errors
    /// As [`Self::expect`].
    pub fn subscriptions(&self, kind: &str) -> Result<String, Failure> {
        let request = self
            .request("SUBSCRIPTIONS", &self.alias)
            .header("Notification-Type", kind);
        Ok(self.expect(200, &request)?.text())
    }
}

/// The `Subscription-Id` of an answer. Clients read it as a decimal number
/// below 2^31 (observed: librvp, `Net::RVP`).
fn subscription_id(response: &Response) -> Result<u32, Failure> {
    response
        .header("Subscription-Id")
        .and_then(|it| it.parse::<i32>().ok())
        .and_then(|it| u32::try_from(it).ok())
        .ok_or_else(|| {
            Failure::Unexpected(format!("no decimal Subscription-Id in\n{}", response.head))
        })
}

/// The body of a PROPPATCH that leases a state, as librvp writes it.
#[must_use]
pub fn state_update(state: &str, lease: u32, view: Option<u32>) -> String {
    let view = view
        .map(|id| format!("<r:view-id>{id}</r:view-id>"))
        .unwrap_or_default();
    format!(
        "<?xml version=\"1.0\"?>\n<d:propertyupdate {NAMESPACES}><d:set><d:prop><r:state><r:leased-value>\
         <r:value><r:{state}/></r:value><r:default-value><r:offline/></r:default-value>\
         <d:timeout>{lease}</d:timeout></r:leased-value>{view}</r:state></d:prop></d:set></d:propertyupdate>\n"
    )
}

/// The body of the PROPPATCH with which librvp logs a view off.
#[must_use]
pub fn state_update_without_lease(state: &str, view: u32) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<d:propertyupdate {NAMESPACES}><d:set><d:prop><r:state><r:{state}/>\
         <r:view-id>{view}</r:view-id></r:state></d:prop></d:set></d:propertyupdate>\n"
    )
}

/// The body of a NOTIFY with a text message.
#[must_use]
pub fn message(from: &str, to: &str, text: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r:notification {NAMESPACES}><r:message>\
         <r:notification-from><r:contact><d:href>{from}</d:href><r:description></r:description></r:contact>\
         </r:notification-from><r:notification-to><r:contact><d:href>{to}</d:href><r:description>\
         </r:description></r:contact></r:notification-to><r:msgbody><r:mime-data><![CDATA[MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=UTF-8\r\n\
         X-MMS-IM-Format: FN=MS%%20Shell%%20Dlg; EF=; CO=0; CS=0; PF=0\r\n\
         Session-Id: {{86D19FA1-B466-0505-165B-688D47040F78}}\r\n\r\n{text}]]></r:mime-data></r:msgbody>\
         </r:message></r:notification>\n"
    )
}
