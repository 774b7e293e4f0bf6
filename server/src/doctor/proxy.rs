//! A reminder: what no server can see from its place.

use api::{Finding, Level};

/// The clients' proxy settings must leave the server out (Q242882).
pub(super) fn exceptions(domain: &str) -> Finding {
    Finding::new(
        Level::Ok,
        "Proxy exceptions",
        format!("The server cannot see the clients' proxy settings; where a proxy is set, {domain} must be among its exceptions."),
        "Clients use the proxy settings of Internet Explorer. Through a proxy NTLM fails, and \
         the server sees the proxy's address and calls back there. The exception must be the \
         fully qualified name (Q242882).",
    )
    .remedy(format!(
        "Where clients have a proxy: add {domain} to \"Do not use proxy server for addresses \
         beginning with\" (the value ProxyOverride), entries parted by semicolons."
    ))
}
