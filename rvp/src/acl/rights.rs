//! Rights and credentials: small sets with names.

use std::ops::{BitOr, BitOrAssign, Sub};

/// A set of access rights (RVP document 5.7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rights(u16);

impl Rights {
    /// No right.
    pub const NONE: Self = Self(0);
    /// See which properties there are.
    pub const LIST: Self = Self(1);
    /// Read properties.
    pub const READ: Self = Self(1 << 1);
    /// Change properties.
    pub const WRITE: Self = Self(1 << 2);
    /// Send notifications (messages) to the node.
    pub const SEND_TO: Self = Self(1 << 3);
    /// Receive notifications.
    pub const RECEIVE_FROM: Self = Self(1 << 4);
    /// Read the list.
    pub const READACL: Self = Self(1 << 5);
    /// Change the list.
    pub const WRITEACL: Self = Self(1 << 6);
    /// See the state.
    pub const PRESENCE: Self = Self(1 << 7);
    /// See who is subscribed.
    pub const SUBSCRIPTIONS: Self = Self(1 << 8);
    /// Subscribe with a call-back that is not one's own.
    pub const SUBSCRIBE_OTHERS: Self = Self(1 << 9);
    /// Every right; `all` on the wire, but written one by one, as Exchange does.
    pub const ALL: Self = Self((1 << 10) - 1);

    /// Element names, in the order in which they are written.
    const NAMES: [(&'static str, Self); 10] = [
        ("list", Self::LIST),
        ("read", Self::READ),
        ("write", Self::WRITE),
        ("send-to", Self::SEND_TO),
        ("receive-from", Self::RECEIVE_FROM),
        ("readacl", Self::READACL),
        ("writeacl", Self::WRITEACL),
        ("presence", Self::PRESENCE),
        ("subscriptions", Self::SUBSCRIPTIONS),
        ("subscribe-others", Self::SUBSCRIBE_OTHERS),
    ];

    /// The right with this element name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "all" {
            return Some(Self::ALL);
        }
        Self::NAMES
            .into_iter()
            .find_map(|(known, right)| (known == name).then_some(right))
    }

    /// Element names of the rights in this set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter_map(move |(name, right)| self.contains(right).then_some(name))
    }

    /// The rights of this set one by one.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        Self::NAMES
            .into_iter()
            .filter_map(move |(_, right)| self.contains(right).then_some(right))
    }

    /// Whether all rights of the other set are in this one.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Rights {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Rights {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl Sub for Rights {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// How somebody proved who he is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// By NTLM.
    Ntlm,
    /// By Digest.
    Digest,
    /// Not at all: he merely says so.
    Assertion,
    /// By a way of the server's own.
    Internal,
}

/// The credentials an entry accepts (RVP document 5.7.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Credentials(u8);

impl Credentials {
    /// None named; a list with such an entry is refused.
    pub const NONE: Self = Self(0);
    /// Any proof.
    pub const ANY: Self = Self(1);
    /// NTLM.
    pub const NTLM: Self = Self(1 << 1);
    /// Digest.
    pub const DIGEST: Self = Self(1 << 2);
    /// No proof needed.
    pub const ASSERTION: Self = Self(1 << 3);
    /// A way of the server's own.
    pub const INTERNAL: Self = Self(1 << 4);

    /// Element names, in the order in which they are written.
    const NAMES: [(&'static str, Self); 5] = [
        ("any", Self::ANY),
        ("assertion", Self::ASSERTION),
        ("digest", Self::DIGEST),
        ("ntlm", Self::NTLM),
        ("internal", Self::INTERNAL),
    ];

    /// The credentials with this element name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .into_iter()
            .find_map(|(known, bits)| (known == name).then_some(bits))
    }

    /// Element names of this set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter_map(move |(name, bits)| self.contains(bits).then_some(name))
    }

    /// Whether all of the other set are in this one.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether somebody with this credential meets the entry: `any` takes every proof, `assertion`
    /// asks for none and so takes whatever there is.
    #[must_use]
    pub const fn accept(self, credential: Credential) -> bool {
        let (own, proof) = match credential {
            Credential::Ntlm => (Self::NTLM, Self::ANY),
            Credential::Digest => (Self::DIGEST, Self::ANY),
            Credential::Internal => (Self::INTERNAL, Self::ANY),
            Credential::Assertion => (Self::ASSERTION, Self::ASSERTION),
        };
        self.contains(own) || self.contains(proof) || self.contains(Self::ASSERTION)
    }
}

impl BitOr for Credentials {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Credentials {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cover_every_right() {
        assert_eq!(Rights::ALL.names().count(), 10);
        let union = Rights::ALL
            .names()
            .filter_map(Rights::from_name)
            .fold(Rights::NONE, BitOr::bitor);
        assert_eq!(union, Rights::ALL);
        assert_eq!(Rights::from_name("all"), Some(Rights::ALL));
        assert_eq!(Rights::from_name("delete"), None);
    }

    #[test]
    fn any_wants_a_proof_and_assertion_none() {
        assert!(Credentials::ANY.accept(Credential::Digest));
        assert!(!Credentials::ANY.accept(Credential::Assertion));
        assert!(Credentials::ASSERTION.accept(Credential::Ntlm));
        assert!(!Credentials::NTLM.accept(Credential::Digest));
        assert!(!Credentials::NTLM.accept(Credential::Assertion));
    }
}
