//! The server's side of Digest: the challenge, and the verdict on an answer.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq as _;

use super::{DigestCredentials, DigestRefusal, Nonces};

/// The value of a `WWW-Authenticate` header that asks for Digest.
///
/// `stale` stands last on purpose: librvp joins all challenges of a response
/// with spaces, so the last parameter swallows a `NTLM` that follows; and
/// `qop` is exactly `"auth"`, for a list crashes it.
fn challenge(realm: &str, nonce: &str, stale: bool) -> String {
    format!(
        "Digest realm=\"{realm}\", qop=\"auth\", algorithm=MD5, nonce=\"{nonce}\", stale={stale}"
    )
}

/// One realm that asks for Digest.
pub struct DigestServer {
    realm: Arc<str>,
    nonces: Nonces,
}

impl DigestServer {
    /// A server for a realm (see [`super::super::Realm`]) with the nonces of this run.
    pub fn new(realm: Arc<str>, nonces: Nonces) -> Self {
        Self { realm, nonces }
    }

    /// The value of the `WWW-Authenticate` header, with a new nonce of 8 random bytes.
    pub fn challenge(&self, random: [u8; 8], now_ms: i64, stale: bool) -> String {
        challenge(&self.realm, &self.nonces.issue(random, now_ms), stale)
    }

    #[cfg(test)]
    fn nonces(&self) -> &Nonces {
        &self.nonces
    }

    /// Whether `credentials` prove the password behind `ha1` for this request.
    /// `request_target` is the target of the request line as received.
    ///
    /// The response is compared first: only who knows the password learns what
    /// is wrong with a nonce, and only a right response uses one up.
    ///
    /// # Errors
    /// The [`DigestRefusal`]; where [`DigestRefusal::is_stale`], challenge
    /// again with `stale=true`.
    pub fn verify(
        &self,
        credentials: &DigestCredentials,
        method: &str,
        request_target: &str,
        ha1: &[u8; 16],
        now_ms: i64,
    ) -> Result<(), DigestRefusal> {
        if credentials.realm != *self.realm {
            return Err(DigestRefusal::WrongRealm);
        }
        if !same_address(&credentials.uri, request_target) {
            return Err(DigestRefusal::WrongUri);
        }
        let expected = response(credentials, method, ha1);
        if !bool::from(expected.ct_eq(&credentials.response)) {
            return Err(DigestRefusal::WrongResponse);
        }
        self.nonces
            .spend(&credentials.nonce, credentials.nc, now_ms)
    }
}

/// The request digest of RFC 2617 3.2.2.1.
fn response(credentials: &DigestCredentials, method: &str, ha1: &[u8; 16]) -> [u8; 16] {
    let ha1 = HEXLOWER.encode(ha1);
    let what = [method.as_bytes(), b":", &credentials.uri_bytes].concat();
    let ha2 = HEXLOWER.encode(&Md5::digest(what));
    let nonce = credentials.nonce.as_bytes();
    let hash = Md5::new().chain_update(ha1).chain_update(b":");
    let hash = hash.chain_update(nonce).chain_update(b":");
    let hash = match (&credentials.qop, &credentials.cnonce) {
        (Some(qop), Some(cnonce)) => hash
            .chain_update(&credentials.nc_text)
            .chain_update(b":")
            .chain_update(cnonce)
            .chain_update(b":")
            .chain_update(qop)
            .chain_update(b":"),
        _ => hash,
    };
    hash.chain_update(ha2).finalize().into()
}

/// Whether the address that was hashed is the one requested. Either may be
/// absolute, the RVP document's examples are, and a proxy changes one into the
/// other; where both name a host it must be the same.
fn same_address(hashed: &str, requested: &str) -> bool {
    let (host, path) = split_address(hashed);
    let (other_host, other_path) = split_address(requested);
    path == other_path
        && match (host, other_host) {
            (Some(host), Some(other)) => {
                without_port_80(host).eq_ignore_ascii_case(without_port_80(other))
            }
            _ => true,
        }
}

fn split_address(address: &str) -> (Option<&str>, &str) {
    const SCHEME: &str = "http://";
    match address.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => {
            match rest.find(['/', '?']) {
                Some(at) => (Some(&rest[..at]), &rest[at..]),
                None => (Some(rest), "/"),
            }
        }
        _ => (None, address),
    }
}

fn without_port_80(host: &str) -> &str {
    host.strip_suffix(":80").unwrap_or(host)
}

#[cfg(test)]
mod tests;
