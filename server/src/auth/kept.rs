//! What is sealed for an account: its verifiers, or, until the server's names are settled, the
//! password that they are to be derived from.
//!
//! An account that is made before the first server runs belongs to a domain that nobody has
//! named yet, and an HA1 holds for one domain only.

use super::{Realm, Verifiers};

/// The first byte of a password that waits; the versions of verifiers are small numbers.
const WAITING: u8 = b'P';

/// What to seal for an account whose alias is spelled so: secret, to be sealed at once.
#[must_use]
pub fn keep(spelled: &str, password: &str, realm: &Realm) -> Vec<u8> {
    if realm.settled {
        return Verifiers::derive(spelled, password, realm).to_bytes();
    }
    let mut bytes = vec![WAITING];
    bytes.extend_from_slice(password.as_bytes());
    bytes
}

/// The password that waits in what was sealed; `None`: there are verifiers already.
#[must_use]
pub fn waiting(kept: &[u8]) -> Option<&str> {
    let (&WAITING, password) = kept.split_first()? else {
        return None;
    };
    std::str::from_utf8(password).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_waits_until_the_names_are_settled() {
        let mut realm = Realm::new("im.example.com", None).unwrap();
        let kept = keep("alice", "opensésame", &realm);
        assert_eq!(waiting(&kept), None);
        assert!(Verifiers::from_bytes(&kept).unwrap().fits(&realm));
        realm.settled = false;
        let kept = keep("alice", "opensésame", &realm);
        assert_eq!(waiting(&kept), Some("opensésame"));
        Verifiers::from_bytes(&kept).unwrap_err();
    }
}
