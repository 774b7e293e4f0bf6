//! The RVP document, section by section: each rule and each example of it that a
//! client or an administrator can observe. `docs/conformance.md` lists them with
//! what we answer; what real clients need beyond the document is in `wire`.

mod s10_payloads;
mod s5_1_subscribe;
mod s5_2_unsubscribe;
mod s5_3_subscriptions;
mod s5_4_propfind;
mod s5_5_proppatch;
mod s5_5_views;
mod s5_6_notify;
mod s5_7_acl;
mod s5_7_rights;
mod s6_to_8_http;
mod s9_elements;
mod table;

use std::time::Duration;

use tests::Failure;
use tests::rvp_client::{CallBack, NAMESPACES, Request, Response, User};

/// For what should happen at once; generous for a loaded machine.
const SOON: Duration = Duration::from_secs(15);

/// Leases so short that a test can wait for their end.
const SHORT: &str = "[presence]\nmin_lease_s = 1\n";

/// A PROPPATCH of a node; `what` is the inside of `d:propertyupdate`.
fn patch(user: &User, node: &str, what: &str) -> Request {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<d:propertyupdate {NAMESPACES}>{what}</d:propertyupdate>\n"
    );
    user.request("PROPPATCH", node)
        .header("Content-Type", "text/xml")
        .body(body)
}

/// The inside of a `d:propertyupdate` that sets these properties.
fn set(properties: &str) -> String {
    format!("<d:set><d:prop>{properties}</d:prop></d:set>")
}

/// The propstat of a multistatus that has this status, or nothing.
fn propstat(answer: &Response, status: u16) -> String {
    let ending = format!("<d:status>HTTP/1.1 {status} ");
    answer
        .text()
        .split("<d:propstat>")
        .find(|part| part.contains(&ending))
        .unwrap_or_default()
        .to_owned()
}

/// The reason phrase of an answer.
fn phrase(answer: &Response) -> &str {
    let line = answer.head.lines().next().unwrap_or_default();
    line.splitn(3, ' ').nth(2).unwrap_or_default()
}

/// Says something to `listener` and waits for it, so that whatever was told before
/// has come; gives what came meanwhile.
fn heard_before(
    sender: &User,
    listener: &str,
    call_back: &mut CallBack,
) -> Result<Vec<String>, Failure> {
    let status = sender.say(listener, "this comes last")?.status;
    assert_eq!(status, 200, "the message that comes last");
    let mut heard = Vec::new();
    loop {
        let next = call_back
            .expect(SOON, "the message that comes last", |_| true)?
            .text();
        if next.contains("this comes last") {
            return Ok(heard);
        }
        heard.push(next);
    }
}
