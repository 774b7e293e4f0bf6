//! NTLM for one connection: the three messages of `NTLMv2`, without a MIC, as clients of the time
//! send them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use md4::{Digest as _, Md4};
use md5::Md5;

use super::http::{Connection, Request, Response};
use crate::Failure;

/// Unicode, target name, NTLM, extended session security: what a client of the time asks for.
const FLAGS: u32 = 0x0008_8207;

const CLIENT_CHALLENGE: [u8; 8] = [0xaa; 8];

/// Sends a request with the two messages that prove a connection; gives the answer to the second.
///
/// # Errors
/// [`Failure::Unexpected`] if the first gets no challenge.
pub fn sign_in(
    connection: &mut Connection,
    request: &Request,
    user: &str,
    password: &str,
) -> Result<Response, Failure> {
    let with = |message: &[u8]| {
        let message = format!("NTLM {}", STANDARD.encode(message));
        request.clone().header("Authorization", message)
    };
    let answer = connection.send(&with(&type1()))?;
    let challenges = answer.all("WWW-Authenticate");
    let type3 = challenges
        .into_iter()
        .find_map(|it| STANDARD.decode(it.strip_prefix("NTLM ")?).ok())
        .and_then(|type2| type3(&type2, user, password));
    let type3 =
        type3.ok_or_else(|| Failure::Unexpected(format!("no NTLM challenge:\n{}", answer.head)))?;
    connection.send(&with(&type3))
}

/// The first message.
#[must_use]
pub fn type1() -> Vec<u8> {
    let mut message = b"NTLMSSP\0\x01\0\0\0".to_vec();
    message.extend_from_slice(&FLAGS.to_le_bytes());
    message.resize(32, 0);
    message
}

/// The answer to a challenge; `None` where that is shorter than it says.
#[must_use]
pub fn type3(type2: &[u8], user: &str, password: &str) -> Option<Vec<u8>> {
    let server_challenge = type2.get(24..32)?;
    let short = |at: usize| {
        Some(usize::from(u16::from_le_bytes([
            *type2.get(at)?,
            *type2.get(at + 1)?,
        ])))
    };
    let (length, offset) = (short(40)?, short(44)?);
    let target_information = type2.get(offset..offset + length)?;

    let hash = Md4::digest(utf16le(password));
    let hash = hmac(&hash, &[&utf16le(&user.to_uppercase())]);
    let blob = [
        &[1, 1, 0, 0, 0, 0, 0, 0][..],
        // The server's own time, which it gives in its challenge.
        time(target_information)?,
        &CLIENT_CHALLENGE,
        &[0; 4],
        target_information,
        &[0; 4],
    ]
    .concat();
    let proof = hmac(&hash, &[server_challenge, &blob]);

    let fields = [
        vec![0; 24],
        [&proof[..], &blob].concat(),
        Vec::new(),
        utf16le(user),
        utf16le("PC"),
        Vec::new(),
    ];
    let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
    let mut offset = 64;
    for field in &fields {
        let length = u16::try_from(field.len()).ok()?.to_le_bytes();
        message.extend_from_slice(&length);
        message.extend_from_slice(&length);
        message.extend_from_slice(&u32::try_from(offset).ok()?.to_le_bytes());
        offset += field.len();
    }
    message.extend_from_slice(&FLAGS.to_le_bytes());
    message.extend(fields.concat());
    Some(message)
}

/// The attribute 7 of target information.
fn time(mut information: &[u8]) -> Option<&[u8]> {
    loop {
        let (head, rest) = information.split_at_checked(4)?;
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (value, rest) = rest.split_at_checked(length)?;
        match u16::from_le_bytes([head[0], head[1]]) {
            7 => return Some(value),
            0 => return Some(&[0; 8]),
            _ => information = rest,
        }
    }
}

fn utf16le(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = Hmac::<Md5>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
