//! The server's half of a handshake: a challenge for a type 1 message, a
//! verdict on the type 3 message that answers it.

use std::fmt;
use std::sync::Arc;

use hmac::Mac as _;
use subtle::ConstantTimeEq as _;

use super::message::{
    MIC, Type2, attribute, attribute_bytes, find_attribute, flag, read_type3, type1_flags,
};
use super::response;
use super::text::utf16le;
use super::{NtlmLevel, NtlmMinimum, NtlmRefusal};
use crate::auth::verifier::netbios;
use crate::auth::{Realm, login_alias};

/// What an `NTLMv2` response holds before its target information.
const BLOB_HEADER: usize = 28;
/// The flag of the response's own target information that announces an integrity code.
const HAS_MIC: u32 = 0x2;
/// 1601 to 1970, the distance of the two epochs, in milliseconds.
const EPOCHS_MS: i64 = 11_644_473_600_000;

/// The names this server shows to NTLM clients, and what it asks of them.
#[derive(Debug, Clone)]
pub struct NtlmServer {
    nt_domain: Arc<str>,
    dns_domain: Arc<str>,
    host: Arc<str>,
    minimum: NtlmMinimum,
}

/// A challenge that was sent: for one connection and one answer. It is neither
/// cloned nor compared, and [`NtlmServer::verify`] takes it away.
pub struct Challenge {
    server_challenge: [u8; 8],
    flags: u32,
    /// Both messages as they went over the wire: the integrity code covers them.
    type1: Vec<u8>,
    type2: Vec<u8>,
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge(flags {:#010x})", self.flags)
    }
}

/// A type 3 message, read but not yet proven.
pub struct Authenticate {
    /// The domain as sent. Observed to be anything: empty, a setting, our own target name.
    pub domain: String,
    /// The user name as sent; see [`Self::alias`].
    pub user: String,
    /// The workstation as sent; a hint.
    pub workstation: String,
    response: Response,
    message: Vec<u8>,
    payload: usize,
}

/// What the client offers as a proof.
enum Response {
    V1([u8; 24]),
    Ntlm2Session {
        nt: [u8; 24],
        client_challenge: [u8; 8],
    },
    V2 {
        proof: [u8; 16],
        blob: Vec<u8>,
    },
}

/// Leaves the response out: with a challenge it lets a password be guessed off line.
impl fmt::Debug for Authenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticate")
            .field("domain", &self.domain)
            .field("user", &self.user)
            .field("workstation", &self.workstation)
            .field("level", &self.level())
            .finish_non_exhaustive()
    }
}

impl Authenticate {
    /// The account to look up: the user name without a domain.
    pub fn alias(&self) -> &str {
        login_alias(&self.user)
    }

    /// The kind of response the client sent.
    pub fn level(&self) -> NtlmLevel {
        match self.response {
            Response::V1(_) => NtlmLevel::V1,
            Response::Ntlm2Session { .. } => NtlmLevel::Ntlm2Session,
            Response::V2 { .. } => NtlmLevel::V2,
        }
    }
}

impl NtlmServer {
    /// A server of this realm on a host with this DNS name, which accepts
    /// responses of `minimum` and better.
    pub fn new(realm: &Realm, host: &str, minimum: NtlmMinimum) -> Self {
        Self {
            nt_domain: realm.nt_domain.clone(),
            dns_domain: realm.domain.clone(),
            // A DNS name has 253 characters at most; a longer one would not fit its field.
            host: host.chars().take(253).collect::<String>().into(),
            minimum,
        }
    }

    /// Answers a type 1 message with the bytes of a type 2 message, around 8
    /// random bytes that must never repeat.
    ///
    /// # Errors
    /// [`NtlmRefusal::Malformed`] or [`NtlmRefusal::OutOfTurn`].
    pub fn challenge(
        &self,
        type1: &[u8],
        random: [u8; 8],
        now_ms: i64,
    ) -> Result<(Challenge, Vec<u8>), NtlmRefusal> {
        let asked = type1_flags(type1)?;
        let flags = negotiate(asked);
        let type2 = Type2 {
            flags,
            server_challenge: random,
            target_name: if asked & flag::REQUEST_TARGET == 0 {
                ""
            } else {
                &self.nt_domain
            },
            target_info: &self.target_info(now_ms),
        }
        .to_bytes();
        let challenge = Challenge {
            server_challenge: random,
            flags,
            type1: type1.to_vec(),
            type2: type2.clone(),
        };
        Ok((challenge, type2))
    }

    fn target_info(&self, now_ms: i64) -> Vec<u8> {
        let time = now_ms
            .saturating_add(EPOCHS_MS)
            .saturating_mul(10_000)
            .to_le_bytes();
        [
            attribute_bytes(attribute::NB_DOMAIN, &utf16le(&self.nt_domain)),
            attribute_bytes(attribute::NB_COMPUTER, &utf16le(&netbios(&self.host))),
            attribute_bytes(attribute::DNS_DOMAIN, &utf16le(&self.dns_domain)),
            attribute_bytes(attribute::DNS_COMPUTER, &utf16le(&self.host)),
            attribute_bytes(attribute::TIME, &time),
            attribute_bytes(attribute::END, &[]),
        ]
        .concat()
    }

    /// Reads the answer to a challenge, so that the account can be looked up.
    ///
    /// # Errors
    /// [`NtlmRefusal::Malformed`], [`NtlmRefusal::OutOfTurn`]; at once also
    /// what no password could make acceptable: [`NtlmRefusal::Anonymous`],
    /// [`NtlmRefusal::LmAlone`], [`NtlmRefusal::TooWeak`].
    pub fn read_type3(
        &self,
        challenge: &Challenge,
        type3: &[u8],
    ) -> Result<Authenticate, NtlmRefusal> {
        let read = read_type3(type3, challenge.flags & flag::UNICODE != 0)?;
        // An anonymous client sends one zero byte as its LM response ([MS-NLMP] 3.2.5.1.2).
        if read.user.is_empty() || (read.nt.is_empty() && read.lm.len() <= 1) {
            return Err(NtlmRefusal::Anonymous);
        }
        let extended = challenge.flags & flag::EXTENDED_SESSION != 0;
        let authenticate = Authenticate {
            response: classify(read.nt, read.lm, extended)?,
            domain: read.domain,
            user: read.user,
            workstation: read.workstation,
            payload: read.payload,
            message: type3.to_vec(),
        };
        let sent = authenticate.level();
        if sent < self.minimum {
            return Err(NtlmRefusal::TooWeak {
                sent,
                minimum: self.minimum,
            });
        }
        Ok(authenticate)
    }

    /// Whether the answer proves the password behind `nt_hash`, for this
    /// challenge, which is used up; gives how strong the proof was.
    ///
    /// # Errors
    /// [`NtlmRefusal::WrongResponse`], [`NtlmRefusal::MissingMic`] or
    /// [`NtlmRefusal::WrongMic`].
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a challenge is good for one answer; taking it makes a second impossible"
    )]
    pub fn verify(
        &self,
        challenge: Challenge,
        authenticate: &Authenticate,
        nt_hash: &[u8; 16],
    ) -> Result<NtlmLevel, NtlmRefusal> {
        let server = challenge.server_challenge;
        let level = authenticate.level();
        let right = match &authenticate.response {
            Response::V1(nt) => response::v1(nt_hash, server).ct_eq(nt).into(),
            Response::Ntlm2Session {
                nt,
                client_challenge,
            } => response::ntlm2_session(nt_hash, server, *client_challenge)
                .ct_eq(nt)
                .into(),
            Response::V2 { proof, blob } => {
                let hash = response::v2_hash(nt_hash, &authenticate.user, &authenticate.domain);
                let right = response::v2_proof(&hash, server, blob)
                    .verify_slice(proof)
                    .is_ok();
                if right && announces_mic(blob)? {
                    let key = response::v2_session_key(&hash, proof);
                    check_mic(&challenge, authenticate, &key)?;
                }
                right
            }
        };
        if right {
            Ok(level)
        } else {
            Err(NtlmRefusal::WrongResponse(level))
        }
    }
}

/// What both sides can do. Signing, sealing and key exchange are not offered:
/// HTTP has no use for them.
fn negotiate(asked: u32) -> u32 {
    const ECHOED: u32 = flag::REQUEST_TARGET
        | flag::ALWAYS_SIGN
        | flag::EXTENDED_SESSION
        | flag::VERSION
        | flag::KEY_128
        | flag::KEY_56;
    let characters = if asked & flag::UNICODE == 0 {
        flag::OEM
    } else {
        flag::UNICODE
    };
    let target = if asked & flag::REQUEST_TARGET == 0 {
        0
    } else {
        flag::TARGET_IS_DOMAIN
    };
    asked & ECHOED | characters | target | flag::NTLM | flag::TARGET_INFO
}

/// Tells the kinds of response apart by their shape. With extended session
/// security a client puts its own challenge into the LM field, padded with zeros.
fn classify(nt: &[u8], lm: &[u8], extended: bool) -> Result<Response, NtlmRefusal> {
    if nt.is_empty() {
        return Err(NtlmRefusal::LmAlone);
    }
    if let Ok(nt) = <[u8; 24]>::try_from(nt) {
        return Ok(match lm.split_first_chunk::<8>() {
            Some((client_challenge, rest)) if extended && rest == [0; 16] => {
                Response::Ntlm2Session {
                    nt,
                    client_challenge: *client_challenge,
                }
            }
            _ => Response::V1(nt),
        });
    }
    let Some((proof, blob)) = nt.split_first_chunk::<16>() else {
        return Err(NtlmRefusal::Malformed("an NT response of unknown length"));
    };
    if blob.len() < BLOB_HEADER || blob[..2] != [1, 1] {
        return Err(NtlmRefusal::Malformed("an NT response of unknown form"));
    }
    Ok(Response::V2 {
        proof: *proof,
        blob: blob.to_vec(),
    })
}

/// Whether the client says that its message carries an integrity code. The
/// proof covers the statement, so it cannot be taken out on the way.
fn announces_mic(blob: &[u8]) -> Result<bool, NtlmRefusal> {
    let flags = find_attribute(&blob[BLOB_HEADER..], attribute::FLAGS)?;
    let flags = flags.and_then(<[u8]>::first_chunk::<4>);
    Ok(flags.is_some_and(|flags| u32::from_le_bytes(*flags) & HAS_MIC != 0))
}

fn check_mic(
    challenge: &Challenge,
    authenticate: &Authenticate,
    key: &[u8; 16],
) -> Result<(), NtlmRefusal> {
    let message = &authenticate.message;
    if authenticate.payload < MIC.end {
        return Err(NtlmRefusal::MissingMic);
    }
    let sent = message.get(MIC).ok_or(NtlmRefusal::MissingMic)?;
    // The code is computed over a message in which its own place is zero.
    response::hmac_md5(
        key,
        &[
            &challenge.type1,
            &challenge.type2,
            &message[..MIC.start],
            &[0; 16],
            &message[MIC.end..],
        ],
    )
    .verify_slice(sent)
    .map_err(|_| NtlmRefusal::WrongMic)
}
