//! The parameters after `Authorization: Digest`, as real clients write them.

use std::fmt;

use super::DigestRefusal;

/// Longer headers are no client's; the bound keeps a parse cheap.
const LONGEST: usize = 8 * 1024;

/// A client's answer to a Digest challenge. Nothing in it is proven yet.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestCredentials {
    /// The user name as the client hashed it (see [`super::super::login_alias`]).
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
    pub cnonce: Option<String>,
    /// The count as spelled, for it is hashed so.
    pub(super) nc_text: String,
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
    /// as well as an escaped one (curl); no `opaque`, no `algorithm`.
    ///
    /// # Errors
    /// [`DigestRefusal::Malformed`] where a needed parameter is missing, given
    /// twice or not readable, or where the algorithm is not MD5 or the quality
    /// of protection is not `auth`.
    pub fn parse(parameters: &str) -> Result<Self, DigestRefusal> {
        use DigestRefusal::Malformed;
        if parameters.len() > LONGEST {
            return Err(Malformed("longer than 8 KiB"));
        }
        let mut found = Found::default();
        let mut rest = parameters;
        while let Some((name, value, after)) = next_parameter(rest)? {
            found.take(name, value)?;
            rest = after;
        }
        if let Some(algorithm) = found.algorithm
            && !algorithm.eq_ignore_ascii_case("MD5")
        {
            return Err(Malformed("algorithm is not MD5"));
        }
        let (qop, nc, cnonce, nc_text) = match found.qop {
            None => (None, None, None, String::new()),
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                let text = found.nc.ok_or(Malformed("qop without nc"))?;
                let cnonce = found.cnonce.ok_or(Malformed("qop without cnonce"))?;
                (Some(qop), Some(count(&text)?), Some(cnonce), text)
            }
            Some(_) => return Err(Malformed("qop is not auth")),
        };
        Ok(Self {
            username: found
                .username
                .filter(|name| !name.is_empty())
                .ok_or(Malformed("no username"))?,
            realm: found.realm.ok_or(Malformed("no realm"))?,
            nonce: found.nonce.ok_or(Malformed("no nonce"))?,
            uri: found.uri.ok_or(Malformed("no uri"))?,
            response: proof(&found.response.ok_or(Malformed("no response"))?)?,
            qop,
            nc,
            cnonce,
            nc_text,
        })
    }
}

#[derive(Default)]
struct Found {
    username: Option<String>,
    realm: Option<String>,
    nonce: Option<String>,
    uri: Option<String>,
    response: Option<String>,
    qop: Option<String>,
    nc: Option<String>,
    cnonce: Option<String>,
    algorithm: Option<String>,
}

impl Found {
    fn take(&mut self, name: &str, value: String) -> Result<(), DigestRefusal> {
        let slot = match name.to_ascii_lowercase().as_str() {
            "username" => &mut self.username,
            "realm" => &mut self.realm,
            "nonce" => &mut self.nonce,
            "uri" => &mut self.uri,
            "response" => &mut self.response,
            "qop" => &mut self.qop,
            "nc" => &mut self.nc,
            "cnonce" => &mut self.cnonce,
            "algorithm" => &mut self.algorithm,
            _ => return Ok(()),
        };
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(DigestRefusal::Malformed("a parameter is given twice")),
        }
    }
}

/// The next `name=value` and what follows it, or none at the end.
fn next_parameter(text: &str) -> Result<Option<(&str, String, &str)>, DigestRefusal> {
    use DigestRefusal::Malformed;
    let text = text.trim_start_matches([',', ' ', '\t']);
    if text.is_empty() {
        return Ok(None);
    }
    let (name, rest) = text
        .split_once('=')
        .ok_or(Malformed("a parameter without a value"))?;
    let rest = rest.trim_start_matches([' ', '\t']);
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].trim_end().to_owned(), &rest[end..])
        }
    };
    let rest = rest.trim_start_matches([' ', '\t']);
    if !(rest.is_empty() || rest.starts_with(',')) {
        return Err(Malformed("no comma between two parameters"));
    }
    Ok(Some((name.trim_end(), value, rest)))
}

/// A quoted string up to its closing quote. A backslash escapes only a quote or
/// another backslash; before anything else it stands for itself, since librvp
/// sends and hashes `DOMAIN\user` bare.
fn unquote(text: &str) -> Result<(String, &str), DigestRefusal> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => {
                let next = text[at + 1..].chars().next();
                if matches!(next, Some('"' | '\\')) {
                    letters.next();
                }
                value.push(next.filter(|next| *next == '"').unwrap_or('\\'));
            }
            other => value.push(other),
        }
    }
    Err(DigestRefusal::Malformed("a quote is not closed"))
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
    fn what_was_never_offered_is_refused() {
        assert_eq!(
            malformed(&LIBRVP.replace("\"MD5\"", "MD5-sess")),
            "algorithm is not MD5"
        );
        assert_eq!(
            malformed(&LIBRVP.replace("qop=\"auth\"", "qop=auth-int")),
            "qop is not auth"
        );
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
        fn no_mutilated_header_makes_the_parser_panic(
            cut in 0..LIBRVP.len(),
            put in "[\"\\\\=, é\\t]{0,4}",
        ) {
            let _ = DigestCredentials::parse(&format!("{}{put}{}", &LIBRVP[..cut], &LIBRVP[cut..]));
        }

        #[test]
        fn any_user_name_survives_quoting(name in "\\PC{1,40}") {
            let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
            let text = LIBRVP.replace("\"alice\"", &format!("\"{escaped}\""));
            prop_assert_eq!(DigestCredentials::parse(&text).unwrap().username, name);
        }
    }
}
