//! The RVP wire protocol (Exchange 2000 Instant Messaging) as a library.
//!
//! It turns addresses, header values and XML bodies into types and types into the exact bytes that
//! clients of the time accept. It does no I/O, reads no clock and never decides a policy: who may
//! do what, and where a server may connect, is for its caller.
//!
//! Protocol facts are cited as sections of "RVP document" (the RVP specification of August 2000) or
//! as "observed: client", where a real client was seen to send or to need it.

#![warn(missing_docs)]

pub mod acl;
pub mod address;
pub mod body;
pub mod encoding;
pub mod header;
pub mod ids;
pub mod invitation;
pub mod namespace;
pub mod payload;
pub mod property;
pub mod state;
pub mod write;

pub use acl::{Ace, AcePrincipal, Acl, Credential, Credentials, Decision, PrincipalRef, Rights};
pub use address::{AddressError, Alias, CallBack, LogicalUrl, Node, Target};
pub use body::{
    BodyError, Contact, Notification, NotificationKind, PropfindRequest, read_acl,
    read_notification, read_property_update, read_propfind,
};
pub use header::{AckType, Depth, HeaderError, NotificationType, Version, hop_count, lifetime};
pub use ids::{IdError, SubscriptionId, ViewId};
pub use invitation::Invitation;
pub use payload::{Payload, PayloadError, PayloadKind};
pub use property::{Lease, PropertyAction, PropertyChange, PropertyName, StateChange};
pub use state::State;
pub use write::{
    PropStat, PropertyOut, SubscriptionOut, message, multistatus, presence_push, reason_phrase,
    rvpacl, subscriptions,
};
