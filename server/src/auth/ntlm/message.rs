//! The bytes of the three NTLM messages ([MS-NLMP] 2.2.1). Every length and
//! offset comes from a stranger and is checked before it is used.

use super::NtlmRefusal;
use super::text::{from_oem, from_utf16le, utf16le};

pub(super) const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// Messages are a few hundred bytes; a header of this size is no client's.
const LONGEST: usize = 16 * 1024;

/// Where the payload of a type 3 message can begin at the earliest; the oldest
/// clients leave out session key and flags.
const TYPE3_SHORTEST: usize = 52;
/// Where the integrity code stands in a type 3 message: after header and version.
pub(super) const MIC: std::ops::Range<usize> = 72..88;

/// The negotiation flags this server knows ([MS-NLMP] 2.2.2.5).
pub(super) mod flag {
    pub(in super::super) const UNICODE: u32 = 0x0000_0001;
    pub(in super::super) const OEM: u32 = 0x0000_0002;
    pub(in super::super) const REQUEST_TARGET: u32 = 0x0000_0004;
    pub(in super::super) const NTLM: u32 = 0x0000_0200;
    pub(in super::super) const ALWAYS_SIGN: u32 = 0x0000_8000;
    pub(in super::super) const TARGET_IS_DOMAIN: u32 = 0x0001_0000;
    pub(in super::super) const EXTENDED_SESSION: u32 = 0x0008_0000;
    pub(in super::super) const TARGET_INFO: u32 = 0x0080_0000;
    pub(in super::super) const VERSION: u32 = 0x0200_0000;
    pub(in super::super) const KEY_128: u32 = 0x2000_0000;
    pub(in super::super) const KEY_56: u32 = 0x8000_0000;
}

/// The attributes of target information ([MS-NLMP] 2.2.2.1).
pub(super) mod attribute {
    pub(in super::super) const END: u16 = 0;
    pub(in super::super) const NB_COMPUTER: u16 = 1;
    pub(in super::super) const NB_DOMAIN: u16 = 2;
    pub(in super::super) const DNS_COMPUTER: u16 = 3;
    pub(in super::super) const DNS_DOMAIN: u16 = 4;
    pub(in super::super) const FLAGS: u16 = 6;
    pub(in super::super) const TIME: u16 = 7;
}

/// The type of an NTLM message, or none where the bytes are not one.
pub fn message_type(bytes: &[u8]) -> Option<u8> {
    match bytes.strip_prefix(SIGNATURE)?.first_chunk::<4>()? {
        [kind @ 1..=3, 0, 0, 0] => Some(*kind),
        _ => None,
    }
}

/// Checks signature, size and type.
fn expect(bytes: &[u8], expected: u8) -> Result<(), NtlmRefusal> {
    if bytes.len() > LONGEST {
        return Err(NtlmRefusal::Malformed("longer than 16 KiB"));
    }
    match message_type(bytes) {
        Some(got) if got == expected => Ok(()),
        Some(got) => Err(NtlmRefusal::OutOfTurn { expected, got }),
        None => Err(NtlmRefusal::Malformed("no NTLM signature or type")),
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

/// The flags of a type 1 message. Nothing else of it is needed: domain and
/// workstation are hints, and clients disagree on where the header ends
/// (observed: 32 bytes from `Net::RVP`, 40 from librvp; 16 are allowed).
pub(super) fn type1_flags(bytes: &[u8]) -> Result<u32, NtlmRefusal> {
    expect(bytes, 1)?;
    u32_at(bytes, 12).ok_or(NtlmRefusal::Malformed("a type 1 message without flags"))
}

/// What goes into a type 2 message.
pub(super) struct Type2<'a> {
    pub(super) flags: u32,
    pub(super) server_challenge: [u8; 8],
    pub(super) target_name: &'a str,
    pub(super) target_info: &'a [u8],
}

impl Type2<'_> {
    /// The message with the full header of 56 bytes, version included.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        const HEADER: usize = 56;
        let name = if self.flags & flag::UNICODE == 0 {
            self.target_name.as_bytes().to_vec()
        } else {
            utf16le(self.target_name)
        };
        let mut out = Vec::with_capacity(HEADER + name.len() + self.target_info.len());
        out.extend_from_slice(SIGNATURE);
        out.extend_from_slice(&2_u32.to_le_bytes());
        out.extend_from_slice(&descriptor(name.len(), HEADER));
        out.extend_from_slice(&self.flags.to_le_bytes());
        out.extend_from_slice(&self.server_challenge);
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&descriptor(self.target_info.len(), HEADER + name.len()));
        // Windows 2000, NTLM revision 15; read by nobody, "for debugging" says 2.2.2.10.
        out.extend_from_slice(if self.flags & flag::VERSION == 0 {
            &[0; 8]
        } else {
            &[5, 0, 0x93, 0x08, 0, 0, 0, 15]
        });
        out.extend_from_slice(&name);
        out.extend_from_slice(self.target_info);
        out
    }
}

/// Length, allocated length and offset of a field.
pub(super) fn descriptor(length: usize, offset: usize) -> [u8; 8] {
    let length = u16::try_from(length).expect("names of at most 255 characters");
    let offset = u32::try_from(offset).expect("a message of a few hundred bytes");
    let mut out = [0; 8];
    out[..2].copy_from_slice(&length.to_le_bytes());
    out[2..4].copy_from_slice(&length.to_le_bytes());
    out[4..].copy_from_slice(&offset.to_le_bytes());
    out
}

/// One attribute of target information.
pub(super) fn attribute_bytes(id: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("names of at most 255 characters");
    let mut out = Vec::with_capacity(4 + value.len());
    out.extend_from_slice(&id.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(value);
    out
}

/// The value of an attribute in target information, or none where it is absent.
pub(super) fn find_attribute(mut info: &[u8], wanted: u16) -> Result<Option<&[u8]>, NtlmRefusal> {
    const CUT: NtlmRefusal = NtlmRefusal::Malformed("target information is cut short");
    loop {
        // Some clients end the list with the end of the message.
        let Some((head, rest)) = info.split_first_chunk::<4>() else {
            return if info.is_empty() { Ok(None) } else { Err(CUT) };
        };
        let id = u16::from_le_bytes([head[0], head[1]]);
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        if id == attribute::END {
            return Ok(None);
        }
        let (value, rest) = rest.split_at_checked(length).ok_or(CUT)?;
        if id == wanted {
            return Ok(Some(value));
        }
        info = rest;
    }
}

/// The fields of a type 3 message.
pub(super) struct Type3<'a> {
    pub(super) lm: &'a [u8],
    pub(super) nt: &'a [u8],
    pub(super) domain: String,
    pub(super) user: String,
    pub(super) workstation: String,
    /// Where the first field begins: before it there may be an integrity code.
    pub(super) payload: usize,
}

/// Reads a type 3 message. The character set is the one this server's type 2
/// chose: librvp sends UTF-16 under a flags field of 0.
pub(super) fn read_type3(bytes: &[u8], unicode: bool) -> Result<Type3<'_>, NtlmRefusal> {
    expect(bytes, 3)?;
    if bytes.len() < TYPE3_SHORTEST {
        return Err(NtlmRefusal::Malformed(
            "a type 3 message without its header",
        ));
    }
    let mut payload = bytes.len();
    let mut field = |at: usize| {
        let (field, offset) = field_at(bytes, at)?;
        if !field.is_empty() {
            payload = payload.min(offset);
        }
        Ok::<_, NtlmRefusal>(field)
    };
    let (lm, nt) = (field(12)?, field(20)?);
    let (domain, user, workstation) = (field(28)?, field(36)?, field(44)?);
    let text = |bytes: &[u8]| {
        if unicode {
            from_utf16le(bytes)
        } else {
            Ok(from_oem(bytes))
        }
    };
    Ok(Type3 {
        lm,
        nt,
        domain: text(domain)?,
        user: text(user)?,
        workstation: text(workstation)?,
        payload,
    })
}

/// The bytes that the descriptor at `at` points to, and where they begin. An
/// empty field may point anywhere.
fn field_at(bytes: &[u8], at: usize) -> Result<(&[u8], usize), NtlmRefusal> {
    const CUT: NtlmRefusal = NtlmRefusal::Malformed("a type 3 message without its header");
    let length = bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk::<2>)
        .map(|two| usize::from(u16::from_le_bytes(*two)))
        .ok_or(CUT)?;
    let offset = u32_at(bytes, at + 4)
        .and_then(|offset| usize::try_from(offset).ok())
        .ok_or(CUT)?;
    if length == 0 {
        return Ok((&[], offset));
    }
    if offset < TYPE3_SHORTEST {
        return Err(NtlmRefusal::Malformed("a field points into the header"));
    }
    let field = offset
        .checked_add(length)
        .and_then(|end| bytes.get(offset..end))
        .ok_or(NtlmRefusal::Malformed("a field reaches past the end"))?;
    Ok((field, offset))
}
