//! Digest for a client in a hurry: whatever stays the same is hashed once (RFC 2617,
//! `qop="auth"`, MD5).

use ::tests::Failure;
use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};

use crate::wire::Answer;

/// An MD5 hash in hexadecimal digits.
pub(crate) type Hex = [u8; 32];

/// A client nonce needs no secrecy here.
const CLIENT_NONCE: &[u8] = b"dede527c1795377960c85d6fba";

/// `parts` hashed one after the other.
fn md5(parts: &[&[u8]]) -> Hex {
    let mut hash = Md5::new();
    for part in parts {
        hash.update(part);
    }
    let mut hex = [0; 32];
    HEXLOWER.encode_mut(&hash.finalize(), &mut hex);
    hex
}

/// What stands for name and password.
pub(crate) fn ha1(name: &str, realm: &str, password: &str) -> Hex {
    md5(&[
        name.as_bytes(),
        b":",
        realm.as_bytes(),
        b":",
        password.as_bytes(),
    ])
}

/// What stands for the request.
pub(crate) fn ha2(method: &str, uri: &str) -> Hex {
    md5(&[method.as_bytes(), b":", uri.as_bytes()])
}

/// A nonce of the server, and how often it was used.
#[derive(Clone, Debug)]
pub(crate) struct Nonce {
    pub(crate) realm: String,
    nonce: String,
    count: u32,
}

impl Nonce {
    /// A nonce that nobody checks, as long as the real ones.
    pub(crate) fn unchecked(realm: &str) -> Self {
        Self {
            realm: realm.to_owned(),
            nonce: "A".repeat(43),
            count: 0,
        }
    }

    /// The nonce in a 401.
    pub(crate) fn of(answer: &Answer<'_>) -> Result<Self, Failure> {
        let found = answer.headers("www-authenticate").find_map(|challenge| {
            let parameters = challenge.strip_prefix("Digest ")?;
            Some(Self {
                realm: quoted(parameters, "realm")?.to_owned(),
                nonce: quoted(parameters, "nonce")?.to_owned(),
                count: 0,
            })
        });
        found.ok_or_else(|| answer.unexpected("a 401 with a Digest challenge"))
    }

    /// Appends the header `Authorization` as librvp writes it, under the next count.
    pub(crate) fn authorize(
        &mut self,
        request: &mut Vec<u8>,
        name: &str,
        uri: &str,
        ha1: &Hex,
        ha2: &Hex,
    ) {
        self.count += 1;
        let nonce = self.nonce.as_bytes();
        let mut count = *b"00000000";
        HEXLOWER.encode_mut(&self.count.to_be_bytes(), &mut count);
        let response = md5(&[
            ha1,
            b":",
            nonce,
            b":",
            &count,
            b":",
            CLIENT_NONCE,
            b":auth:",
            ha2,
        ]);
        for part in [
            b"Authorization: Digest username=\"".as_slice(),
            name.as_bytes(),
            b"\", realm=\"",
            self.realm.as_bytes(),
            b"\", qop=\"auth\", algorithm=\"MD5\", uri=\"",
            uri.as_bytes(),
            b"\", nonce=\"",
            nonce,
            b"\", nc=",
            &count,
            b", cnonce=\"",
            CLIENT_NONCE,
            b"\", response=\"",
            &response,
            b"\"\r\n",
        ] {
            request.extend_from_slice(part);
        }
    }
}

fn quoted<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = parameters.split_once(&format!("{name}=\""))?;
    Some(value.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_is_that_of_rfc_2617() {
        // Section 3.5 of RFC 2617 with this client's nonce; checked with openssl.
        let mut nonce = Nonce {
            realm: "testrealm@host.com".to_owned(),
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093".to_owned(),
            count: 0,
        };
        let ha1 = ha1("Mufasa", &nonce.realm, "Circle Of Life");
        let ha2 = ha2("GET", "/dir/index.html");
        let mut request = Vec::new();
        nonce.authorize(&mut request, "Mufasa", "/dir/index.html", &ha1, &ha2);
        let request = String::from_utf8(request).unwrap();
        assert!(
            request.ends_with("response=\"d75ca2fa93f7d7307ce2b8646437a686\"\r\n"),
            "{request}"
        );
        assert!(request.contains("nc=00000001,"), "{request}");
    }

    #[test]
    fn the_count_goes_up_in_hexadecimal() {
        let mut nonce = Nonce::unchecked("r");
        let mut request = Vec::new();
        for _ in 0..27 {
            request.clear();
            nonce.authorize(&mut request, "a", "/", &[b'0'; 32], &[b'0'; 32]);
        }
        let request = String::from_utf8(request).unwrap();
        assert!(request.contains("nc=0000001b,"), "{request}");
    }
}
