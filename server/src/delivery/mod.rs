//! Outgoing NOTIFY: what others are told, and where the server may connect for it.
//!
//! Each live call-back has one bounded queue, worked off in order by a task that exists only
//! while there is something to send. Of presence only the latest value of a property waits;
//! messages keep their order. Nobody who asks for delivery holds a lock while it happens.

mod callback;
mod client;
mod destination;
mod notice;
mod queue;
mod route;
mod tally;
mod worker;

pub use callback::{CallBackRefused, CallBackRules};
pub use client::Outcome;
pub use notice::{SYSTEM_ALIAS, system_message};
pub use route::{Delivered, Delivery, Relay};
pub use tally::{NotifyCounts, NotifyTally};
