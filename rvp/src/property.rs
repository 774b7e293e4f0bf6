//! Properties of a node, and what a PROPPATCH asks to be done with them.

use std::fmt;

use crate::ids::ViewId;
use crate::namespace;
use crate::state::State;

/// The name of a property: a namespace and a local name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PropertyName {
    /// Namespace; the three of RVP in their canonical spelling, empty for none.
    pub namespace: Box<str>,
    /// Local name.
    pub local: Box<str>,
}

impl PropertyName {
    /// The name made of these parts.
    #[must_use]
    pub fn new(namespace: &str, local: &str) -> Self {
        Self {
            namespace: namespace.into(),
            local: local.into(),
        }
    }

    /// `r:state` (RVP document 9.1.1).
    #[must_use]
    pub fn state() -> Self {
        Self::new(namespace::RVP, "state")
    }

    /// `d:displayname`.
    #[must_use]
    pub fn displayname() -> Self {
        Self::new(namespace::DAV, "displayname")
    }

    /// `r:email` (RVP document 9.1.15).
    #[must_use]
    pub fn email() -> Self {
        Self::new(namespace::RVP, "email")
    }

    /// `r:mobile-state`, `0` or `1` (RVP document 9.1.16).
    #[must_use]
    pub fn mobile_state() -> Self {
        Self::new(namespace::RVP, "mobile-state")
    }

    /// `r:mobile-description` (RVP document 9.1.17).
    #[must_use]
    pub fn mobile_description() -> Self {
        Self::new(namespace::RVP, "mobile-description")
    }

    /// Whether this is `r:state`.
    #[must_use]
    pub fn is_state(&self) -> bool {
        &*self.namespace == namespace::RVP && &*self.local == "state"
    }

    /// Whether this is one of the five properties every user has.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match &*self.namespace {
            namespace::DAV => &*self.local == "displayname",
            namespace::RVP => matches!(
                &*self.local,
                "state" | "email" | "mobile-state" | "mobile-description"
            ),
            _ => false,
        }
    }
}

impl fmt::Display for PropertyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match namespace::prefix(&self.namespace) {
            Some(prefix) => write!(f, "{prefix}:{}", self.local),
            None if self.namespace.is_empty() => f.write_str(&self.local),
            None => write!(f, "{{{}}}{}", self.namespace, self.local),
        }
    }
}

/// One change asked for by a PROPPATCH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyChange {
    /// Which property.
    pub name: PropertyName,
    /// What to do with it.
    pub action: PropertyAction,
}

/// What a PROPPATCH does with one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyAction {
    /// Remove it.
    Remove,
    /// Set the user's state.
    SetState(StateChange),
    /// Set a property that holds text.
    SetText {
        /// The new value, without surrounding white space.
        value: Box<str>,
        /// How long it holds, if the client asked for a leased value.
        lease: Option<Lease>,
    },
    /// Set a property of nobody's vocabulary that holds elements: its content as XML, to be placed
    /// under a root that declares the prefixes `d`, `r` and `a`. At most 16 KiB.
    SetXml(Box<str>),
}

/// A new value of `r:state` (RVP document 5.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// The state asked for.
    pub value: State,
    /// The state to fall back to when the lease ends.
    pub default: Option<State>,
    /// Length of the lease in seconds.
    pub timeout: Option<u32>,
    /// Whether the client wrote a `leased-value` (a bare state is written at log-off).
    pub leased: bool,
    /// The view the change belongs to. Absent, zero or not a number: none.
    pub view_id: Option<ViewId>,
}

/// The lease of a text property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The text to fall back to.
    pub default: Option<Box<str>>,
    /// Length in seconds; absent where the client names none (observed: `Net::RVP`).
    pub timeout: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names() {
        for name in [
            PropertyName::state(),
            PropertyName::displayname(),
            PropertyName::email(),
            PropertyName::mobile_state(),
            PropertyName::mobile_description(),
        ] {
            assert!(name.is_known(), "{name}");
            assert_eq!(name.is_state(), name == PropertyName::state());
        }
        assert!(!PropertyName::new("urn:x", "state").is_known());
        assert_eq!(PropertyName::new("urn:x", "y").to_string(), "{urn:x}y");
        assert_eq!(PropertyName::email().to_string(), "r:email");
    }
}
