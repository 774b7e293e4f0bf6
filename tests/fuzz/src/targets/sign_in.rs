//! What clients prove themselves with: nothing that a stranger makes up may be taken for a proof.

use rollcall::auth::{
    Authorization, DigestCredentials, DigestServer, Nonces, NtlmMinimum, NtlmServer, Realm,
    Verifiers, exact_account, login_alias, meant_account,
};
use std::sync::LazyLock;

const NOW: i64 = 1_795_386_000_000;
/// librvp's, without names.
const TYPE_1: &[u8] = b"NTLMSSP\0\x01\0\0\0\x07\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

static REALM: LazyLock<Realm> =
    LazyLock::new(|| Realm::new("im.example.com", Some("EXAMPLE")).expect("a good realm"));
static NTLM: LazyLock<NtlmServer> =
    LazyLock::new(|| NtlmServer::new(&REALM, "im.example.com", NtlmMinimum::V1));
static DIGEST: LazyLock<DigestServer> =
    LazyLock::new(|| DigestServer::new(REALM.realm.clone(), Nonces::new([7; 32])));
/// Of a password that nobody knows.
static ALICE: LazyLock<Verifiers> = LazyLock::new(|| Verifiers::nobody(&[9; 32]));

pub(crate) fn ntlm(message: &[u8]) {
    let kind = rollcall::auth::ntlm::message_type(message);
    if let Ok((_, answer)) = NTLM.challenge(message, [1; 8], NOW) {
        assert_eq!(kind, Some(1));
        assert_eq!(rollcall::auth::ntlm::message_type(&answer), Some(2));
    }
    for (type1, bytes) in [(TYPE_1, message), (message, message)] {
        let Ok((challenge, _)) = NTLM.challenge(type1, [1; 8], NOW) else {
            continue;
        };
        if let Ok(answer) = NTLM.read_type3(&challenge, bytes) {
            assert!(answer.alias().len() <= bytes.len() * 2);
            let verdict = NTLM.verify(challenge, &answer, ALICE.nt_hash());
            assert!(verdict.is_err(), "{verdict:?} for {}", answer.alias());
        }
    }
}

pub(crate) fn digest(input: &[u8]) {
    let parameters = match Authorization::read(input) {
        Authorization::Digest(parameters) => parameters,
        Authorization::Ntlm(message) => return ntlm(&message),
        Authorization::Unoffered(_) | Authorization::Broken => input,
    };
    let Ok(credentials) = DigestCredentials::parse(parameters) else {
        return;
    };
    let alias = login_alias(&credentials.username);
    assert!(credentials.username.contains(alias));
    for account in [
        exact_account(&credentials.username),
        meant_account(&credentials.username),
    ] {
        assert!(account.is_none_or(|it| !it.as_str().contains('%')));
    }
    let ha1s = [
        ALICE.ha1_for(alias, &credentials.username, &REALM),
        ALICE.latin_1_ha1_for(alias, &credentials.username, &REALM),
    ];
    for ha1 in ha1s.map(Option::unwrap_or_default) {
        let verdict = DIGEST.verify(&credentials, "NOTIFY", "/instmsg/aliases/bob", &ha1, NOW);
        assert!(verdict.is_err(), "{verdict:?} for {alias}");
    }
}
