//! Digest as clients of the time do it (RFC 2617, `qop="auth"`, MD5), with
//! every parameter open to be written wrongly.

use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};

use super::http::Response;

/// What a 401 asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The realm.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// Whether the server says that only the nonce was too old.
    pub stale: bool,
}

impl Challenge {
    /// The Digest challenge in a 401, if it has one.
    #[must_use]
    pub fn of(response: &Response) -> Option<Self> {
        response
            .all("WWW-Authenticate")
            .into_iter()
            .find_map(|it| it.strip_prefix("Digest "))
            .map(|parameters| Self {
                realm: parameter(parameters, "realm"),
                nonce: parameter(parameters, "nonce"),
                stale: parameter(parameters, "stale").eq_ignore_ascii_case("true"),
            })
    }
}

/// The value of one parameter, quotes removed; empty if it is not there.
fn parameter(parameters: &str, name: &str) -> String {
    parameters
        .split(',')
        .filter_map(|it| it.trim().split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned())
        .unwrap_or_default()
}

/// A name as it is sent and hashed, and a password.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The name: `alias`, `DOMAIN\alias`, `DOMAIN/alias` or `alias@domain`.
    pub name: String,
    /// The password.
    pub password: String,
}

impl Credentials {
    /// The `Authorization` header as librvp writes it: every parameter but `nc`
    /// in quotes, no `opaque`. `count` is the nonce count, 1 from real clients.
    #[must_use]
    pub fn authorization(
        &self,
        challenge: &Challenge,
        method: &str,
        uri: &str,
        count: u32,
    ) -> String {
        let nc = format!("{count:08x}");
        let response = self.response(challenge, method, uri, &nc);
        format!(
            "Digest username=\"{}\", realm=\"{}\", qop=\"auth\", algorithm=\"MD5\", uri=\"{uri}\", \
             nonce=\"{}\", nc={nc}, cnonce=\"{CLIENT_NONCE}\", response=\"{response}\"",
            self.name, challenge.realm, challenge.nonce
        )
    }

    /// As [`Self::authorization`] with `nc` quoted too, as Miranda writes it.
    #[must_use]
    pub fn authorization_all_quoted(
        &self,
        challenge: &Challenge,
        method: &str,
        uri: &str,
    ) -> String {
        self.authorization(challenge, method, uri, 1)
            .replace("nc=00000001", "nc=\"00000001\"")
    }

    fn response(&self, challenge: &Challenge, method: &str, uri: &str, nc: &str) -> String {
        let who = md5(&format!(
            "{}:{}:{}",
            self.name, challenge.realm, self.password
        ));
        let what = md5(&format!("{method}:{uri}"));
        md5(&format!(
            "{who}:{}:{nc}:{CLIENT_NONCE}:auth:{what}",
            challenge.nonce
        ))
    }
}

/// A client nonce needs no secrecy in a test; a fixed one keeps bytes known.
const CLIENT_NONCE: &str = "dede527c1795377960c85d6fba";

fn md5(text: &str) -> String {
    HEXLOWER.encode(&Md5::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_is_that_of_rfc_2617() {
        // Section 3.5 of RFC 2617 with this client's nonce; checked with openssl.
        let credentials = Credentials {
            name: "Mufasa".to_owned(),
            password: "Circle Of Life".to_owned(),
        };
        let challenge = Challenge {
            realm: "testrealm@host.com".to_owned(),
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093".to_owned(),
            stale: false,
        };
        assert_eq!(
            md5("Mufasa:testrealm@host.com:Circle Of Life"),
            "939e7578ed9e3c518a452acee763bce9"
        );
        let header = credentials.authorization(&challenge, "GET", "/dir/index.html", 1);
        assert!(
            header.ends_with("response=\"d75ca2fa93f7d7307ce2b8646437a686\""),
            "{header}"
        );
        assert!(
            credentials
                .authorization_all_quoted(&challenge, "GET", "/")
                .contains("nc=\"00000001\"")
        );
    }

    #[test]
    fn a_challenge_is_found_among_others() {
        let response = Response {
            status: 401,
            head: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"a b\", \
                   nonce=\"n=1\", qop=\"auth\", stale=true\r\nWWW-Authenticate: NTLM\r\n\r\n"
                .to_owned(),
            body: Vec::new(),
        };
        assert_eq!(
            Challenge::of(&response),
            Some(Challenge {
                realm: "a b".to_owned(),
                nonce: "n=1".to_owned(),
                stale: true
            })
        );
    }
}
