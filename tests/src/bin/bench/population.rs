//! Who is online: principals in a ring, each of whom watches the next twenty.

use std::net::SocketAddr;

use crate::digest::{self, Hex};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse 7";

/// Contacts of each principal.
pub(crate) const CONTACTS: usize = 20;

/// A principal, with everything that need not be worked out anew for each request.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) alias: String,
    /// The path of its node.
    pub(crate) path: String,
    /// Its logical URL.
    pub(crate) url: String,
    pub(crate) ha1: Hex,
    /// The hash of a SUBSCRIBE to its node.
    pub(crate) subscribe: Hex,
    /// The number of its login subscription, once it has signed on.
    pub(crate) login: u32,
    /// The number of its view, once it has set its state.
    pub(crate) view: u32,
    /// Number by number what it watches: the place of the contact, the subscription.
    pub(crate) watches: Vec<(usize, u32)>,
}

/// The alias of the principal at a place.
pub(crate) fn alias(place: u32) -> String {
    format!("user{:05}", place + 1)
}

/// The principals of a server.
pub(crate) fn principals(count: u32, server: SocketAddr, realm: &str) -> Vec<Principal> {
    (0..count)
        .map(|place| {
            let alias = alias(place);
            let path = format!("/instmsg/aliases/{alias}");
            Principal {
                url: format!("http://{server}{path}"),
                ha1: digest::ha1(&alias, realm, PASSWORD),
                subscribe: digest::ha2("SUBSCRIBE", &path),
                login: 0,
                view: 0,
                watches: Vec::new(),
                alias,
                path,
            }
        })
        .collect()
}

/// The file from which `rollcall user import` makes their accounts.
pub(crate) fn accounts(count: u32) -> String {
    (0..count)
        .map(|place| format!("{}\t{PASSWORD}\n", alias(place)))
        .collect()
}

/// The places of the contacts of the principal at `place`.
pub(crate) fn contacts(place: usize, count: usize) -> impl Iterator<Item = usize> {
    (1..=CONTACTS.min(count - 1)).map(move |distance| (place + distance) % count)
}

#[cfg(test)]
mod tests {
    use super::contacts;

    #[test]
    fn everybody_is_watched_by_as_many_as_they_watch() {
        let mut watchers = [0; 50];
        for place in 0..50 {
            for contact in contacts(place, 50) {
                assert_ne!(contact, place);
                watchers[contact] += 1;
            }
        }
        assert_eq!(watchers, [20; 50]);
    }
}
