//! Writers of answers and of the server's own notifications.
//!
//! The bytes are those clients of the time accept: prefixes `d`, `r` and `a` declared on the root,
//! no white space between elements (observed: librvp crashes on it), text properties never
//! self-closed (observed: the Miranda plugin crashes on it), state elements always.

mod multistatus;
mod notification;
mod rvpacl;
mod subscriptions;
pub(crate) mod xml;

pub use multistatus::{PropStat, PropertyOut, multistatus, reason_phrase};
pub(crate) use notification::{PlainContent, PlainParty, plain_notification};
pub use notification::{message, presence_push};
pub use rvpacl::rvpacl;
pub use subscriptions::{SubscriptionOut, subscriptions};
