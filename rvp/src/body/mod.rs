//! Readers of request bodies.
//!
//! They take whatever prefix, white space and quotes a client uses, refuse DTDs, undeclared
//! entities and anything deeper or larger than a request can be, and never panic.

mod acl;
mod builder;
mod envelope;
mod fragment;
mod notification;
mod property_update;
mod propfind;
mod tree;

pub use acl::read_acl;
pub use notification::{Contact, Notification, NotificationKind, read_notification};
pub use property_update::read_property_update;
pub use propfind::{PropfindRequest, read_propfind};

/// Why a body is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BodyError {
    /// One line for the response, without control characters.
    pub reason: Box<str>,
}

impl BodyError {
    /// Longest reason, in characters; what a client sent may be quoted in it.
    const MAX_CHARS: usize = 240;

    pub(crate) fn new(reason: impl AsRef<str>) -> Self {
        let reason: String = reason
            .as_ref()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(Self::MAX_CHARS)
            .collect();
        Self {
            reason: reason.into(),
        }
    }
}
