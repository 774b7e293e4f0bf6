//! A proxy script (PAC) that says what the policy's proxy settings say, for
//! clients that are configured by a script. ES3 only: Internet Explorer of the
//! time runs it in its `JScript`.

use askama::Template;

use super::{Draft, ExportError, text};
use crate::{Setting, proxy};

const WHY: &str = "a proxy script sends requests to a proxy; set Proxy server";

#[derive(Template)]
#[template(path = "proxy.pac", escape = "none")]
struct Script {
    header: Vec<String>,
    /// Conditions under which a request goes out directly.
    direct: Vec<String>,
    /// The start of the address, and where such requests go.
    schemes: Vec<(&'static str, String)>,
    otherwise: String,
}

pub(super) fn fits(file: &Draft<'_>) -> Result<(), ExportError> {
    match file.policy.setting("ie-proxy-server") {
        Setting::Text(_) => Ok(()),
        _ => Err(file.nothing(WHY)),
    }
}

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    let server = match file.policy.setting("ie-proxy-server") {
        Setting::Text(server) => server.as_str(),
        _ => "",
    };
    let mut direct = Vec::new();
    if let Some(name) = &file.context.server {
        let (host, _) = proxy::split_port(name);
        direct.push(format!("host == {}", literal(&host.to_lowercase())));
    }
    if let Setting::Text(exceptions) = file.policy.setting("ie-proxy-override") {
        // It takes back a rule that scripts do not have.
        let entries = proxy::entries(exceptions);
        let entries = entries.filter(|entry| !entry.eq_ignore_ascii_case("<-loopback>"));
        direct.extend(entries.map(condition));
    }
    direct.dedup();
    let (schemes, otherwise) = if *file.policy.setting("ie-proxy-enable") == Setting::Off {
        (Vec::new(), "DIRECT".to_owned())
    } else {
        routes(server)
    };
    let script = Script {
        header: file.header(),
        direct,
        schemes,
        otherwise,
    }
    .to_string();
    text::ansi(&text::crlf(&script))
}

/// The JavaScript condition for one proxy exception.
fn condition(entry: &str) -> String {
    let entry = entry.to_lowercase();
    if entry == "<local>" {
        return "isPlainHostName(host)".to_owned();
    }
    match proxy::split_port(&entry) {
        (host, Some(port)) => format!(
            "shExpMatch(url.toLowerCase(), {})",
            literal(&format!("*://{host}:{port}/*"))
        ),
        (host, None) if host.contains('*') => format!("shExpMatch(host, {})", literal(host)),
        (host, None) => format!("host == {}", literal(host)),
    }
}

/// Where requests go, by the start of their address, and all others.
fn routes(server: &str) -> (Vec<(&'static str, String)>, String) {
    if !server.contains('=') {
        return (Vec::new(), way("PROXY", server.trim()));
    }
    let mut schemes = Vec::new();
    let mut otherwise = "DIRECT".to_owned();
    for (protocol, address) in proxy::entries(server).filter_map(|entry| entry.split_once('=')) {
        match protocol.to_ascii_lowercase().as_str() {
            "http" => schemes.push(("http:", way("PROXY", address))),
            "https" => schemes.push(("https:", way("PROXY", address))),
            "ftp" => schemes.push(("ftp:", way("PROXY", address))),
            "gopher" => schemes.push(("gopher:", way("PROXY", address))),
            _ => otherwise = way("SOCKS", address),
        }
    }
    (schemes, otherwise)
}

fn way(kind: &str, address: &str) -> String {
    let address = address.strip_prefix("http://").unwrap_or(address);
    format!("{kind} {address}")
}

/// A string of JavaScript. The policy's check lets only names, numbers, stars
/// and ports come here; the server's name is guarded as well.
fn literal(text: &str) -> String {
    let safe: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '*' | ':' | '/'))
        .collect();
    format!("\"{safe}\"")
}
