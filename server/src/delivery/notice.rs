//! Messages that the server itself writes to a user.

use super::{Relay, SenderUrl};
use crate::presence::CallBackRef;
use rvp::LogicalUrl;

/// The name under which the server itself speaks to users.
pub const SYSTEM_ALIAS: &str = "system";

/// A message from the server to one sign-on; `conversation` is a GUID in braces.
#[must_use]
pub fn system_message(to: &CallBackRef, conversation: &str, text: &str) -> Relay {
    let from = LogicalUrl::compose(to.url.authority(), SYSTEM_ALIAS);
    let body = rvp::message(from.as_str(), "System", to.url.as_str(), conversation, text);
    Relay {
        from: SenderUrl::As(from.as_str().into()),
        hops: 2,
        body: body.into(),
        sender: None,
        is_presence: false,
    }
}
