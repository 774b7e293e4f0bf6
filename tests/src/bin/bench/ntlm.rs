//! NTLM for one connection.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::Failure;
use tests::rvp_client::ntlm::{type1, type3};

use crate::client::LIFETIME;
use crate::population::{PASSWORD, Principal};
use crate::wire::{Answer, Wire};

/// Proves who speaks on a connection, with a renewal of their login subscription.
pub(crate) async fn authenticate(wire: &mut Wire, who: &Principal) -> Result<(), Failure> {
    let type1 = type1();
    let answer = ask(wire, who, &type1).await?.with_status(401)?;
    let type2 = answer
        .headers("www-authenticate")
        .find_map(|challenge| STANDARD.decode(challenge.strip_prefix("NTLM ")?).ok())
        .ok_or_else(|| answer.unexpected("an NTLM challenge"))?;
    let type3 = type3(&type2, &who.alias, PASSWORD)
        .ok_or_else(|| Failure::Unexpected("the NTLM challenge breaks off".to_owned()))?;
    ask(wire, who, &type3).await?.with_status(200).map(drop)
}

async fn ask<'a>(
    wire: &'a mut Wire,
    who: &Principal,
    message: &[u8],
) -> Result<Answer<'a>, Failure> {
    let Principal {
        path, url, login, ..
    } = who;
    let message = STANDARD.encode(message);
    let request = format!(
        "SUBSCRIBE {path} HTTP/1.1\r\nContent-Length: 0\r\nHost: 127.0.0.1\r\n\
         RVP-From-Principal: {url}\r\nSubscription-Id: {login}\r\n\
         Subscription-Lifetime: {LIFETIME}\r\nAuthorization: NTLM {message}\r\n\r\n"
    );
    wire.ask(request.as_bytes()).await
}
