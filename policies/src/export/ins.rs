//! The proxy section of an `.ins` file, which the Internet Explorer
//! Administration Kit and automatic configuration read.

use std::fmt::Write as _;

use super::{Draft, ExportError, Purpose, text};
use crate::{Setting, proxy};

const WHY: &str = "it holds proxy settings only; set Use a proxy server, Proxy server, Proxy exceptions or the address of a proxy script";

/// The names of the protocols in a proxy entry and in an `.ins` file.
const PROTOCOLS: [(&str, &str); 5] = [
    ("http", "HTTP_Proxy_Server"),
    ("https", "Secure_Proxy_Server"),
    ("ftp", "FTP_Proxy_Server"),
    ("gopher", "Gopher_Proxy_Server"),
    ("socks", "Socks_Proxy_Server"),
];

pub(super) fn fits(file: &Draft<'_>) -> Result<(), ExportError> {
    let address = matches!(file.policy.setting("ie-auto-config-url"), Setting::Text(_));
    if address || !lines(file).is_empty() {
        Ok(())
    } else {
        Err(file.nothing(WHY))
    }
}

pub(super) fn write(file: &Draft<'_>) -> Vec<u8> {
    let undo = file.purpose == Purpose::Undo;
    let mut ini = String::new();
    // Writing to a String cannot fail.
    for line in file.header() {
        let _ = writeln!(ini, "; {line}");
    }
    let lines = lines(file);
    if !lines.is_empty() {
        let _ = writeln!(ini, "[Proxy]\n{}", lines.join("\n"));
    }
    if let Setting::Text(address) = file.policy.setting("ie-auto-config-url") {
        if undo {
            ini.push_str("[URL]\nAutoConfig=0\n");
        } else {
            let _ = writeln!(ini, "[URL]\nAutoConfig=1\nAutoConfigJSURL={address}");
        }
    }
    text::ansi(&text::crlf(&ini))
}

/// The lines of the section on the proxy.
fn lines(file: &Draft<'_>) -> Vec<String> {
    let policy = file.policy;
    let undo = file.purpose == Purpose::Undo;
    let mut lines = Vec::new();
    match policy.setting("ie-proxy-enable") {
        Setting::On if undo => lines.push("Proxy_Enable=0".to_owned()),
        Setting::On => lines.push("Proxy_Enable=1".to_owned()),
        Setting::Off if !undo => lines.push("Proxy_Enable=0".to_owned()),
        _ => {}
    }
    if let Setting::Text(server) = policy.setting("ie-proxy-server") {
        lines.extend(servers(server).into_iter().map(|(name, value)| {
            if undo {
                format!("{name}=")
            } else {
                format!("{name}={value}")
            }
        }));
    }
    if let Setting::Text(exceptions) = policy.setting("ie-proxy-override") {
        // The quotation marks keep a semicolon from looking like a comment.
        lines.push(if undo {
            "Proxy_Override=".to_owned()
        } else {
            format!("Proxy_Override=\"{exceptions}\"")
        });
    }
    lines
}

fn servers(text: &str) -> Vec<(&'static str, String)> {
    if !text.contains('=') {
        let mut lines: Vec<_> = PROTOCOLS
            .iter()
            .take(1)
            .map(|(_, name)| (*name, text.trim().to_owned()))
            .collect();
        lines.push(("Use_Same_Proxy", "1".to_owned()));
        return lines;
    }
    let entries = proxy::entries(text).filter_map(|entry| entry.split_once('='));
    let mut lines: Vec<(&'static str, String)> = entries
        .filter_map(|(protocol, address)| {
            let (_, name) = PROTOCOLS
                .iter()
                .find(|(known, _)| protocol.eq_ignore_ascii_case(known))?;
            Some((*name, address.to_owned()))
        })
        .collect();
    lines.push(("Use_Same_Proxy", "0".to_owned()));
    lines
}
