//! An NTLM client for the tests, able to send what real clients send and what
//! an attacker would.

use hmac::Mac as _;
use md4::{Digest as _, Md4};

use super::message::{
    MIC, SIGNATURE, attribute, attribute_bytes, descriptor, find_attribute, flag,
};
use super::response;
use super::text::utf16le;

pub(super) const CLIENT_CHALLENGE: [u8; 8] = [0xaa; 8];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mic {
    Absent,
    True,
    False,
    /// Announced in the response, but the header leaves no room for it.
    Announced,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    V1,
    Ntlm2Session,
    V2(Mic),
    LmAlone,
    Anonymous,
}

#[derive(Clone)]
pub(super) struct Client {
    pub(super) kind: Kind,
    pub(super) user: &'static str,
    pub(super) domain: &'static str,
    pub(super) password: &'static str,
    /// What the flags field of the type 3 message says; librvp says 0.
    pub(super) type3_flags: u32,
}

impl Client {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            user: "alice",
            domain: "EXAMPLE",
            password: "opensesame",
            type3_flags: 0,
        }
    }

    /// The type 1 message: 32 bytes of header, no names.
    pub(super) fn type1(&self) -> Vec<u8> {
        let flags = match self.kind {
            Kind::Ntlm2Session | Kind::V2(_) => 0x0008_8207,
            _ => 0x0000_0207,
        };
        type1(flags)
    }

    /// The type 3 message that answers `type2`.
    pub(super) fn type3(&self, type1: &[u8], type2: &[u8]) -> Vec<u8> {
        let server: [u8; 8] = type2[24..32].try_into().unwrap();
        let unicode = type2[20] & 1 == 1;
        let nt_hash: [u8; 16] = Md4::digest(utf16le(self.password)).into();
        let mut key = [0; 16];
        let (lm, nt) = match self.kind {
            Kind::V1 => (vec![7; 24], response::v1(&nt_hash, server).to_vec()),
            Kind::Ntlm2Session => {
                let lm = [&CLIENT_CHALLENGE[..], &[0; 16]].concat();
                let nt = response::ntlm2_session(&nt_hash, server, CLIENT_CHALLENGE);
                (lm, nt.to_vec())
            }
            Kind::V2(mic) => {
                let hash = response::v2_hash(&nt_hash, self.user, self.domain);
                let blob = blob(type2, mic != Mic::Absent);
                let proof = response::v2_proof(&hash, server, &blob)
                    .finalize()
                    .into_bytes();
                key = response::v2_session_key(&hash, &proof);
                (vec![0; 24], [&proof[..], &blob].concat())
            }
            Kind::LmAlone => (vec![7; 24], Vec::new()),
            Kind::Anonymous => (vec![0], Vec::new()),
        };
        let text = |text: &str| {
            if unicode {
                utf16le(text)
            } else {
                text.as_bytes().to_vec()
            }
        };
        let with_mic = matches!(self.kind, Kind::V2(Mic::True | Mic::False));
        let header = if with_mic { MIC.end } else { 64 };
        let fields = [
            lm,
            nt,
            text(self.domain),
            text(self.user),
            text("PC"),
            Vec::new(),
        ];
        let mut message = [&SIGNATURE[..], &[3, 0, 0, 0]].concat();
        let mut offset = header;
        for field in &fields {
            message.extend_from_slice(&descriptor(field.len(), offset));
            offset += field.len();
        }
        message.extend_from_slice(&self.type3_flags.to_le_bytes());
        message.resize(header, 0);
        message.extend(fields.concat());
        if with_mic {
            let mic = response::hmac_md5(&key, &[type1, type2, &message]);
            message[MIC].copy_from_slice(&mic.finalize().into_bytes());
        }
        if self.kind == Kind::V2(Mic::False) {
            message[MIC.start] ^= 1;
        }
        message
    }
}

pub(super) fn type1(flags: u32) -> Vec<u8> {
    let mut message = [&SIGNATURE[..], &[1, 0, 0, 0], &flags.to_le_bytes()].concat();
    message.resize(32, 0);
    message
}

/// The target information of a type 2 message.
pub(super) fn target_info(type2: &[u8]) -> &[u8] {
    let length = usize::from(u16::from_le_bytes([type2[40], type2[41]]));
    let offset = usize::from(u16::from_le_bytes([type2[44], type2[45]]));
    &type2[offset..offset + length]
}

pub(super) fn flags_of(type2: &[u8]) -> u32 {
    let flags = u32::from_le_bytes(type2[20..24].try_into().unwrap());
    assert_ne!(flags & flag::TARGET_INFO, 0);
    flags
}

fn blob(type2: &[u8], announce_mic: bool) -> Vec<u8> {
    let info = target_info(type2);
    let time = find_attribute(info, attribute::TIME).unwrap().unwrap();
    let flags = if announce_mic {
        attribute_bytes(attribute::FLAGS, &2_u32.to_le_bytes())
    } else {
        Vec::new()
    };
    [
        &[1, 1, 0, 0, 0, 0, 0, 0][..],
        time,
        &CLIENT_CHALLENGE,
        &[0; 4],
        &info[..info.len() - 4],
        &flags,
        &[0; 8],
    ]
    .concat()
}
