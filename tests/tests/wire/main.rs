//! The protocol to the byte, with a client whose every byte is known: what the
//! real client cannot be made to send, and the exact shape of what it gets.

mod acl;
mod authentication;
mod call_backs;
mod credentials;
mod crowds;
mod curl;
mod envelopes;
mod framing;
mod group;
mod invitations;
mod limits;
mod lockout;
mod messages;
mod names;
mod ntlm;
mod presence;
mod privacy;
mod properties;
mod senders;
mod subscriptions;
mod vanishing;

use std::time::Duration;

/// For what should happen at once; generous for a loaded machine.
const SOON: Duration = Duration::from_secs(10);
