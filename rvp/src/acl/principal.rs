//! When two spellings mean the same principal.

use super::AcePrincipal;
use crate::address::LogicalUrl;

/// Who makes a request, as a list is asked about him.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalRef<'a> {
    /// A user by his logical URL.
    User(&'a LogicalUrl),
    /// Another server by its name (requests a server makes by itself).
    Server(&'a str),
    /// Nobody that could be named.
    Anonymous,
}

impl PrincipalRef<'_> {
    /// Whether an entry written for `name` is about him. A server name does not include the
    /// server's users (RVP document 5.7.2).
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        match self {
            Self::User(url) => LogicalUrl::parse(name).is_ok_and(|named| named.same_node(url)),
            Self::Server(server) => same_server(server, name),
            Self::Anonymous => false,
        }
    }
}

impl AcePrincipal {
    /// Whether both are about the same principal, in whatever spelling.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, Self::All) => true,
            (Self::Principal(one), Self::Principal(two)) => {
                match (LogicalUrl::parse(one), LogicalUrl::parse(two)) {
                    (Ok(one), Ok(two)) => one.same_node(&two),
                    (Err(_), Err(_)) => same_server(one, two),
                    (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
                }
            }
            (Self::All, Self::Principal(_)) | (Self::Principal(_), Self::All) => false,
        }
    }
}

fn same_server(one: &str, two: &str) -> bool {
    let bare = |name: &str| name.trim().trim_end_matches('.').to_ascii_lowercase();
    bare(one) == bare(two)
}
