//! Outgoing NOTIFY: what others are told, and where the server may connect for it.
//!
//! Each live call-back has one bounded queue. Of presence only the latest value of a property
//! waits; messages keep their order and go first. What goes next, of all queues, is decided by
//! the places for connections: a task works a queue off once it has one. Nobody who asks for
//! delivery holds a lock while it happens.

mod budget;
mod callback;
mod client;
mod destination;
mod notice;
mod places;
mod queue;
mod queues;
mod route;
mod sender_url;
mod standing;
mod tally;
mod worker;

pub use callback::{CallBackRefused, CallBackRules};
pub use client::Outcome;
pub use notice::{SYSTEM_ALIAS, system_message};
pub use places::CONNECTIONS;
pub use route::{Delivered, Delivery, Relay};
pub use sender_url::SenderUrl;
pub use tally::{NotifyCounts, NotifyTally};
