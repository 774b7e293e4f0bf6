//! Handshakes recorded between this server and real clients: what they send
//! must stay good, and for the integrity code our type 2 must stay the same to
//! the byte. User alice, password opensesame.

use super::*;
use crate::auth::{Realm, Verifiers};

struct Recorded {
    server_challenge: u64,
    now_ms: i64,
    type1: &'static str,
    type3: &'static str,
}

/// librvp 0.9.7cvs, "Auth Domain" EXAMPLE: `NTLMv1`, a flags field of 0 over UTF-16.
const LIBRVP: Recorded = Recorded {
    server_challenge: 0xc6ee_ddff_cbae_63aa,
    now_ms: 1_795_386_034_953,
    type1: "4e544c4d53535000010000000702000007000700310000000900090028000000089300500f000000 \
        3139322e302e322e324558414d504c45",
    type3: "4e544c4d5353500003000000180018006a00000018001800820000000e000e00400000000a000a00 \
        4e0000001200120058000000000000009a000000000000004500580041004d0050004c0045006100 \
        6c006900630065003100390032002e0030002e0032002e003200aada20641f42c7a9af10cb111c10 \
        56a82621cc4867dd442c129aa38b2308df8ba8cb2e075e03176824a058313160ef70",
};

/// `Authen::NTLM` 1.09, which `Net::RVP` uses: `NTLMv1`, our target name as its domain.
const NET_RVP: Recorded = Recorded {
    server_challenge: 0x567a_db8e_18e3_0d95,
    now_ms: 1_795_386_074_670,
    type1: "4e544c4d535350000100000007b2000005000500200000000300030025000000616c696365444f4d",
    type3: "4e544c4d5353500003000000180018004000000018001800580000000e000e00700000000a000a00 \
        7e0000000a000a00880000000000000052000000058281006c663a3f9841191e8d30b3c59c2e6fb9 \
        04d80297ec19b49b065accb7f875cb8e8eac66dc77d1bdbc6842f35428fc5b534500580041004d00 \
        50004c00450061006c0069006300650061006c00690063006500",
};

/// curl 7.88.1: `NTLMv2` without an integrity code, its strings in OEM.
const CURL: Recorded = Recorded {
    server_challenge: 0xde74_75c4_16f4_81d9,
    now_ms: 1_795_386_074_621,
    type1: "4e544c4d53535000010000000682080000000000000000000000000000000000",
    type3: "4e544c4d53535000030000001800180040000000a200a2005800000000000000fa00000005000500 \
        fa0000000b000b00ff00000000000000000000000682890097ba58f26955670d12177d8d4761012f \
        7a5896325e2d4198a461e09bb31cd32e46e7b4fa84dba2f8010100000000000000a9ffc8cf7add01 \
        7a5896325e2d41980000000002000e004500580041004d0050004c00450001000800430048004100 \
        540004001c0069006d002e006500780061006d0070006c0065002e0063006f006d00030020006300 \
        6800610074002e006500780061006d0070006c0065002e0063006f006d0007000800d06a5ec9cf7a \
        dd010000000000000000616c696365574f524b53544154494f4e",
};

/// pyspnego: `NTLMv2` with an integrity code, signing and key exchange asked for.
const PYSPNEGO: Recorded = Recorded {
    server_challenge: 0xb377_5789_4475_bdd1,
    now_ms: 1_795_386_074_863,
    type1: "4e544c4d5353500001000000378208e200000000280000000000000028000000000c04000000000f",
    type3: "4e544c4d53535000030000001800180058000000c000c000700000000e000e00300100000a000a00 \
        3e0100000400040048010000000000004c010000058289a2000c04000000000f1beb3cfaa216da88 \
        143caaaceb5fd060000000000000000000000000000000000000000000000000af382d78b2c63789 \
        bb3334abfefffcb00101000000000000f05783c9cf7add01fc78d9961c4964ba0000000002000e00 \
        4500580041004d0050004c00450001000800430048004100540004001c0069006d002e0065007800 \
        61006d0070006c0065002e0063006f006d000300200063006800610074002e006500780061006d00 \
        70006c0065002e0063006f006d0007000800f05783c9cf7add010900120068007400740070002f00 \
        6300680061007400060004000200000000000000000000004500580041004d0050004c0045006100 \
        6c0069006300650056004d00",
};

fn bytes(hex: &str) -> Vec<u8> {
    let hex: Vec<u8> = hex.bytes().filter(|b| *b != b' ').collect();
    let digit = |b: u8| u8::try_from(char::from(b).to_digit(16).unwrap()).unwrap();
    hex.chunks(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

impl Recorded {
    /// Plays the handshake again, after a change to the recorded type 3 message.
    fn play(
        &self,
        password: &str,
        change: impl Fn(&mut Vec<u8>),
    ) -> Result<NtlmLevel, NtlmRefusal> {
        let realm = Realm::new("im.example.com", Some("EXAMPLE")).unwrap();
        let server = NtlmServer::new(&realm, "chat.example.com", NtlmMinimum::V1);
        let (challenge, _) = server.challenge(
            &bytes(self.type1),
            self.server_challenge.to_be_bytes(),
            self.now_ms,
        )?;
        let mut type3 = bytes(self.type3);
        change(&mut type3);
        let read = server.read_type3(&challenge, &type3)?;
        assert_eq!(read.alias(), "alice");
        let kept = Verifiers::derive("alice", password, &realm);
        server.verify(challenge, &read, kept.nt_hash())
    }
}

#[test]
fn what_real_clients_sent_is_accepted_at_its_level() {
    for (client, recorded, level) in [
        ("librvp", LIBRVP, NtlmLevel::V1),
        ("Net::RVP", NET_RVP, NtlmLevel::V1),
        ("curl", CURL, NtlmLevel::V2),
        ("pyspnego", PYSPNEGO, NtlmLevel::V2),
    ] {
        assert_eq!(recorded.play("opensesame", |_| ()), Ok(level), "{client}");
        assert_eq!(
            recorded.play("opensesamE", |_| ()),
            Err(NtlmRefusal::WrongResponse(level)),
            "{client}"
        );
    }
}

#[test]
fn the_integrity_code_of_a_real_client_covers_the_header() {
    assert_eq!(
        PYSPNEGO.play("opensesame", |type3| type3[60] ^= 0x10),
        Err(NtlmRefusal::WrongMic)
    );
}
