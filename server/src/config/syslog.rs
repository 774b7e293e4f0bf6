//! Where syslog is.

use http::uri::Authority;
use serde::Deserialize;
use std::path::PathBuf;

/// The port of syslog over UDP.
const USUAL_PORT: u16 = 514;

/// The longest path of a socket that systems take.
const LONGEST_PATH: usize = 107;

/// Who takes messages for syslog: `udp://host:port`, `unix:///path` or `unix`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum SyslogTarget {
    /// A server, one datagram a message.
    Udp {
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
    },
    /// The socket of this machine's own.
    Unix(PathBuf),
}

impl TryFrom<String> for SyslogTarget {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = if text == "unix" {
            Some(Self::Unix("/dev/log".into()))
        } else if let Some(path) = text.strip_prefix("unix://") {
            let fits = path.starts_with('/') && path.len() <= LONGEST_PATH;
            fits.then(|| Self::Unix(path.into()))
        } else {
            text.strip_prefix("udp://").and_then(udp)
        };
        known.ok_or_else(|| {
            format!(
                "{text:?} is no place of syslog; write \"unix\" for this machine's own, \"unix:///dev/log\" for a socket, or \"udp://logs.example.com:514\""
            )
        })
    }
}

fn udp(text: &str) -> Option<SyslogTarget> {
    let authority: Authority = text.trim_end_matches('/').parse().ok()?;
    let host = authority.host();
    let port = match authority.port_u16() {
        Some(port) if port > 0 => port,
        None if authority.as_str() == host => USUAL_PORT,
        _ => return None,
    };
    let named = !host.is_empty() && !authority.as_str().contains('@');
    named.then(|| SyslogTarget::Udp {
        host: host.trim_matches(['[', ']']).to_owned(),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SyslogTarget, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn a_place_is_a_socket_or_a_server() {
        let udp = |host: &str, port| {
            let host = host.to_owned();
            Ok(SyslogTarget::Udp { host, port })
        };
        let unix = |path: &str| Ok(SyslogTarget::Unix(path.into()));
        for (text, place) in [
            ("unix", unix("/dev/log")),
            ("unix:///run/x.sock", unix("/run/x.sock")),
            ("udp://10.0.0.1:5514", udp("10.0.0.1", 5514)),
            ("udp://[::1]:514", udp("::1", 514)),
            ("udp://logs.example.com", udp("logs.example.com", 514)),
        ] {
            assert_eq!(read(text), place, "{text}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused_with_examples() {
        for text in [
            "",
            "yes",
            "tcp://a:514",
            "udp://",
            "udp://a:0",
            "udp://a:99999",
            "udp://a:",
            "udp://u@a:1",
            "unix://dev/log",
            "udp://a b:1",
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.contains("udp://logs.example.com:514"),
                "{text}: {error}"
            );
        }
    }
}
