//! Whom to tell what happens.

use http::Uri;
use http::uri::Scheme;
use serde::Deserialize;
use std::path::PathBuf;

/// One that is told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookConfig {
    /// Where.
    pub url: HookUrl,
    /// The kinds of events, as in [`api::Happening::KINDS`]; none: all.
    #[serde(default)]
    pub events: Vec<String>,
    /// What deliveries are signed with.
    #[serde(default)]
    pub secret: Option<api::Secret>,
    /// A file whose first line is that secret.
    #[serde(default)]
    pub secret_file: Option<PathBuf>,
}

/// An address that deliveries go to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HookUrl(Uri);

impl HookUrl {
    /// As it is written, with a path.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// `host` or `host:port`, as the request names it.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.authority().map_or("", |it| it.as_str())
    }

    /// Name or address to connect to.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(80)
    }

    /// Path and query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.path_and_query().map_or("/", |it| it.as_str())
    }
}

impl TryFrom<String> for HookUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refused = |why: &str| {
            Err(format!(
                "{text:?} {why}; write for example \"http://127.0.0.1:9000/rollcall\""
            ))
        };
        let Ok(url) = text.parse::<Uri>() else {
            return refused("is no address of a hook");
        };
        if url.scheme() == Some(&Scheme::HTTPS) {
            return refused(
                "needs TLS, which hooks do not speak: name a proxy on this machine that does",
            );
        }
        let Some(authority) = url.authority() else {
            return refused("names no server");
        };
        if url.scheme() != Some(&Scheme::HTTP) || url.host().is_none_or(str::is_empty) {
            return refused("is no address of a hook");
        }
        if authority.as_str().contains('@') {
            return refused("holds a password: sign deliveries with `secret` instead");
        }
        let rest = &authority.as_str()[authority.host().len()..];
        if !rest.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return refused("has no such port");
        }
        Ok(Self(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<HookUrl, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn an_address_has_server_port_and_path() {
        for (text, host, port, path) in [
            ("http://127.0.0.1:9000/in?x=1", "127.0.0.1", 9000, "/in?x=1"),
            ("http://[::1]:81", "::1", 81, "/"),
            ("http://chat.example.com", "chat.example.com", 80, "/"),
        ] {
            let url = read(text).unwrap();
            assert_eq!((url.host(), url.port(), url.path()), (host, port, path));
        }
    }

    #[test]
    fn what_cannot_be_told_is_refused_and_says_why() {
        for (text, why) in [
            ("https://a/", "TLS"),
            ("http://u:p@a/", "password"),
            ("http://a:99999/", "port"),
            ("http://a:0/", "port"),
            ("http:///x", "hook"),
            ("/x", "names no server"),
            ("ftp://a/", "hook"),
            ("", "hook"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
