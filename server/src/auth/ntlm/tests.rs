//! Handshakes between this server and a client that does what real ones do.

use super::client::{Client, Kind, Mic, flags_of, target_info, type1};
use super::message::{attribute, find_attribute, flag};
use super::text::utf16le;
use super::*;
use crate::auth::{Realm, Verifiers};
use NtlmRefusal::{
    Anonymous, LmAlone, Malformed, MissingMic, OutOfTurn, TooWeak, WrongMic, WrongResponse,
};
use proptest::prelude::*;

/// 2001-09-09T01:46:40Z.
const NOW: i64 = 1_000_000_000_000;
const RANDOM: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn realm() -> Realm {
    Realm::new("im.example.com", Some("EXAMPLE")).unwrap()
}

fn server(minimum: NtlmMinimum) -> NtlmServer {
    NtlmServer::new(&realm(), "chat.example.com", minimum)
}

fn alice() -> [u8; 16] {
    *Verifiers::derive("alice", "opensesame", &realm()).nt_hash()
}

/// One whole handshake of a client.
fn sign_on(client: &Client, minimum: NtlmMinimum) -> Result<NtlmLevel, NtlmRefusal> {
    let server = server(minimum);
    let type1 = client.type1();
    let (challenge, type2) = server.challenge(&type1, RANDOM, NOW)?;
    let read = server.read_type3(&challenge, &client.type3(&type1, &type2))?;
    assert_eq!(read.alias(), "alice");
    server.verify(challenge, &read, &alice())
}

/// A handshake in which the type 3 message is changed on the way.
fn meddled(client: &Client, meddle: impl Fn(&mut Vec<u8>)) -> Result<NtlmLevel, NtlmRefusal> {
    let server = server(NtlmMinimum::V1);
    let type1 = client.type1();
    let (challenge, type2) = server.challenge(&type1, RANDOM, NOW)?;
    let mut type3 = client.type3(&type1, &type2);
    meddle(&mut type3);
    let read = server.read_type3(&challenge, &type3)?;
    server.verify(challenge, &read, &alice())
}

#[test]
fn each_kind_of_response_signs_on_and_tells_its_level() {
    for (kind, level) in [
        (Kind::V1, NtlmLevel::V1),
        (Kind::Ntlm2Session, NtlmLevel::Ntlm2Session),
        (Kind::V2(Mic::True), NtlmLevel::V2),
    ] {
        assert_eq!(sign_on(&Client::new(kind), NtlmMinimum::V1), Ok(level));
    }
}

#[test]
fn a_true_proof_without_mic_is_accepted() {
    let client = Client::new(Kind::V2(Mic::Absent));
    assert_eq!(sign_on(&client, NtlmMinimum::V2), Ok(NtlmLevel::V2));
}

#[test]
fn a_false_proof_without_mic_is_refused() {
    let mut client = Client::new(Kind::V2(Mic::Absent));
    client.password = "wrong";
    assert_eq!(
        sign_on(&client, NtlmMinimum::V1),
        Err(WrongResponse(NtlmLevel::V2))
    );
}

#[test]
fn a_wrong_password_is_refused_at_every_level() {
    for (kind, level) in [
        (Kind::V1, NtlmLevel::V1),
        (Kind::Ntlm2Session, NtlmLevel::Ntlm2Session),
        (Kind::V2(Mic::True), NtlmLevel::V2),
    ] {
        let mut client = Client::new(kind);
        client.password = "wrong";
        let refusal = sign_on(&client, NtlmMinimum::V1).unwrap_err();
        assert_eq!(refusal, WrongResponse(level));
        assert!(refusal.is_guess());
    }
}

#[test]
fn an_unknown_user_is_refused_by_verifiers_of_nobody() {
    let server = server(NtlmMinimum::V1);
    let client = Client::new(Kind::V1);
    let (challenge, type2) = server.challenge(&client.type1(), RANDOM, NOW).unwrap();
    let type3 = client.type3(&client.type1(), &type2);
    let read = server.read_type3(&challenge, &type3).unwrap();
    let nobody = Verifiers::nobody(&[5; 32]);
    assert_eq!(
        server.verify(challenge, &read, nobody.nt_hash()),
        Err(WrongResponse(NtlmLevel::V1))
    );
}

#[test]
fn a_replayed_message_does_not_fit_the_next_challenge() {
    let server = server(NtlmMinimum::V1);
    for kind in [
        Kind::V1,
        Kind::Ntlm2Session,
        Kind::V2(Mic::Absent),
        Kind::V2(Mic::True),
    ] {
        let client = Client::new(kind);
        let (challenge, type2) = server.challenge(&client.type1(), RANDOM, NOW).unwrap();
        let type3 = client.type3(&client.type1(), &type2);
        let read = server.read_type3(&challenge, &type3).unwrap();
        assert!(server.verify(challenge, &read, &alice()).is_ok());
        let (challenge, _) = server.challenge(&client.type1(), [9; 8], NOW).unwrap();
        let read = server.read_type3(&challenge, &type3).unwrap();
        assert!(matches!(
            server.verify(challenge, &read, &alice()),
            Err(WrongResponse(_))
        ));
    }
}

#[test]
fn an_lm_response_alone_is_refused() {
    let client = Client::new(Kind::LmAlone);
    assert_eq!(sign_on(&client, NtlmMinimum::V1), Err(LmAlone));
}

#[test]
fn anonymous_sign_ons_are_refused() {
    let mut client = Client::new(Kind::Anonymous);
    assert_eq!(sign_on(&client, NtlmMinimum::V1), Err(Anonymous));
    client.user = "";
    assert_eq!(sign_on(&client, NtlmMinimum::V1), Err(Anonymous));
    client.kind = Kind::V1;
    assert_eq!(sign_on(&client, NtlmMinimum::V1), Err(Anonymous));
}

#[test]
fn weaker_responses_than_the_minimum_are_refused() {
    for (kind, sent, minimum) in [
        (Kind::V1, NtlmLevel::V1, NtlmMinimum::Ntlm2Session),
        (Kind::V1, NtlmLevel::V1, NtlmMinimum::V2),
        (Kind::Ntlm2Session, NtlmLevel::Ntlm2Session, NtlmMinimum::V2),
    ] {
        assert_eq!(
            sign_on(&Client::new(kind), minimum),
            Err(TooWeak { sent, minimum })
        );
    }
    let client = Client::new(Kind::Ntlm2Session);
    assert!(sign_on(&client, NtlmMinimum::Ntlm2Session).is_ok());
}

#[test]
fn an_announced_mic_must_be_there_and_true() {
    let false_mic = Client::new(Kind::V2(Mic::False));
    assert_eq!(sign_on(&false_mic, NtlmMinimum::V1), Err(WrongMic));
    let no_mic = Client::new(Kind::V2(Mic::Announced));
    assert_eq!(sign_on(&no_mic, NtlmMinimum::V1), Err(MissingMic));
}

#[test]
fn a_mic_notices_a_changed_message_even_where_the_proof_does_not_cover_it() {
    let client = Client::new(Kind::V2(Mic::True));
    assert_eq!(meddled(&client, |_| ()), Ok(NtlmLevel::V2));
    // The flags, and the last letter of the workstation.
    assert_eq!(meddled(&client, |type3| type3[60] ^= 1), Err(WrongMic));
    let workstation = |type3: &mut Vec<u8>| {
        let at = type3.len() - 2;
        type3[at] = b'X';
    };
    assert_eq!(meddled(&client, workstation), Err(WrongMic));
}

#[test]
fn a_type_3_message_with_flags_of_0_is_read_as_utf_16() {
    let mut client = Client::new(Kind::V1);
    client.type3_flags = 0;
    assert!(sign_on(&client, NtlmMinimum::V1).is_ok());
    client.type3_flags = 0x0000_8205;
    assert!(sign_on(&client, NtlmMinimum::V1).is_ok());
}

#[test]
fn any_domain_is_accepted_and_hashed_as_sent() {
    for domain in ["", "EXAMPLE", "example", "ELSEWHERE", "im.example.com"] {
        for kind in [Kind::V1, Kind::V2(Mic::Absent)] {
            let mut client = Client::new(kind);
            client.domain = domain;
            assert!(sign_on(&client, NtlmMinimum::V1).is_ok(), "{domain}");
        }
    }
}

#[test]
fn the_account_is_found_behind_a_domain_in_the_user_field() {
    for user in ["EXAMPLE\\alice", "alice@im.example.com"] {
        let mut client = Client::new(Kind::V2(Mic::Absent));
        client.user = user;
        client.domain = "";
        assert!(sign_on(&client, NtlmMinimum::V1).is_ok(), "{user}");
    }
}

#[test]
fn type_1_headers_of_every_length_get_a_challenge() {
    let server = server(NtlmMinimum::V1);
    // The bare minimum, Net::RVP's 32 bytes, librvp's with version and names,
    // and descriptors that point nowhere.
    let short = type1(0x0000_b207)[..16].to_vec();
    let mut long = type1(0x0000_0207);
    long.extend_from_slice(b"\x05\x00\x93\x08\x00\x00\x00\x0fEXAMPLEPC");
    let mut wild = type1(0x0000_b207);
    wild[16..].fill(0xff);
    for message in [short, type1(0x0000_b207), long, wild] {
        assert!(server.challenge(&message, RANDOM, NOW).is_ok());
    }
}

#[test]
fn a_client_without_unicode_talks_oem() {
    let server = server(NtlmMinimum::V1);
    let client = Client::new(Kind::V1);
    let type1 = type1(flag::OEM | flag::NTLM | flag::REQUEST_TARGET);
    let (challenge, type2) = server.challenge(&type1, RANDOM, NOW).unwrap();
    assert_eq!(flags_of(&type2) & (flag::OEM | flag::UNICODE), flag::OEM);
    assert_eq!(&type2[56..63], b"EXAMPLE");
    let read = server
        .read_type3(&challenge, &client.type3(&type1, &type2))
        .unwrap();
    assert_eq!(
        (&*read.user, &*read.domain, &*read.workstation),
        ("alice", "EXAMPLE", "PC")
    );
    assert_eq!(server.verify(challenge, &read, &alice()), Ok(NtlmLevel::V1));
}

#[test]
fn the_type_2_message_tells_all_names_and_the_time() {
    let (_, type2) = server(NtlmMinimum::V1)
        .challenge(&type1(0x6208_b207), RANDOM, NOW)
        .unwrap();
    assert_eq!(message_type(&type2), Some(2));
    assert_eq!(type2[24..32], RANDOM);
    let info = target_info(&type2);
    let name = |id| find_attribute(info, id).unwrap().unwrap();
    assert_eq!(name(attribute::NB_DOMAIN), utf16le("EXAMPLE"));
    assert_eq!(name(attribute::NB_COMPUTER), utf16le("CHAT"));
    assert_eq!(name(attribute::DNS_DOMAIN), utf16le("im.example.com"));
    assert_eq!(name(attribute::DNS_COMPUTER), utf16le("chat.example.com"));
    // 2001-09-09T01:46:40Z in units of 100 ns since 1601.
    assert_eq!(
        name(attribute::TIME),
        126_444_736_000_000_000_i64.to_le_bytes()
    );
}

#[test]
fn signing_sealing_and_key_exchange_are_never_granted() {
    let (_, type2) = server(NtlmMinimum::V1)
        .challenge(&type1(u32::MAX), RANDOM, NOW)
        .unwrap();
    let refused = 0x0000_0010 | 0x0000_0020 | 0x0000_0080 | 0x4000_0000;
    assert_eq!(flags_of(&type2) & refused, 0);
    assert_eq!(flags_of(&type2) & flag::OEM, 0);
}

#[test]
fn messages_out_of_turn_and_no_messages_are_told_apart() {
    let server = server(NtlmMinimum::V1);
    let client = Client::new(Kind::V1);
    let (challenge, type2) = server.challenge(&client.type1(), RANDOM, NOW).unwrap();
    let type3 = client.type3(&client.type1(), &type2);
    assert_eq!(
        server.challenge(&type3, RANDOM, NOW).unwrap_err(),
        OutOfTurn {
            expected: 1,
            got: 3
        }
    );
    assert_eq!(
        server.read_type3(&challenge, &client.type1()).unwrap_err(),
        OutOfTurn {
            expected: 3,
            got: 1
        }
    );
    for rubbish in [
        &b""[..],
        b"NTLMSSP",
        b"NTLMSSP\0\x03\0\0\x01",
        b"GET / HTTP/1.1",
    ] {
        assert_eq!(message_type(rubbish), None);
        assert!(matches!(
            server.read_type3(&challenge, rubbish),
            Err(Malformed(_))
        ));
    }
}

#[test]
fn a_type_3_message_cut_anywhere_is_refused() {
    let server = server(NtlmMinimum::V1);
    for kind in [Kind::V1, Kind::V2(Mic::True)] {
        let client = Client::new(kind);
        let (challenge, type2) = server.challenge(&client.type1(), RANDOM, NOW).unwrap();
        let type3 = client.type3(&client.type1(), &type2);
        for end in 0..type3.len() {
            assert!(
                matches!(
                    server.read_type3(&challenge, &type3[..end]),
                    Err(Malformed(_))
                ),
                "{end}"
            );
        }
    }
}

#[test]
fn debug_shows_no_response() {
    let server = server(NtlmMinimum::V1);
    let client = Client::new(Kind::V1);
    let (challenge, type2) = server.challenge(&client.type1(), RANDOM, NOW).unwrap();
    let type3 = client.type3(&client.type1(), &type2);
    let read = server.read_type3(&challenge, &type3).unwrap();
    assert_eq!(
        format!("{read:?}"),
        "Authenticate { domain: \"EXAMPLE\", user: \"alice\", workstation: \"PC\", level: V1, .. }"
    );
    assert_eq!(format!("{challenge:?}"), "Challenge(flags 0x00810205)");
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(body in prop::collection::vec(any::<u8>(), 0..200), kind in 0_u8..5) {
        let server = server(NtlmMinimum::V1);
        let message = [&b"NTLMSSP\0"[..], &[kind, 0, 0, 0], &body].concat();
        let _ = server.challenge(&message, RANDOM, NOW);
        let (challenge, _) = server.challenge(&type1(u32::MAX), RANDOM, NOW).unwrap();
        if let Ok(read) = server.read_type3(&challenge, &message) {
            prop_assert!(server.verify(challenge, &read, &alice()).is_err());
        }
    }

    #[test]
    fn a_message_changed_anywhere_never_panics_and_never_proves_another_password(
        changes in prop::collection::vec((0_usize..300, any::<u8>()), 1..6),
        mic in prop::sample::select(vec![Mic::Absent, Mic::True]),
    ) {
        let client = Client::new(Kind::V2(mic));
        let server = server(NtlmMinimum::V1);
        let (challenge, type2) = server.challenge(&client.type1(), RANDOM, NOW).unwrap();
        let mut type3 = client.type3(&client.type1(), &type2);
        for (at, value) in changes {
            let at = at % type3.len();
            type3[at] = value;
        }
        if let Ok(read) = server.read_type3(&challenge, &type3) {
            let other = [0x55; 16];
            prop_assert!(server.verify(challenge, &read, &other).is_err());
        }
    }
}
