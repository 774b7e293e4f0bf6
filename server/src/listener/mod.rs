//! The RVP listener: one file per method, and what they share.
//!
//! A request is read whole, authenticated, dispatched, answered; only then are watchers told.

mod acl;
mod answer;
mod authenticate;
mod connection;
mod contacts;
mod counters;
mod forward;
mod group;
mod header;
mod limits;
mod notification;
mod notify;
mod propfind;
mod proppatch;
mod proxy_script;
mod referral;
mod request;
mod request_record;
mod router;
mod sender;
mod subscribe;
mod subscriptions;
mod unsubscribe;

pub use authenticate::{Authenticator, SignOnFailures};
pub use connection::serve;
pub use counters::RequestCounters;
pub use limits::RateLimiter;
pub use referral::Referral;
pub use router::Rvp;
