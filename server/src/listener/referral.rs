//! A router: it knows no presence, and refers who asks to the home server (RVP document 4.1).

use super::answer::Answer;
use super::header;
use http::header::LOCATION;
use http::{HeaderMap, StatusCode};
use rvp::{LogicalUrl, Target};

/// The home server of everybody, if this server is a router only.
#[derive(Clone, Debug, Default)]
pub struct Referral(Option<Box<str>>);

impl Referral {
    /// Refers to `home`, a `host[:port]`; `None`: this server is the home of its users.
    #[must_use]
    pub fn to(home: Option<&str>) -> Self {
        Self(home.map(Into::into))
    }

    /// The referral of a request to its physical URL on the home server; `None` if it is to be
    /// answered here. It comes before any proof of who asks: the home server asks for that.
    pub(super) fn of(&self, target: &Target, headers: &HeaderMap, domain: &str) -> Option<Answer> {
        let home = self.0.as_deref().filter(|_| !target.physical)?;
        let path = target.logical_path()?;
        let service = service(target, headers).unwrap_or_else(|| domain.to_owned());
        let location = format!("http://{home}/instmsg/local/{service}{path}");
        let answer = Answer::refusal(StatusCode::FOUND, "the node is on its home server");
        Some(answer.with(LOCATION, &location))
    }
}

/// `host[:port]` of the service as the client spells it, so that the home server names nodes in
/// the same letters: `Host` leaves the port out (observed: all clients), the client's own URL on
/// the same host does not.
fn service(target: &Target, headers: &HeaderMap) -> Option<String> {
    if let Some(authority) = &target.authority {
        return Some(authority.to_string());
    }
    let text = |name: &str| header::text(headers, name);
    let host = text("Host").filter(|host| LogicalUrl::compose(host, "x").authority() == *host)?;
    let own = text("RVP-From-Principal").and_then(|from| LogicalUrl::parse(from).ok());
    let own = own.filter(|own| own.host().eq_ignore_ascii_case(host));
    Some(own.map_or_else(|| host.to_owned(), |own| own.authority().to_owned()))
}
