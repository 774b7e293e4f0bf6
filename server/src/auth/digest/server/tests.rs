use super::*;
use crate::auth::{Realm, Verifiers};
use DigestRefusal::{ForeignNonce, Replayed, Stale, WrongRealm, WrongResponse, WrongUri};
use data_encoding::HEXLOWER;

const NOW: i64 = 1_000_000_000_000;
const NODE: &str = "/instmsg/aliases/alice";

fn realm() -> Realm {
    Realm::new("im.example.com", Some("EXAMPLE")).unwrap()
}

fn server() -> DigestServer {
    DigestServer::new(realm().realm, Nonces::new([9; 32]))
}

fn kept() -> Verifiers {
    Verifiers::derive("alice", "opensesame", &realm())
}

/// What a client puts behind `Digest `, computed from the text of RFC 2617 alone.
struct Client<'a> {
    sent_name: &'a str,
    hashed_name: &'a str,
    password: &'a str,
    realm: &'a str,
    method: &'a str,
    uri: &'a str,
    nc: Option<&'a str>,
}

const LIBRVP: Client<'_> = Client {
    sent_name: "alice",
    hashed_name: "alice",
    password: "opensesame",
    realm: "im.example.com",
    method: "PROPPATCH",
    uri: NODE,
    nc: Some("00000001"),
};

impl Client<'_> {
    fn answer(&self, nonce: &str) -> DigestCredentials {
        let md5 = |text: String| HEXLOWER.encode(&Md5::digest(text));
        let ha1 = md5(format!(
            "{}:{}:{}",
            self.hashed_name, self.realm, self.password
        ));
        let ha2 = md5(format!("{}:{}", self.method, self.uri));
        let (response, more) = match self.nc {
            Some(nc) => (
                md5(format!("{ha1}:{nonce}:{nc}:c0ffee:auth:{ha2}")),
                format!(", qop=\"auth\", nc={nc}, cnonce=\"c0ffee\""),
            ),
            None => (md5(format!("{ha1}:{nonce}:{ha2}")), String::new()),
        };
        DigestCredentials::parse(format!(
            "username=\"{}\", realm=\"{}\", uri=\"{}\", nonce=\"{nonce}\", response=\"{response}\"{more}",
            self.sent_name, self.realm, self.uri
        ))
        .unwrap()
    }
}

fn nonce_of(server: &DigestServer, random: u8) -> String {
    let challenge = server.challenge([random; 8], NOW, false);
    let (_, rest) = challenge.split_once("nonce=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// The verdict as the server reaches it: the HA1 is looked up by the name as sent.
fn verdict(server: &DigestServer, sent: &DigestCredentials) -> Result<(), DigestRefusal> {
    let ha1 = kept()
        .ha1_for("alice", &sent.username, &realm())
        .expect("a spelling that is kept");
    server.verify(sent, "PROPPATCH", NODE, &ha1, NOW)
}

#[test]
fn the_example_of_rfc_2617_has_its_published_response() {
    let sent = DigestCredentials::parse(
        r#"username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
    )
    .unwrap();
    let ha1 = Md5::digest("Mufasa:testrealm@host.com:Circle Of Life").into();
    assert_eq!(response(&sent, "GET", &ha1), sent.response);
}

#[test]
fn the_challenge_ends_with_a_harmless_parameter_and_offers_auth_alone() {
    assert_eq!(
        challenge("im.example.com", "abc", false),
        "Digest realm=\"im.example.com\", qop=\"auth\", algorithm=MD5, nonce=\"abc\", stale=false"
    );
    assert!(challenge("im.example.com", "abc", true).ends_with(", stale=true"));
}

#[test]
fn a_right_answer_is_accepted_with_and_without_qop() {
    let server = server();
    let counted = LIBRVP.answer(&nonce_of(&server, 1));
    assert_eq!(verdict(&server, &counted), Ok(()));
    let plain = Client { nc: None, ..LIBRVP }.answer(&nonce_of(&server, 2));
    assert_eq!(verdict(&server, &plain), Ok(()));
}

#[test]
fn every_spelling_of_the_name_signs_on() {
    let server = server();
    for (n, (sent, hashed)) in [
        ("Alice", "Alice"),
        ("ALICE", "ALICE"),
        (r"EXAMPLE\alice", r"EXAMPLE\alice"),
        (r"EXAMPLE\\alice", r"EXAMPLE\alice"),
        ("EXAMPLE/alice", "EXAMPLE/alice"),
        ("alice@im.example.com", "alice@im.example.com"),
    ]
    .into_iter()
    .enumerate()
    {
        let client = Client {
            sent_name: sent,
            hashed_name: hashed,
            ..LIBRVP
        };
        let answer = client.answer(&nonce_of(&server, u8::try_from(n).unwrap()));
        assert_eq!(verdict(&server, &answer), Ok(()), "{sent}");
    }
}

#[test]
fn a_quoted_count_is_accepted() {
    let server = server();
    let nonce = nonce_of(&server, 1);
    let sent = LIBRVP.answer(&nonce);
    let quoted = DigestCredentials::parse(format!(
        "username=\"alice\", realm=\"im.example.com\", uri=\"{NODE}\", nonce=\"{nonce}\", response=\"{}\", qop=\"auth\", nc=\"00000001\", cnonce=\"c0ffee\"",
        HEXLOWER.encode(&sent.response)
    ))
    .unwrap();
    assert_eq!(verdict(&server, &quoted), Ok(()));
}

#[test]
fn a_wrong_password_is_refused_and_uses_nothing_up() {
    let server = server();
    let nonce = nonce_of(&server, 1);
    let wrong = Client {
        password: "wrong",
        ..LIBRVP
    };
    for _ in 0..3 {
        assert_eq!(verdict(&server, &wrong.answer(&nonce)), Err(WrongResponse));
    }
    assert_eq!(server.nonces().remembered(), 0);
    assert_eq!(verdict(&server, &LIBRVP.answer(&nonce)), Ok(()));
    assert!(WrongResponse.is_guess() && !WrongResponse.is_stale());
}

#[test]
fn an_unknown_user_is_refused_by_verifiers_of_nobody() {
    let server = server();
    let ha1 = Verifiers::nobody(&[5; 32])
        .ha1_for("mallory", "mallory", &realm())
        .unwrap();
    let sent = Client {
        sent_name: "mallory",
        hashed_name: "mallory",
        ..LIBRVP
    }
    .answer(&nonce_of(&server, 1));
    assert_eq!(
        server.verify(&sent, "PROPPATCH", NODE, &ha1, NOW),
        Err(WrongResponse)
    );
}

#[test]
fn an_answer_for_another_node_or_method_is_refused() {
    let server = server();
    let nonce = nonce_of(&server, 1);
    let sent = LIBRVP.answer(&nonce);
    let ha1 = kept().ha1_for("alice", "alice", &realm()).unwrap();
    let verify = |method, target| server.verify(&sent, method, target, &ha1, NOW);
    assert_eq!(verify("PROPPATCH", "/instmsg/aliases/bob"), Err(WrongUri));
    assert_eq!(
        verify("PROPPATCH", "/instmsg/aliases/alice?x"),
        Err(WrongUri)
    );
    assert_eq!(verify("ACL", NODE), Err(WrongResponse));
    assert_eq!(verify("PROPPATCH", NODE), Ok(()));
}

#[test]
fn absolute_and_origin_form_are_the_same_address() {
    let absolute = "http://IM.example.com:80/instmsg/aliases/alice";
    for (hashed, requested, same) in [
        (NODE, absolute, true),
        (absolute, NODE, true),
        (
            absolute,
            "http://im.example.com/instmsg/aliases/alice",
            true,
        ),
        (
            absolute,
            "http://im.example.com:8080/instmsg/aliases/alice",
            false,
        ),
        (
            absolute,
            "http://other.example.com/instmsg/aliases/alice",
            false,
        ),
        ("http://im.example.com", "/", true),
        ("", "/", false),
        ("é", NODE, false),
    ] {
        assert_eq!(
            same_address(hashed, requested),
            same,
            "{hashed} {requested}"
        );
    }
}

#[test]
fn a_repeated_count_is_refused_and_a_higher_one_accepted() {
    let server = server();
    let nonce = nonce_of(&server, 1);
    let sent = LIBRVP.answer(&nonce);
    assert_eq!(verdict(&server, &sent), Ok(()));
    assert_eq!(verdict(&server, &sent), Err(Replayed));
    let next = Client {
        nc: Some("00000002"),
        ..LIBRVP
    }
    .answer(&nonce);
    assert_eq!(verdict(&server, &next), Ok(()));
}

#[test]
fn a_stale_nonce_asks_for_another_round_but_only_of_who_knows_the_password() {
    let server = server();
    let nonce = nonce_of(&server, 1);
    let ha1 = kept().ha1_for("alice", "alice", &realm()).unwrap();
    let late = NOW + super::super::nonces::NONCE_LIFE_MS + 1;
    let verify = |sent: &DigestCredentials| server.verify(sent, "PROPPATCH", NODE, &ha1, late);
    assert_eq!(verify(&LIBRVP.answer(&nonce)), Err(Stale));
    assert!(Stale.is_stale() && !Stale.is_guess());
    let wrong = Client {
        password: "wrong",
        ..LIBRVP
    };
    assert_eq!(verify(&wrong.answer(&nonce)), Err(WrongResponse));
}

#[test]
fn a_foreign_nonce_and_a_foreign_realm_are_refused() {
    let server = server();
    let foreign = Nonces::new([1; 32]).issue([1; 8], NOW);
    assert_eq!(
        verdict(&server, &LIBRVP.answer(&foreign)),
        Err(ForeignNonce)
    );
    assert_eq!(verdict(&server, &LIBRVP.answer("abc")), Err(ForeignNonce));
    let elsewhere = Client {
        realm: "elsewhere",
        ..LIBRVP
    };
    let sent = elsewhere.answer(&nonce_of(&server, 1));
    assert_eq!(verdict(&server, &sent), Err(WrongRealm));
}
