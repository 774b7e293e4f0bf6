//! The computations of NTLM ([MS-NLMP] 3.3): what a response must be for an
//! NT hash and a challenge.

use des::Des;
use des::cipher::{BlockEncrypt as _, KeyInit as _};
use hmac::{Hmac, Mac};
use md5::{Digest as _, Md5};

use super::text::{upper, utf16le};

pub(super) fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> Hmac<Md5> {
    let mac = <Hmac<Md5> as Mac>::new_from_slice(key).expect("HMAC takes a key of any length");
    parts.iter().fold(mac, Mac::chain_update)
}

/// The NT response of `NTLMv1`: the challenge under three DES keys cut from the
/// hash (DESL, [MS-NLMP] 6).
pub(super) fn v1(nt_hash: &[u8; 16], challenge: [u8; 8]) -> [u8; 24] {
    let mut keys = [0; 21];
    keys[..16].copy_from_slice(nt_hash);
    let mut out = [0; 24];
    for (key, block) in keys
        .as_chunks::<7>()
        .0
        .iter()
        .zip(out.as_chunks_mut::<8>().0)
    {
        let mut cipher_text = challenge.into();
        Des::new(&des_key(*key).into()).encrypt_block(&mut cipher_text);
        *block = cipher_text.into();
    }
    out
}

/// Spreads 56 bits over eight bytes; the lowest bit of each, parity, is not used.
fn des_key(key: [u8; 7]) -> [u8; 8] {
    let mut wide = [0; 8];
    wide[1..].copy_from_slice(&key);
    let bits = u64::from_be_bytes(wide);
    let mut out = [0; 8];
    for (at, byte) in (0_u32..).zip(&mut out) {
        *byte = u8::try_from(bits >> (49 - 7 * at) & 0x7f).expect("seven bits") << 1;
    }
    out
}

/// The NTLM2 session response: `NTLMv1` over a challenge that both sides made.
pub(super) fn ntlm2_session(
    nt_hash: &[u8; 16],
    server_challenge: [u8; 8],
    client_challenge: [u8; 8],
) -> [u8; 24] {
    let both = Md5::new()
        .chain_update(server_challenge)
        .chain_update(client_challenge)
        .finalize();
    let mut challenge = [0; 8];
    challenge.copy_from_slice(&both[..8]);
    v1(nt_hash, challenge)
}

/// The `NTLMv2` hash, for user and domain as the type 3 message spells them.
pub(super) fn v2_hash(nt_hash: &[u8; 16], user: &str, domain: &str) -> [u8; 16] {
    let identity = utf16le(&(upper(user) + domain));
    hmac_md5(nt_hash, &[&identity])
        .finalize()
        .into_bytes()
        .into()
}

/// The `NTLMv2` proof, not yet finished: to be compared or computed.
pub(super) fn v2_proof(v2_hash: &[u8; 16], server_challenge: [u8; 8], blob: &[u8]) -> Hmac<Md5> {
    hmac_md5(v2_hash, &[&server_challenge, blob])
}

/// The key under which `NTLMv2` computes the integrity code, where no key was exchanged.
pub(super) fn v2_session_key(v2_hash: &[u8; 16], proof: &[u8]) -> [u8; 16] {
    hmac_md5(v2_hash, &[proof]).finalize().into_bytes().into()
}

/// The published examples of [MS-NLMP] 4.2: user "User", domain "Domain",
/// password "Password".
#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use md4::Md4;

    const SERVER: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
    const CLIENT: [u8; 8] = [0xaa; 8];

    fn nt_hash() -> [u8; 16] {
        Md4::digest(utf16le("Password")).into()
    }

    #[test]
    fn ntlmv1_response_of_4_2_2() {
        assert_eq!(
            HEXLOWER.encode(&v1(&nt_hash(), SERVER)),
            "67c43011f30298a2ad35ece64f16331c44bdbed927841f94"
        );
    }

    #[test]
    fn ntlm2_session_response_of_4_2_3() {
        assert_eq!(
            HEXLOWER.encode(&ntlm2_session(&nt_hash(), SERVER, CLIENT)),
            "7537f803ae367128ca458204bde7caf81e97ed2683267232"
        );
    }

    #[test]
    fn ntlmv2_hash_proof_and_session_key_of_4_2_4() {
        let hash = v2_hash(&nt_hash(), "User", "Domain");
        assert_eq!(HEXLOWER.encode(&hash), "0c868a403bfd7a93a3001ef22ef02e3f");
        let blob = [
            &[1, 1, 0, 0, 0, 0, 0, 0][..],
            &[0; 8],
            &CLIENT,
            &[0; 4],
            &[2, 0, 12, 0],
            &utf16le("Domain"),
            &[1, 0, 12, 0],
            &utf16le("Server"),
            &[0; 8],
        ]
        .concat();
        let proof = v2_proof(&hash, SERVER, &blob).finalize().into_bytes();
        assert_eq!(HEXLOWER.encode(&proof), "68cd0ab851e51c96aabc927bebef6a1c");
        assert_eq!(
            HEXLOWER.encode(&v2_session_key(&hash, &proof)),
            "8de40ccadbc14a82f15cb0ad0de95ca3"
        );
    }
}
