//! What a client answers to a Digest challenge, as real clients write it.

use std::fmt;

use super::DigestRefusal;
use super::parameters::{ext_value, next_parameter, text};

/// Longer headers are no client's; the bound keeps a parse cheap.
const LONGEST: usize = 8 * 1024;

/// A client's answer to a Digest challenge. Nothing in it is proven yet.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestCredentials {
    /// The user name as the client hashed it (see [`super::super::login_alias`]), whichever
    /// character set it came in.
    pub username: String,
    /// The realm the answer is for.
    pub realm: String,
    /// The nonce the answer is for.
    pub nonce: String,
    /// The address the answer is for, as the client spelled it.
    pub uri: String,
    /// The proof.
    pub response: [u8; 16],
    /// `auth` where the client uses a quality of protection (in its own letters), else none.
    pub qop: Option<String>,
    /// How often the client has used this nonce, with `qop` only.
    pub nc: Option<u32>,
    /// The client's own nonce, with `qop` only.
    pub cnonce: Option<Vec<u8>>,
    /// The count as spelled, for it is hashed so.
    pub(super) nc_text: String,
    /// The address in the bytes that were hashed.
    pub(super) uri_bytes: Vec<u8>,
}

/// Leaves out the response: with the rest of the header it lets a password be
/// guessed off line.
impl fmt::Debug for DigestCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestCredentials")
            .field("username", &self.username)
            .field("realm", &self.realm)
            .field("uri", &self.uri)
            .field("nc", &self.nc)
            .finish_non_exhaustive()
    }
}

impl DigestCredentials {
    /// Reads what follows `Digest ` in an `Authorization` header.
    ///
    /// Tolerated, because clients do it: every value quoted, `nc` too (Miranda
    /// IM); `DOMAIN\user` with a single backslash inside the quotes (librvp)
    /// as well as an escaped one (curl); no `opaque`, no `algorithm`; a user name
    /// in UTF-8 or Latin-1, or as `username*` (RFC 7616 3.4).
    ///
    /// # Errors
    /// [`DigestRefusal::Malformed`] where a needed parameter is missing, given
    /// twice or not readable; [`DigestRefusal::Unsupported`] where the algorithm
    /// is not MD5, the quality of protection not `auth`, or the name hashed.
    pub fn parse(parameters: impl AsRef<[u8]>) -> Result<Self, DigestRefusal> {
        use DigestRefusal::{Malformed, Unsupported};
        let parameters = parameters.as_ref();
        if parameters.len() > LONGEST {
            return Err(Malformed("longer than 8 KiB"));
        }
        let mut found = Found::default();
        let mut rest = parameters;
        while let Some((name, value, after)) = next_parameter(rest)? {
            found.take(name, value)?;
            rest = after;
        }
        if let Some(algorithm) = &found.algorithm
            && !algorithm.eq_ignore_ascii_case(b"MD5")
        {
            return Err(Unsupported("algorithm is not MD5"));
        }
        if let Some(hashed) = &found.userhash
            && !hashed.eq_ignore_ascii_case(b"false")
        {
            return Err(Unsupported("the user name is hashed"));
        }
        let username = found.username()?;
        let (qop, nc, cnonce, nc_text) = match found.qop {
            None => (None, None, None, String::new()),
            Some(qop) if qop.eq_ignore_ascii_case(b"auth") => {
                let nc = text(found.nc.ok_or(Malformed("qop without nc"))?);
                let cnonce = found.cnonce.ok_or(Malformed("qop without cnonce"))?;
                (Some(text(qop)), Some(count(&nc)?), Some(cnonce), nc)
            }
            Some(_) => return Err(Unsupported("qop is not auth")),
        };
        let uri_bytes = found.uri.ok_or(Malformed("no uri"))?;
        Ok(Self {
            username,
            realm: text(found.realm.ok_or(Malformed("no realm"))?),
            nonce: text(found.nonce.ok_or(Malformed("no nonce"))?),
            uri: text(uri_bytes.clone()),
            response: proof(&text(found.response.ok_or(Malformed("no response"))?))?,
            qop,
            nc,
            cnonce,
            nc_text,
            uri_bytes,
        })
    }
}

#[derive(Default)]
struct Found {
    username: Option<Vec<u8>>,
    /// `username*`, not yet decoded.
    extended: Option<Vec<u8>>,
    userhash: Option<Vec<u8>>,
    realm: Option<Vec<u8>>,
    nonce: Option<Vec<u8>>,
    uri: Option<Vec<u8>>,
    response: Option<Vec<u8>>,
    qop: Option<Vec<u8>>,
    nc: Option<Vec<u8>>,
    cnonce: Option<Vec<u8>>,
    algorithm: Option<Vec<u8>>,
}

impl Found {
    fn take(&mut self, name: &[u8], value: Vec<u8>) -> Result<(), DigestRefusal> {
        let slot = match name.to_ascii_lowercase().as_slice() {
            b"username" => &mut self.username,
            b"username*" => &mut self.extended,
            b"userhash" => &mut self.userhash,
            b"realm" => &mut self.realm,
            b"nonce" => &mut self.nonce,
            b"uri" => &mut self.uri,
            b"response" => &mut self.response,
            b"qop" => &mut self.qop,
            b"nc" => &mut self.nc,
            b"cnonce" => &mut self.cnonce,
            b"algorithm" => &mut self.algorithm,
            _ => return Ok(()),
        };
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(DigestRefusal::Malformed("a parameter is given twice")),
        }
    }

    /// The name, of which there is one: two could be read as two people.
    fn username(&mut self) -> Result<String, DigestRefusal> {
        use DigestRefusal::Malformed;
        let name = match (self.username.take(), self.extended.take()) {
            (Some(name), None) => text(name),
            (None, Some(extended)) => {
                ext_value(&extended).ok_or(Malformed("username* cannot be decoded"))?
            }
            (Some(_), Some(_)) => return Err(Malformed("both username and username*")),
            (None, None) => return Err(Malformed("no username")),
        };
        Some(name)
            .filter(|name| !name.is_empty())
            .ok_or(Malformed("no username"))
    }
}

/// RFC 2617 wants eight hexadecimal digits; fewer are read too.
fn count(text: &str) -> Result<u32, DigestRefusal> {
    Some(text)
        .filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|text| u32::from_str_radix(text, 16).ok())
        .ok_or(DigestRefusal::Malformed("nc is not a hexadecimal number"))
}

fn proof(text: &str) -> Result<[u8; 16], DigestRefusal> {
    Some(text)
        .filter(|text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|text| u128::from_str_radix(text, 16).ok())
        .map(u128::to_be_bytes)
        .ok_or(DigestRefusal::Malformed(
            "response is not 32 hexadecimal digits",
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIBRVP: &str = r#"username="alice", realm="im.example.com", qop="auth", algorithm="MD5", uri="/instmsg/aliases/alice", nonce="abc", nc=00000001, cnonce="dede527c", response="0123456789abcdef0123456789ABCDEF""#;

    fn malformed(text: &str) -> &'static str {
        match DigestCredentials::parse(text) {
            Err(DigestRefusal::Malformed(reason)) => reason,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn librvp_parameters_are_read() {
        let read = DigestCredentials::parse(LIBRVP).unwrap();
        assert_eq!(read.username, "alice");
        assert_eq!(read.uri, "/instmsg/aliases/alice");
        assert_eq!((read.nc, read.nc_text.as_str()), (Some(1), "00000001"));
        assert_eq!(read.response[..3], [0x01, 0x23, 0x45]);
    }

    #[test]
    fn without_qop_there_is_no_count() {
        let read = DigestCredentials::parse(
            r#"username="alice", realm="r", uri="/", nonce="n", response="0123456789abcdef0123456789abcdef""#,
        )
        .unwrap();
        assert_eq!((read.qop, read.nc, read.cnonce), (None, None, None));
    }

    #[test]
    fn miranda_quotes_the_count_and_all_else() {
        let text = LIBRVP.replace("nc=00000001", r#"nc="00000001""#);
        assert_eq!(DigestCredentials::parse(&text).unwrap().nc, Some(1));
    }

    #[test]
    fn nothing_needs_quotes_and_space_is_free() {
        let text = LIBRVP
            .replace('"', "")
            .replace(", ", " ,\t")
            .replace('=', " = ");
        assert_eq!(
            DigestCredentials::parse(&text),
            DigestCredentials::parse(LIBRVP)
        );
    }

    #[test]
    fn a_single_backslash_in_quotes_is_itself_and_an_escaped_one_the_same() {
        for name in [r"DOM\alice", r"DOM\\alice"] {
            let text = LIBRVP.replace(r#""alice""#, &format!("\"{name}\""));
            assert_eq!(
                DigestCredentials::parse(&text).unwrap().username,
                r"DOM\alice"
            );
        }
        let text = LIBRVP.replace(r#""alice""#, r#""al\"i,ce""#);
        assert_eq!(
            DigestCredentials::parse(&text).unwrap().username,
            r#"al"i,ce"#
        );
    }

    #[test]
    fn what_was_never_offered_is_refused_and_no_guess() {
        for (text, why) in [
            (
                LIBRVP.replace("\"MD5\"", "MD5-sess"),
                "algorithm is not MD5",
            ),
            (LIBRVP.replace("\"MD5\"", "SHA-256"), "algorithm is not MD5"),
            (
                LIBRVP.replace("qop=\"auth\"", "qop=auth-int"),
                "qop is not auth",
            ),
            (
                format!("{LIBRVP}, userhash=true"),
                "the user name is hashed",
            ),
        ] {
            let refusal = DigestCredentials::parse(&text).unwrap_err();
            assert_eq!(refusal, DigestRefusal::Unsupported(why), "{text}");
            assert!(!refusal.is_guess());
        }
        DigestCredentials::parse(format!("{LIBRVP}, userhash=false")).unwrap();
    }

    #[test]
    fn names_come_in_any_character_set() {
        let named = |parameter: &[u8]| {
            let (_, rest) = LIBRVP.split_once(", ").unwrap();
            let header = [parameter, b", ", rest.as_bytes()].concat();
            DigestCredentials::parse(header).map(|it| it.username)
        };
        for parameter in [
            "username=\"müller\"".as_bytes(),
            b"username=\"m\xfcller\"",
            b"username*=UTF-8''m%C3%BCller",
            b"username*=utf-8'de'm%c3%bcller",
            b"username*=\"UTF-8''m%C3%BCller\"",
            b"username*=iso-8859-1''m%FCller",
            b"USERNAME*=UTF-8''%6D%C3%BC%6Cler",
        ] {
            let name = named(parameter);
            let sent = String::from_utf8_lossy(parameter);
            assert_eq!(name.as_deref(), Ok("müller"), "{sent}");
        }
        for (parameter, why) in [
            (
                &b"username*=UTF-8''m%FCller"[..],
                "username* cannot be decoded",
            ),
            (b"username*=koi8-r''m%C3", "username* cannot be decoded"),
            (b"username*=m", "username* cannot be decoded"),
            (b"username*=UTF-8''m%C", "username* cannot be decoded"),
            (b"username*=UTF-8''", "no username"),
            (
                b"username=\"m\", username*=UTF-8''m",
                "both username and username*",
            ),
        ] {
            let refusal = named(parameter).unwrap_err();
            assert_eq!(refusal, DigestRefusal::Malformed(why));
        }
    }

    #[test]
    fn missing_broken_and_doubled_parameters_are_named() {
        assert_eq!(malformed(""), "no username");
        assert_eq!(malformed("username"), "a parameter without a value");
        assert_eq!(malformed("username=\"a"), "a quote is not closed");
        assert_eq!(
            malformed("username=\"a\" realm=\"b\""),
            "no comma between two parameters"
        );
        assert_eq!(
            malformed(&format!("{LIBRVP}, uri=\"/other\"")),
            "a parameter is given twice"
        );
        assert_eq!(
            malformed(&LIBRVP.replace("nc=00000001", "nc=+1")),
            "nc is not a hexadecimal number"
        );
        assert_eq!(
            malformed(&LIBRVP.replace("nc=00000001, ", "")),
            "qop without nc"
        );
        assert_eq!(
            malformed(&LIBRVP.replace("0123456789a", "")),
            "response is not 32 hexadecimal digits"
        );
        assert_eq!(malformed(&"a".repeat(9000)), "longer than 8 KiB");
    }

    #[test]
    fn debug_leaves_the_response_out() {
        let read = DigestCredentials::parse(LIBRVP).unwrap();
        assert!(!format!("{read:?}").contains("response"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = DigestCredentials::parse(&text);
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = DigestCredentials::parse([b"username*=", &*bytes].concat());
            let _ = DigestCredentials::parse(bytes);
        }

        #[test]
        fn no_mutilated_header_makes_the_parser_panic(
            cut in 0..LIBRVP.len(),
            put in "[\"\\\\=, é\\t]{0,4}",
        ) {
            let _ = DigestCredentials::parse(format!("{}{put}{}", &LIBRVP[..cut], &LIBRVP[cut..]));
        }

        #[test]
        fn any_user_name_survives_quoting(name in "\\PC{1,40}") {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            let text = LIBRVP.replace("\"alice\"", &format!("\"{escaped}\""));
            prop_assert_eq!(DigestCredentials::parse(&text).unwrap().username, name);
        }
    }
}
