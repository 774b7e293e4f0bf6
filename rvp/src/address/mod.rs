//! Addresses: aliases, request targets, logical URLs and call-backs.
//!
//! Parsing says what an address names. Whether anybody may connect there is decided elsewhere.

mod alias;
mod authority;
mod callback;
mod logical_url;
mod path;
mod percent;
mod target;

pub use alias::Alias;
pub use callback::CallBack;
pub use logical_url::LogicalUrl;
pub use path::Node;
pub use target::Target;

/// Longest address accepted, in bytes.
const MAX_LENGTH: usize = 1024;

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing there.
    #[error("the address is empty; write http://host/instmsg/aliases/name")]
    Empty,
    /// More than 1024 bytes.
    #[error("the address is longer than 1024 bytes; shorten it")]
    TooLong,
    /// White space or a control character inside.
    #[error(
        "the address holds white space, a control character or a character that has to be percent-encoded"
    )]
    Character,
    /// Not http (or https, where that is allowed).
    #[error("the address must begin with http://")]
    Scheme,
    /// A name or password before the host.
    #[error("the address holds a user name before the host; leave out everything up to the @")]
    UserInfo,
    /// The host is missing or malformed.
    #[error("the host of the address is neither a name, an IPv4 address nor an [IPv6] address")]
    Host,
    /// An IPv4 address in a spelling that hides what it is.
    #[error("the host of the address is a number; write an IPv4 address as four decimal parts")]
    NumericHost,
    /// The port is not a number from 1 to 65535.
    #[error("the port of the address must be a number from 1 to 65535")]
    Port,
    /// A `?` part.
    #[error("the address has a query; leave out everything from the ?")]
    Query,
    /// A `#` part.
    #[error("the address has a fragment; leave out everything from the #")]
    Fragment,
    /// `%` not followed by two hexadecimal digits, or bytes that are not UTF-8.
    #[error("the address has a wrong percent-encoding; use % and two hexadecimal digits, UTF-8")]
    Percent,
    /// The path is not one of RVP's.
    #[error("the path names no node; write /instmsg/aliases/name")]
    Path,
    /// A group or the root where a user is needed.
    #[error("the address does not name a user; write http://host/instmsg/aliases/name")]
    NotAUser,
    /// The alias is empty or longer than 64 characters.
    #[error("an alias has 1 to 64 characters")]
    AliasLength,
    /// The alias holds a character it may not hold.
    #[error(
        "an alias holds no white space, control or invisible characters and none of / \\ \" < > & %"
    )]
    AliasCharacter,
    /// The alias is `.` or `..`.
    #[error("an alias cannot be . or ..")]
    AliasDots,
}
